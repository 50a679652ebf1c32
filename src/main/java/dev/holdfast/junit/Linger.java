package dev.holdfast.junit;

import java.util.concurrent.locks.LockSupport;

/** Looks again and again until nothing is left or the time is over, ever more seldom. */
final class Linger {

  private static final long FIRST_PAUSE = 1_000;
  private static final long LONGEST_PAUSE = 100_000_000;

  private Linger() {}

  static Found look(Claim claim, Rules rules, boolean virtual) {
    long end = System.nanoTime() + rules.linger().toNanos();
    boolean interrupted = Thread.interrupted(); // it would keep this from pausing
    try {
      long pause = FIRST_PAUSE;
      for (; ; ) {
        long left = end - System.nanoTime();
        Found found = Look.at(claim, rules, virtual);
        if (found.isEmpty() || left <= 0) {
          return found;
        }
        LockSupport.parkNanos(Math.min(pause, left));
        pause = Math.min(2 * pause, LONGEST_PAUSE);
        interrupted |= Thread.interrupted();
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
