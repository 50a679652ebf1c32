package dev.holdfast.inspect;

import dev.holdfast.internal.util.Checks;
import java.time.Duration;
import java.util.List;

/**
 * What a thread waits for.
 *
 * @param operation how it waits
 * @param on what it waits for, in words
 * @param age for how long; zero if that is not known, as with locks of the JDK
 * @param timed whether it gives up after a time
 * @param objects what could wake it, by identity: the channels of {@link Operation#SEND}, {@link
 *     Operation#RECEIVE} and {@link Operation#SELECT}, the {@link Snapshot#identity} of the task or
 *     the scope for the others; empty where Holdfast cannot tell
 * @since 0.1
 */
public record WaitInfo(
    Operation operation, String on, Duration age, boolean timed, List<Object> objects) {

  /**
   * How a thread waits.
   *
   * @since 0.1
   */
  public enum Operation {
    /** To send into a channel. */
    SEND("sends to"),
    /** To receive from a channel. */
    RECEIVE("receives from"),
    /** For the first of several channels. */
    SELECT("selects from"),
    /** For tasks to end. */
    JOIN("joins"),
    /** For any task of its scope to end: for a place under the limit, for the first of a race. */
    LIMIT("waits for"),
    /** For a place in a guard. */
    GUARD("waits for"),
    /** For all that runs in its scope to end: its body is over. */
    END("waits for"),
    /** For somebody outside to hand it work, as an open root does. */
    IDLE("idle:"),
    /** For something that is not Holdfast's, such as a lock. */
    OTHER("waits for");

    final String verb;

    Operation(String verb) {
      this.verb = verb;
    }
  }

  /**
   * Makes one.
   *
   * @throws NullPointerException if anything is {@code null}
   */
  public WaitInfo {
    Checks.given(operation, "operation");
    Checks.given(on, "on");
    Checks.given(age, "age");
    objects = List.copyOf(objects);
  }

  /** {@return the same in words, as "receives from 'lines', for 1.2 s"} */
  @Override
  public String toString() {
    return operation.verb + " " + on + (age.isZero() ? "" : ", for " + SnapshotText.time(age));
  }
}
