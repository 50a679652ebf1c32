package dev.holdfast.inspect;

import dev.holdfast.channel.Channel;
import dev.holdfast.internal.util.Checks;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot of a live scope or task, and of everything in it.
 *
 * <p>Taking a snapshot stops no thread. A snapshot contains every scope and task that was alive the
 * whole time, and may contain others that began or ended in the meantime. A snapshot omits tasks
 * that are nested more than two hundred deep.
 *
 * @param kind what it is
 * @param name its name
 * @param state how far it has progressed
 * @param age how long it has been alive; for a thread of {@code fanOut} that has taken another
 *     item, how long that item has run
 * @param cancelled why it was cancelled, or {@code null}
 * @param thread the thread it runs on; {@code null} for a task that has not begun
 * @param waitsFor what the thread waits for, recorded for the innermost scope or task on the thread
 *     only; {@code null} if Holdfast knows of no wait
 * @param forkedAt where a task was forked, if that {@linkplain dev.holdfast.Inspect#recordForkSites
 *     is recorded}
 * @param channels the channels that were opened in a scope and have not ended
 * @param resources the types of the resources that a scope will close at its end, the last
 *     registered first
 * @param timers how many actions and ticks a scope has scheduled
 * @param inside the tasks of a scope, and the scopes opened by a task or a body
 * @param identity the identity of the scope or task: the same object in every snapshot, and in
 *     {@link WaitInfo#objects}
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
   * The kind of thing that a snapshot describes.
   *
   * @since 0.1
   */
  public enum Kind {
    /** A scope, with its body. */
    SCOPE("Scope"),
    /** A fork, or a task of a fan-out. */
    TASK("Task"),
    /** A worker, or a scheduled action that is running. */
    WORKER("Worker"),
    /** A producer or consumer of a channel. */
    PUMP("Task"),
    /** The executor of a scope, with the tasks submitted to it. */
    EXECUTOR("Executor");

    final String word;

    Kind(String word) {
      this.word = word;
    }
  }

  /**
   * The state of a scope or task.
   *
   * @since 0.1
   */
  public enum State {
    /** Its thread has not begun to run it. */
    STARTING,
    /** User code is running or waiting. */
    RUNNING,
    /** The body of the scope has ended; the scope waits for its tasks. */
    ENDING,
    /** The tasks of the scope have ended; the scope closes its resources. */
    CLOSING,
    /** It has ended since the snapshot began. */
    ENDED
  }

  /**
   * Creates a snapshot.
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

  /** {@return a tree with one line for each scope and task} */
  @Override
  public String toString() {
    return SnapshotText.of(this);
  }
}
