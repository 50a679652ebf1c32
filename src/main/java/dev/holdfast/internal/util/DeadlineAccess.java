package dev.holdfast.internal.util;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Reads the parts of a {@code Deadline} that only the library may see. {@code Deadline} creates the
 * only instance when it is initialized, so the instance exists before any deadline.
 */
public abstract class DeadlineAccess {

  // Deadlines are of type Object here, because this room lies below that of Deadline.
  private static @Nullable DeadlineAccess access;

  protected DeadlineAccess() {
    access = this;
  }

  /** {@return the value of {@link System#nanoTime} at a deadline; undefined for none} */
  public static long nanos(Object deadline) {
    return access().nanosOf(deadline);
  }

  /** {@return the time from the creation of a deadline to its expiry} */
  public static Duration span(Object deadline) {
    return access().spanOf(deadline);
  }

  private static DeadlineAccess access() {
    DeadlineAccess created = access;
    if (created == null) {
      throw new AssertionError("there is no deadline yet");
    }
    return created;
  }

  protected abstract long nanosOf(Object deadline);

  protected abstract Duration spanOf(Object deadline);
}
