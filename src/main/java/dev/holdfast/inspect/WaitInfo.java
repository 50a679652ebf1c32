package dev.holdfast.inspect;

import dev.holdfast.internal.util.Checks;
import java.time.Duration;
import java.util.List;

/**
 * A description of what a thread waits for.
 *
 * @param operation the operation in which it waits
 * @param on what it waits for, in words
 * @param age how long it has been waiting; zero if that is not known, as for locks of the JDK
 * @param timed whether the wait has a timeout
 * @param objects what could wake it, by identity: the channels of {@link Operation#SEND}, {@link
 *     Operation#RECEIVE} and {@link Operation#SELECT}, and the {@link Snapshot#identity} of the
 *     task or scope for other operations; empty if it is not known
 * @since 0.1
 */
public record WaitInfo(
    Operation operation, String on, Duration age, boolean timed, List<Object> objects) {

  /**
   * The operation in which a thread waits.
   *
   * @since 0.1
   */
  public enum Operation {
    /** Sending to a channel. */
    SEND("sends to"),
    /** Receiving from a channel. */
    RECEIVE("receives from"),
    /** Selecting from several channels. */
    SELECT("selects from"),
    /** Joining tasks. */
    JOIN("joins"),
    /** Waiting for any task of the scope to end: for a place under a limit, or for a winner. */
    LIMIT("waits for"),
    /** Waiting to be admitted by a guard. */
    GUARD("waits for"),
    /** Waiting for all tasks of the scope to end, after its body has ended. */
    END("waits for"),
    /** Waiting for work from outside, as an open root scope does. */
    IDLE("idle:"),
    /** Waiting for something outside Holdfast, such as a lock. */
    OTHER("waits for");

    final String verb;

    Operation(String verb) {
      this.verb = verb;
    }
  }

  /**
   * Creates a description of a wait.
   *
   * @throws NullPointerException if anything is {@code null}
   */
  public WaitInfo {
    Checks.given(operation, "operation");
    Checks.given(on, "on");
    Checks.given(age, "age");
    objects = List.copyOf(objects);
  }

  /** {@return the wait in words, such as "receives from 'lines', for 1.2 s"} */
  @Override
  public String toString() {
    return operation.verb + " " + on + (age.isZero() ? "" : ", for " + SnapshotText.time(age));
  }
}
