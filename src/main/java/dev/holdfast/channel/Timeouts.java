package dev.holdfast.channel;

import java.time.Duration;

/** Durations as nanoseconds that can be added to the clock. */
final class Timeouts {

  /** No limit. */
  static final long NONE = Long.MAX_VALUE;

  /** 146 years: far enough from an overflow. */
  private static final long LONGEST = Long.MAX_VALUE / 2;

  private static final Duration LONGEST_DURATION = Duration.ofNanos(LONGEST);

  private Timeouts() {}

  /** {@return the nanoseconds of a time-out; 0 for one that is negative} */
  static long nanos(Duration timeout) {
    if (timeout.isNegative()) {
      return 0;
    }
    return timeout.compareTo(LONGEST_DURATION) > 0 ? LONGEST : timeout.toNanos();
  }
}
