package dev.holdfast;

import dev.holdfast.internal.scope.ForkTask;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * The handle of a task that was forked in a scope.
 *
 * <p>A fork always completes: with a value, with a failure, or cancelled. Its methods may be called
 * by any thread, also after its scope has ended. What the task did happens-before {@link #join}
 * returns or {@link #isDone} answers {@code true}.
 *
 * @param <T> the type of the value
 * @since 0.1
 */
public final class Fork<T extends @Nullable Object> {

  /**
   * How far a fork has come.
   *
   * @since 0.1
   */
  public enum State {
    /** It has not ended; it may have been asked to. */
    RUNNING,
    /** It returned a value. */
    SUCCESS,
    /** It threw. */
    FAILED,
    /** It was cancelled before it was done, or never started. */
    CANCELLED
  }

  private final ForkTask<T> task;

  ForkTask<T> task() {
    return task;
  }

  Fork(ForkTask<T> task) {
    this.task = task;
  }

  /**
   * Waits for the fork to end and returns its value.
   *
   * <p>If the calling task was cancelled, or its thread is interrupted, this throws without waiting
   * any longer; the fork goes on. It may be called any number of times.
   *
   * @return what the task returned, may be {@code null}
   * @throws ForkFailedException if the task failed; the cause is what it threw
   * @throws CancellationException if the fork was cancelled, or never started
   * @throws IllegalStateException if the fork joins itself, directly or from a scope inside it
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   */
  public T join() throws InterruptedException {
    return task.join();
  }

  /** {@return whether the task has ended} */
  public boolean isDone() {
    return task.isDone();
  }

  /** {@return how far the fork has come} */
  public State state() {
    return switch (task.state()) {
      case RUNNING -> State.RUNNING;
      case SUCCESS -> State.SUCCESS;
      case FAILED -> State.FAILED;
      case CANCELLED -> State.CANCELLED;
    };
  }

  /**
   * Cancels this fork alone: interrupts it, again and again until it ends, with everything started
   * in it. Does not wait; {@link #join} does, and then throws {@link CancellationException}. Of no
   * effect on a fork that is done.
   */
  public void cancel() {
    task.cancel("Fork.cancel was called");
  }

  /** {@return the name it was given, or one made of the scope's name and a number} */
  public String name() {
    return task.name();
  }

  /** {@return the name and the state} */
  @Override
  public String toString() {
    return "Fork[" + name() + ", " + state() + "]";
  }
}
