package dev.holdfast;

import dev.holdfast.internal.util.Checks;
import java.time.Duration;

/**
 * A moment by which work has to be done, on the monotonic clock.
 *
 * <p>{@link Scopes#deadline()} tells nested code the deadline it runs under, so that it can be
 * handed on to what has a time-out of its own:
 *
 * {@snippet class="dev.holdfast.doc.Patterns" region="deadline"}
 *
 * <p>Deadlines are immutable and compare by identity. They mean nothing outside the JVM that made
 * them.
 *
 * @since 0.1
 */
public final class Deadline {

  /**
   * No deadline. Its {@link #remaining()} is 2<sup>31</sup>-1 seconds, so that a cast to {@code
   * int} seconds stays positive.
   */
  public static final Deadline NONE = new Deadline(0, Checks.LONGEST);

  /** When, in {@link System#nanoTime} terms; means nothing in {@link #NONE}. */
  private final long nanos;

  /** The time it had when it was made. */
  private final Duration span;

  private Deadline(long nanos, Duration span) {
    this.nanos = nanos;
    this.span = span;
  }

  /**
   * {@return the deadline that lies {@code d} from now}
   *
   * @param d how long from now, more than zero and at most 2<sup>31</sup>-1 seconds
   * @throws IllegalArgumentException if {@code d} is zero, negative or longer than that
   * @throws NullPointerException if {@code d} is {@code null}
   */
  public static Deadline after(Duration d) {
    return new Deadline(System.nanoTime() + Checks.positive(d, "d").toNanos(), d);
  }

  /** {@return what is left until this deadline, zero when it has passed} */
  public Duration remaining() {
    return this == NONE ? Checks.LONGEST : Duration.ofNanos(Math.max(0, nanos - System.nanoTime()));
  }

  /** {@return whether this deadline has passed} */
  public boolean isExpired() {
    return this != NONE && nanos - System.nanoTime() <= 0;
  }

  /**
   * {@return the earlier of this deadline and another}
   *
   * @param other the other
   * @throws NullPointerException if {@code other} is {@code null}
   */
  public Deadline earliest(Deadline other) {
    if (Checks.given(other, "other") == NONE) {
      return this;
    }
    return this == NONE || other.nanos - nanos < 0 ? other : this;
  }

  public long nanos() {
    return nanos;
  }

  public Duration span() {
    return span;
  }

  @Override
  public String toString() {
    return this == NONE ? "Deadline.NONE" : "Deadline[in " + remaining() + "]";
  }
}
