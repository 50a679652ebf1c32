package dev.holdfast.internal.channel;

import java.time.Duration;
import java.util.Objects;

/** Timeouts as nanoseconds that can be added to {@link System#nanoTime}. */
public final class Timeouts {

  /** No timeout. */
  public static final long NONE = Long.MAX_VALUE;

  /** The longest timeout: 146 years. A longer one might overflow when it is added to the time. */
  private static final long LONGEST = Long.MAX_VALUE / 2;

  private static final Duration LONGEST_DURATION = Duration.ofNanos(LONGEST);

  private Timeouts() {}

  /**
   * {@return the nanoseconds of a timeout; 0 if it is negative}
   *
   * @throws NullPointerException if {@code timeout} is {@code null}
   */
  public static long nanos(Duration timeout) {
    if (Objects.requireNonNull(timeout, "timeout").isNegative()) {
      return 0;
    }
    return timeout.compareTo(LONGEST_DURATION) > 0 ? LONGEST : timeout.toNanos();
  }
}
