package dev.holdfast.inspect;

import dev.holdfast.channel.Channel;
import dev.holdfast.internal.util.Checks;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A picture of something that lives, a scope or a task, and of all that lives in it.
 *
 * <p>It was taken without stopping anybody: a task that ended meanwhile may be in it, one that
 * began meanwhile may be missing; what lived all the time is there. Only tasks inside two hundred
 * others are left out.
 *
 * @param kind what it is
 * @param name its name
 * @param state how far it has come
 * @param age for how long it has been alive; that of a thread of {@code fanOut} which went on to
 *     another item is that of the item
 * @param cancelled why it was told to stop, or {@code null}
 * @param thread the thread it runs on; {@code null} for a task that has not begun
 * @param waitsFor what that thread waits for, told of the innermost that runs on it; {@code null}
 *     if it waits for nothing that Holdfast knows of
 * @param forkedAt where a task was forked, if that {@linkplain dev.holdfast.Inspect#recordForkSites
 *     is recorded}
 * @param channels the channels that were opened in a scope and have not ended
 * @param resources the types of what a scope will close at its end, the last taken on first
 * @param timers how many actions and ticks a scope has set for later
 * @param inside the tasks of a scope, and the scopes opened by a task or a body
 * @param identity which one it is: the same object in every picture, and in {@link
 *     WaitInfo#objects}
 * @since 0.1
 */
public record Snapshot(
    Kind kind,
    String name,
    State state,
    Duration age,
    @Nullable String cancelled,
    @Nullable Thread thread,
    @Nullable WaitInfo waitsFor,
    List<StackTraceElement> forkedAt,
    List<Channel<?>> channels,
    List<String> resources,
    int timers,
    List<Snapshot> inside,
    Object identity) {

  /**
   * What it is.
   *
   * @since 0.1
   */
  public enum Kind {
    /** A scope, with its body. */
    SCOPE("Scope"),
    /** A task: a fork, or one of a fan-out. */
    TASK("Task"),
    /** A worker, or an action that a timer has started. */
    WORKER("Worker"),
    /** A task that fills or empties a channel. */
    PUMP("Task"),
    /** The executor of a scope, with the tasks it was handed. */
    EXECUTOR("Executor");

    final String word;

    Kind(String word) {
      this.word = word;
    }
  }

  /**
   * How far it has come.
   *
   * @since 0.1
   */
  public enum State {
    /** Its thread has not come to it. */
    STARTING,
    /** User code runs, or waits. */
    RUNNING,
    /** The body of the scope is over, it waits for its tasks. */
    ENDING,
    /** The tasks of the scope have ended, it closes its resources. */
    CLOSING,
    /** It has ended meanwhile. */
    ENDED
  }

  /**
   * Makes one.
   *
   * @throws NullPointerException if anything but {@code cancelled}, {@code thread} or {@code
   *     waitsFor} is {@code null}
   */
  public Snapshot {
    Checks.given(kind, "kind");
    Checks.given(name, "name");
    Checks.given(state, "state");
    Checks.given(age, "age");
    forkedAt = List.copyOf(forkedAt);
    channels = List.copyOf(channels);
    resources = List.copyOf(resources);
    inside = List.copyOf(inside);
    Checks.given(identity, "identity");
  }

  /** {@return it and all that lives in it, a line each, drawn as a tree} */
  @Override
  public String toString() {
    return SnapshotText.of(this);
  }
}
