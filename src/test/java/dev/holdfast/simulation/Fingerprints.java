package dev.holdfast.simulation;

import java.util.ArrayList;
import java.util.List;

/**
 * Prints what a program that uses most features does under 1000 seeds, as one number for each of
 * two runs, beside four threads that compute. Equal on every JDK:
 *
 * <pre>{@code
 * java -Djdk.virtualThreadScheduler.parallelism=1 -Djdk.virtualThreadScheduler.maxPoolSize=256
 *     -cp target/classes:target/test-classes:... dev.holdfast.simulation.Fingerprints
 * }</pre>
 */
final class Fingerprints {

  private Fingerprints() {}

  /** {@return a number for what the program does under the seeds up to {@code seeds}} */
  static long of(int seeds) {
    long number = 1;
    for (long seed = 0; seed < seeds; seed++) {
      number = number * 31 + Programs.trace(seed).hashCode();
    }
    return number;
  }

  public static void main(String[] args) {
    List<Thread> busy = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      busy.add(
          Thread.ofPlatform()
              .daemon()
              .start(() -> {
                while (!Thread.currentThread().isInterrupted()) {
                  Thread.onSpinWait();
                }
              }));
    }
    for (int run = 0; run < 2; run++) {
      long begun = System.nanoTime();
      System.out.printf(
          "JDK %s: %016x, %d ms%n",
          Runtime.version().feature(), of(1000), (System.nanoTime() - begun) / 1_000_000);
    }
    busy.forEach(Thread::interrupt);
  }
}
