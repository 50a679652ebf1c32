package dev.holdfast;

import dev.holdfast.channel.Clause;
import dev.holdfast.internal.background.JoinSignal;
import dev.holdfast.internal.scope.ForkTask;
import dev.holdfast.internal.util.Checks;
import java.lang.ref.Reference;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The handle of a task that was forked in a {@link Scope}.
 *
 * <p>A fork always completes: with a value, with a failure, or by cancellation. Any thread may call
 * the methods of this class, even after the scope has ended. What the task did happens-before
 * {@link #join} returns and {@link #isDone} returns {@code true}.
 *
 * {@snippet class="dev.holdfast.doc.Patterns" region="scope"}
 *
 * @param <T> the type of the value
 * @since 0.1
 */
public final class Fork<T extends @Nullable Object> {

  /**
   * The state of a fork.
   *
   * @since 0.1
   */
  public enum State {
    /** The task has not ended; it may have been cancelled. */
    RUNNING,
    /** The task has returned a value. */
    SUCCESS,
    /** The task has thrown an exception. */
    FAILED,
    /** The task was cancelled before it ended, or was never started. */
    CANCELLED
  }

  private final ForkTask<T> task;

  Fork(ForkTask<T> task) {
    this.task = task;
    task.setHandle(this);
  }

  ForkTask<T> task() {
    return task;
  }

  /**
   * Waits until the task has ended and returns its value. Any number of calls is allowed.
   *
   * <p>If the calling thread is interrupted or its task is cancelled, this method stops waiting;
   * the fork continues.
   *
   * @return the value of the task, may be {@code null}
   * @throws ForkFailedException if the task failed; the cause is the task's exception
   * @throws CancellationException if the fork was cancelled or never started
   * @throws IllegalStateException if the task waits for its own end, even from a scope inside it
   * @throws ScopeClosedException if its scope has passed the value to {@code onDiscarded}
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   */
  public T join() throws InterruptedException {
    try {
      return task.join();
    } finally {
      Reference.reachabilityFence(this); // no thread waits for a fork without a handle
    }
  }

  /**
   * Waits until the task has ended, for at most {@code timeout}, and returns its value. In all
   * other respects this method is like {@link #join()}. The fork continues after the timeout.
   *
   * @param timeout how long to wait, at most 2<sup>31</sup>-1 seconds; zero does not wait
   * @return the value of the task, may be {@code null}
   * @throws ScopeTimeoutException if the task has not ended in that time
   * @throws ForkFailedException if the task failed; the cause is the task's exception
   * @throws CancellationException if the fork was cancelled or never started
   * @throws IllegalArgumentException if {@code timeout} is negative or longer than the longest
   *     timeout
   * @throws IllegalStateException if the task waits for its own end, even from a scope inside it
   * @throws ScopeClosedException if its scope has passed the value to {@code onDiscarded}
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   */
  public T join(Duration timeout) throws InterruptedException {
    try {
      return task.join(timeout);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /**
   * Waits until the task has ended and returns its outcome, instead of throwing its failure. In all
   * other respects this method is like {@link #join()}. A failure that this method returns counts
   * as joined.
   *
   * @return a success, a failure, or unfinished if the fork was cancelled or never started
   * @throws IllegalStateException if the task waits for its own end, even from a scope inside it
   * @throws ScopeClosedException if its scope has passed the value to {@code onDiscarded}
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   */
  public Outcome<Fork<T>, T> outcome() throws InterruptedException {
    task.awaitDone(0);
    return task.outcome(this);
  }

  /**
   * {@return a clause of a {@link dev.holdfast.channel.Select} that is ready when the task has
   * ended} If the fork did not succeed, the select throws what {@link #join()} throws for it.
   *
   * @param <R> the type of the select's value
   * @param then called with the value of the task; its result is the select's value
   */
  public <R extends @Nullable Object> Clause<R> onJoin(Function<? super T, ? extends R> then) {
    Checks.given(then, "then");
    return JoinSignal.of(task).onReceiveOrNull(end -> then.apply(task.result()));
  }

  /** {@return whether the task has ended} */
  public boolean isDone() {
    return task.isDone();
  }

  /** {@return the state of the fork} */
  public State state() {
    return switch (task.state()) {
      case RUNNING -> State.RUNNING;
      case SUCCESS -> State.SUCCESS;
      case FAILED -> State.FAILED;
      case CANCELLED -> State.CANCELLED;
    };
  }

  /**
   * Cancels this fork, but not its scope: Holdfast interrupts the task and everything started in it
   * until they end. This method does not wait; {@link #join} does, and throws {@link
   * CancellationException}. It does nothing if the task has ended.
   */
  public void cancel() {
    task.cancel("Fork.cancel was called");
  }

  /** {@return the name of the task; by default, the scope's name with a number} */
  public String name() {
    return task.name();
  }

  /** {@return the name and the state} */
  @Override
  public String toString() {
    return "Fork[" + name() + ", " + state() + "]";
  }
}
