package dev.holdfast.leak;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;

/** Runs many copies of a structure at once, each in its own scopes. */
final class Copies {

  /** The number of copies. */
  static final int NUMBER = 200;

  private static final long LIMIT_NANOS = 60_000_000_000L;

  /** One copy; asserts how it ends. */
  interface Copy {
    void play(Trace trace) throws Exception;
  }

  private Copies() {}

  static void play(Copy copy) throws InterruptedException {
    play(NUMBER, copy);
  }

  /** Fails if a copy fails, hangs, or leaves a thread or an interrupt behind. */
  static void play(int number, Copy copy) throws InterruptedException {
    long seed = Jitter.newSeed();
    var gate = new CountDownLatch(1);
    Queue<Throwable> failed = new ConcurrentLinkedQueue<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < number; i++) {
      var trace = new Trace(i, seed + i);
      threads.add(
          Thread.ofVirtual()
              .name("copy-" + i)
              .start(() -> {
                try {
                  gate.await();
                  trace.jitter();
                  copy.play(trace);
                  trace.assertAllEnded();
                  assertFalse(Thread.interrupted(), "an interrupt escaped");
                } catch (Throwable t) {
                  failed.add(t);
                }
              }));
    }
    long begun = System.nanoTime();
    gate.countDown();
    for (Thread thread : threads) {
      long left = LIMIT_NANOS - (System.nanoTime() - begun);
      if (!thread.join(Duration.ofNanos(Math.max(1, left)))) {
        var hangs = new AssertionError(thread.getName() + " hangs");
        hangs.setStackTrace(thread.getStackTrace());
        failed.add(hangs);
        thread.interrupt();
      }
    }
    if (!failed.isEmpty()) {
      String text = failed.size() + " of " + number + " copies failed; -Dholdfast.seed=" + seed;
      throw new AssertionError(text, failed.peek());
    }
  }
}
