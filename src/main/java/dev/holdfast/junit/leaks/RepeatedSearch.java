package dev.holdfast.junit.leaks;

import dev.holdfast.junit.threads.Ownership;
import java.util.concurrent.locks.LockSupport;

/** Repeats a search, with growing pauses, until it finds no leak or the time has elapsed. */
public final class RepeatedSearch {

  private static final long FIRST_PAUSE_NANOS = 1_000;
  private static final long WAKE_UP_NANOS = 2_000_000;
  private static final long MAX_PAUSE_NANOS = 100_000_000;

  private RepeatedSearch() {}

  /**
   * Searches for leaks, for as long as the rules allow.
   *
   * @param ownership the threads to search among
   * @param rules what to ignore
   * @param virtual whether to search among virtual threads, which takes milliseconds
   * @return what the last search has found
   */
  public static Leaks run(Ownership ownership, LeakRules rules, boolean virtual) {
    long left = rules.linger().toNanos();
    boolean interrupted = Thread.interrupted(); // otherwise the thread could not pause
    try {
      long pause = FIRST_PAUSE_NANOS;
      for (; ; ) {
        long begun = System.nanoTime();
        boolean last = left <= 0;
        Leaks leaks = LeakSearch.run(ownership, rules, virtual);
        if (leaks.isEmpty() && ownership.mayWakeWorkers() && pause <= WAKE_UP_NANOS) {
          pause = WAKE_UP_NANOS; // a worker that was idle may not have taken its task yet
        } else if (leaks.isEmpty() || last) {
          return leaks;
        }
        long asked = Math.min(pause, Math.max(left, WAKE_UP_NANOS));
        LockSupport.parkNanos(asked);
        // A machine that stalls gives the leaks no time to end either.
        left -= Math.min(System.nanoTime() - begun, asked + MAX_PAUSE_NANOS);
        pause = Math.min(2 * pause, MAX_PAUSE_NANOS);
        interrupted |= Thread.interrupted();
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
