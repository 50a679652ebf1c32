package dev.holdfast.internal.channel;

import dev.holdfast.internal.clock.SchedulerSettings;

/**
 * Decides how long a thread that has to wait at one end of a queue spins before it parks, based on
 * earlier waits.
 *
 * <p>A park and an unpark take a virtual thread a third of a microsecond on its own carrier, and
 * about one microsecond when another carrier has to wake up for it. While the counterpart runs on
 * another carrier, spinning is faster than that. While the counterpart does not run, spinning
 * wastes the processor and may keep it from running. A library cannot see which of the two is the
 * case, but it can try: one wait in 64 spins. When a try succeeds, all waits spin. When a try
 * fails, the number of waits until the next try doubles, to at most 4096.
 *
 * <p>Threads write the fields without a lock, because a lost update only delays the adaptation.
 */
class SpinPolicy {

  /** Whether there is a single carrier, so that no counterpart runs while a thread spins. */
  private static final boolean SINGLE_CARRIER = SchedulerSettings.carriers() == 1;

  private static final int MAX_NANOS = 4_000;
  private static final int MIN_NANOS = 500;

  private static final int MIN_INTERVAL = 64;
  private static final int MAX_INTERVAL = 4_096;

  /** How long to spin; 0 if spinning did not succeed recently. */
  private short nanos;

  /** The number of waits between two trials while spinning does not succeed. */
  private short interval = MIN_INTERVAL;

  private short untilTrial = MIN_INTERVAL;

  /** {@return for how many nanoseconds to spin now} */
  final int spinNanos() {
    if (nanos > 0 || SINGLE_CARRIER) {
      return nanos;
    }
    if (--untilTrial > 0) {
      return 0;
    }
    untilTrial = interval;
    return MAX_NANOS;
  }

  /** Records whether the operation was done while the thread spun. */
  final void record(boolean success) {
    if (success) {
      if (nanos < MAX_NANOS) { // otherwise no write: others read this cache line
        nanos = MAX_NANOS;
        interval = MIN_INTERVAL;
      }
    } else if (nanos == 0) {
      interval = (short) Math.min(2 * interval, MAX_INTERVAL);
    } else {
      nanos = (short) (nanos / 2 < MIN_NANOS ? 0 : nanos / 2);
    }
  }
}
