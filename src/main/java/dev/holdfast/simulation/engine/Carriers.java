package dev.holdfast.simulation.engine;

import dev.holdfast.internal.clock.Simulator;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Checks that all virtual threads of this JVM share one carrier. */
public final class Carriers {

  private static final String PROPERTY = "jdk.virtualThreadScheduler.parallelism";

  private static final String HOW =
      " Start the JVM with -D"
          + PROPERTY
          + "=1 -Djdk.virtualThreadScheduler.maxPoolSize=256 (Surefire: argLine, in an execution of"
          + " its own), or let JUnit run the test: its launcher sets them before the first test.";

  private static final long TRIAL_NANOS = 50_000_000;

  private static volatile boolean checked;

  private Carriers() {}

  /** Throws if a simulation would not be deterministic. */
  public static void requireOne() {
    if (checked) {
      return;
    }
    if (!Simulator.POSSIBLE) {
      String now = System.getProperty(PROPERTY);
      throw new IllegalStateException(
          (now == null
                  ? "A simulation needs one carrier for all virtual threads."
                  : now.equals("1")
                      ? "The carrier count was set to 1 after Holdfast was used; it is read once."
                      : "A simulation needs one carrier, but " + PROPERTY + " is " + now + ".")
              + HOW);
    }
    if (isMany()) {
      throw new IllegalStateException(
          "The carrier count was set to 1 after the first virtual thread had started; it is read"
              + " once."
              + HOW);
    }
    checked = true;
  }

  /** {@return whether two virtual threads can run at the same moment} */
  private static boolean isMany() {
    int threads = 2 + Runtime.getRuntime().availableProcessors();
    var running = new AtomicInteger();
    var most = new AtomicInteger();
    var ended = new CountDownLatch(threads);
    long end = System.nanoTime() + TRIAL_NANOS;
    for (int i = 0; i < threads; i++) {
      Thread.ofVirtual()
          .start(() -> {
            int now = running.incrementAndGet();
            while (now < 2 && System.nanoTime() - end < 0) {
              now = running.get();
              Thread.onSpinWait();
            }
            most.accumulateAndGet(now, Math::max);
            running.decrementAndGet();
            ended.countDown();
          });
    }
    boolean interrupted = false;
    for (; ; ) {
      try {
        ended.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return most.get() > 1;
  }
}
