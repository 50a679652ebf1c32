package dev.holdfast.testing;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** Virtual threads on every carrier that yield in a loop. */
public final class YieldingThreads {

  private static final int TURNS = 100_000;

  private YieldingThreads() {}

  /**
   * Asserts that a virtual thread continues beside such threads once its wait is over.
   *
   * @param wait what the virtual thread does
   * @param release ends the wait; called when it has lasted for a while
   */
  public static void assertContinues(Runnable wait, Runnable release) {
    var ended = new AtomicBoolean();
    var turns = new AtomicInteger();
    Runnable yields =
        () -> {
          while (!ended.get()) {
            turns.incrementAndGet();
            Thread.yield();
          }
        };
    var started = new CompletableFuture<List<Thread>>();
    Thread waits =
        Thread.startVirtualThread(() -> {
          started.complete(
              Stream.generate(() -> Thread.startVirtualThread(yields))
                  .limit(2L * HeldCarriers.all())
                  .toList());
          wait.run();
        });
    List<Thread> spinners = started.join();
    try {
      Poll.until(() -> turns.get() > TURNS); // so it has waited for longer than it spins
      release.run();
      Poll.until(() -> !waits.isAlive());
    } finally {
      ended.set(true);
      spinners.forEach(spinner -> Poll.until(() -> !spinner.isAlive()));
    }
  }
}
