package dev.holdfast;

import dev.holdfast.internal.clock.Clock;
import dev.holdfast.internal.util.Checks;
import dev.holdfast.internal.util.DeadlineAccess;
import java.time.Duration;

/**
 * A moment by which work must be finished, measured with {@link System#nanoTime}.
 *
 * <p>{@link Scopes#deadline()} returns the deadline that the calling code runs under. Pass it on to
 * code that has a timeout of its own:
 *
 * {@snippet class="dev.holdfast.doc.Patterns" region="deadline"}
 *
 * <p>Deadlines are immutable and are compared by identity. A deadline has no meaning in another
 * JVM.
 *
 * @since 0.1
 */
public final class Deadline {

  /**
   * No deadline. Its {@link #remaining()} is 2<sup>31</sup>-1 seconds, so that a cast to {@code
   * int} seconds stays positive.
   */
  public static final Deadline NONE = new Deadline(0, Checks.LONGEST);

  static {
    new DeadlineAccess() {
      @Override
      protected long nanosOf(Object deadline) {
        return ((Deadline) deadline).nanos;
      }

      @Override
      protected Duration spanOf(Object deadline) {
        return ((Deadline) deadline).span;
      }
    };
  }

  /** A value of {@link System#nanoTime}; undefined for {@link #NONE}. */
  private final long nanos;

  /** The time from the creation of this deadline to its expiry. */
  private final Duration span;

  private Deadline(long nanos, Duration span) {
    this.nanos = nanos;
    this.span = span;
  }

  /**
   * {@return a deadline that passes after the given time, counted from now}
   *
   * @param d the time from now, more than zero, at most 2<sup>31</sup>-1 seconds
   * @throws IllegalArgumentException if {@code d} is zero, negative or longer than the longest
   *     timeout
   * @throws NullPointerException if {@code d} is {@code null}
   */
  public static Deadline after(Duration d) {
    return new Deadline(Clock.nanoTime() + Checks.positive(d, "d").toNanos(), d);
  }

  /** {@return the time left until this deadline, zero if it has passed} */
  public Duration remaining() {
    return this == NONE ? Checks.LONGEST : Duration.ofNanos(Math.max(0, nanos - Clock.nanoTime()));
  }

  /** {@return whether this deadline has passed} */
  public boolean isExpired() {
    return this != NONE && nanos - Clock.nanoTime() <= 0;
  }

  /**
   * {@return the earlier of this deadline and another}
   *
   * @param other the other deadline
   */
  public Deadline earliest(Deadline other) {
    if (Checks.given(other, "other") == NONE) {
      return this;
    }
    return this == NONE || other.nanos - nanos < 0 ? other : this;
  }

  /** {@return the time left} */
  @Override
  public String toString() {
    return this == NONE ? "Deadline.NONE" : "Deadline[in " + remaining() + "]";
  }
}
