package dev.holdfast;

import dev.holdfast.internal.background.WorkerControl;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * The handle of something that runs beside the forks of a scope and is stopped when they are done.
 *
 * <p>{@link Scope#worker}, {@link Scope#every} and {@link Scope#after} give one. Its scope does not
 * wait for a worker to end by itself: when body and forks are done, the workers are stopped one
 * after the other, the last started first. To stop one is to ask it ({@link #stopping} turns true),
 * to wait for the scope's {@linkplain ScopeSpec#grace grace}, which is zero if not set, and then to
 * cancel it, which interrupts it until it ends. A scope that is cancelled cancels its workers at
 * once.
 *
 * <p>A worker that fails fails its scope, unless its {@link Restart} has it started again.
 *
 * <p>All methods may be called by any thread, also after the scope has ended.
 *
 * @param <V> the type of what it publishes when it is ready
 * @since 0.1
 */
public final class Worker<V extends @Nullable Object> {

  /** A worker that is not ready by then never will be. */
  private static final Duration MOST_PATIENCE = Duration.ofMinutes(1);

  private final WorkerControl post;

  Worker(WorkerControl post) {
    this.post = post;
  }

  /**
   * Stops the worker: asks it to, and cancels it when the scope's grace has passed. Does not wait;
   * {@link #join} does. A worker that was asked is not started again. Of no effect on one that has
   * ended.
   */
  public void stop() {
    post.stop("Worker.stop was called");
  }

  /**
   * Cancels the worker: interrupts it, again and again until it ends, with everything started in
   * it. Does not wait. Of no effect on one that has ended.
   */
  public void cancel() {
    post.cancel("Worker.cancel was called");
  }

  /**
   * Waits for the worker to end.
   *
   * @throws ForkFailedException if it has failed; the cause is what it threw
   * @throws IllegalStateException if the worker joins itself
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled; the
   *     worker goes on
   */
  public void join() throws InterruptedException {
    post.awaitEnd();
  }

  /** {@return whether it has ended and will not be started again} */
  public boolean isDone() {
    return post.isDone();
  }

  /** {@return whether it was asked to stop, or cancelled; a loop ends when this is true} */
  public boolean stopping() {
    return post.stopping();
  }

  /**
   * Publishes that the worker is ready, and something with it, as the port it listens at. The
   * latest value counts; one that is started again has to publish again.
   *
   * @param value for those who {@linkplain #awaitReady wait}; what was done before happens-before
   *     they get it
   * @throws IllegalStateException if it is not a {@link WorkerBody}'s
   */
  public void ready(V value) {
    post.ready(value);
  }

  /**
   * Waits until the worker has said that it is {@linkplain #ready ready}: for a minute, or less
   * under a {@linkplain ScopeSpec#timeout time-out}.
   *
   * @return what it published
   * @throws ForkFailedException if it failed before; the cause is what it threw
   * @throws CancellationException if it ended, or was stopped or cancelled, before
   * @throws ScopeException if it is not ready after a minute; the message says where it is
   * @throws IllegalStateException if the worker waits for itself, or cannot become ready because
   *     its code is not a {@link WorkerBody}
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   */
  @SuppressWarnings({"unchecked", "NullAway"}) // only ready(V) puts it there
  public V awaitReady() throws InterruptedException {
    return (V) post.awaitReady(MOST_PATIENCE.toNanos());
  }

  /** {@return what it has done so far} */
  public WorkerStats stats() {
    return post.stats();
  }

  /** {@return the name it was given, or one made of the scope's name} */
  public String name() {
    return post.name();
  }

  /** {@return the name and the state} */
  @Override
  public String toString() {
    return "Worker["
        + name()
        + (isDone() ? ", ended" : stopping() ? ", stopping" : ", running")
        + "]";
  }
}
