package dev.holdfast;

import dev.holdfast.channel.Clause;
import dev.holdfast.internal.background.WorkerControl;
import dev.holdfast.internal.background.WorkerTask;
import dev.holdfast.internal.background.Workers;
import dev.holdfast.internal.scope.ScopeImpl;
import dev.holdfast.internal.util.Checks;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The handle of a task that runs alongside the forks of a scope and that the scope stops when the
 * forks have ended.
 *
 * <p>{@link Scope#worker} starts a worker; {@link Scope#every} starts one that runs an action at a
 * fixed rate, and {@link Scope#after} one that runs an action later:
 *
 * {@snippet class="dev.holdfast.doc.WorkerPatterns" region="worker"}
 *
 * <h2>How a worker is stopped</h2>
 *
 * <p>When the body and the forks of the scope have ended, the scope asks the worker to stop; {@link
 * #stop} does the same at any time. After the scope's {@linkplain ScopeSpec#grace grace}, zero by
 * default, Holdfast cancels the worker, that is, interrupts it until it ends. The scope asks all
 * its workers at the same time, so their grace periods do not add up. In a scope whose channels all
 * have producers, workers and timers run until these channels have drained. A cancelled scope
 * cancels its workers at once.
 *
 * <p>A worker sees the request to stop in one of three ways: {@link #stopping} returns {@code
 * true}; {@link #awaitStop} returns; or, if its code has called neither method after the request, a
 * wait ends. This wait is the one that the worker's thread is in, or the next one it enters: a
 * receive, a select, a join, a pause, or a wait for a limit or a guard. The wait throws {@link
 * InterruptedException} and has no other effect. The request does not end a send, a fan-out, the
 * end of a scope, or a wait inside a {@linkplain Scopes#shield shield}. From then on the worker may
 * wait again, to finish its work within the grace. A worker that ends with that exception has ended
 * normally.
 *
 * {@snippet class="dev.holdfast.doc.WorkerPatterns" region="await-stop"}
 *
 * <p>To stop code that does not wait in Holdfast, such as the accept loop of a server, use {@link
 * #onStop}.
 *
 * <p>The failure of a worker fails its scope, unless a {@link Restart} restarts the worker.
 *
 * <p>Any thread may call the methods of this class, even after the scope has ended.
 *
 * @param <V> the type of the value it publishes when it is ready
 * @since 0.1
 */
public final class Worker<V extends @Nullable Object> {

  private static final Duration READY_WITHIN = Duration.ofMinutes(1);

  private final WorkerControl control;

  Worker(WorkerControl control) {
    this.control = control;
  }

  /** Starts a worker in a scope. Owner only. */
  static <V extends @Nullable Object> Worker<V> start(
      ScopeImpl scope, @Nullable String name, Restart restart, WorkerTask.Work work) {
    Checks.given(restart, "restart");
    return new Worker<>(Workers.start(scope, name, restart.policy(), work));
  }

  /** {@return work that gets the handle of its worker} */
  static <V extends @Nullable Object> WorkerTask.Work work(WorkerBody<V> body) {
    Checks.given(body, "body");
    return WorkerTask.readying(task -> body.run(new Worker<>(task)));
  }

  /**
   * Asks the worker to stop, and cancels it when the scope's grace has passed. The worker is not
   * restarted. This method does not wait; {@link #join} does. It does nothing if the worker has
   * ended.
   */
  public void stop() {
    control.stop("Worker.stop was called");
  }

  /**
   * Cancels the worker at once: Holdfast interrupts the worker and everything started in it until
   * they end. This method does not wait; {@link #join} does. It does nothing if the worker has
   * ended.
   */
  public void cancel() {
    control.cancel("Worker.cancel was called");
  }

  /**
   * Waits until the worker has ended and will not be restarted. What the worker did happens-before
   * this method returns.
   *
   * @throws ForkFailedException if the worker has failed; the cause is the worker's exception
   * @throws IllegalStateException if the worker calls this itself
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled; the
   *     worker continues
   */
  public void join() throws InterruptedException {
    control.awaitEnd();
  }

  /**
   * {@return a clause of a {@link dev.holdfast.channel.Select} that is ready when the worker has
   * ended and will not be restarted} If the worker has failed, the select throws what {@link #join}
   * throws for it.
   *
   * @param <R> the type of the select's value
   * @param then called when the worker has ended; its result is the select's value
   */
  public <R extends @Nullable Object> Clause<R> onJoin(Supplier<? extends R> then) {
    Checks.given(then, "then");
    return control
        .ended()
        .onReceiveOrNull(end -> {
          control.throwFailure();
          return then.get();
        });
  }

  /** {@return whether the worker has ended and will not be restarted} */
  public boolean isDone() {
    return control.isDone();
  }

  /**
   * {@return whether the worker was asked to stop or was cancelled; a loop in a worker ends when
   * this is {@code true}}
   */
  public boolean stopping() {
    return control.stopping();
  }

  /**
   * Waits until the worker is asked to stop.
   *
   * <p>In the worker's own code this returns once the worker has been asked to stop, immediately if
   * that has already happened. If the grace of the worker has passed too, the interrupt flag is
   * set. Other threads may call this as well. For other threads, this method also returns when the
   * worker is cancelled or has ended.
   *
   * @throws InterruptedException if the worker's own code calls this and the worker is cancelled
   *     without having been asked to stop, as in a cancelled scope; or if the calling thread is
   *     interrupted or its task is cancelled
   */
  public void awaitStop() throws InterruptedException {
    control.awaitStop(0);
  }

  /**
   * Waits until the worker is asked to stop, for at most {@code timeout}. In all other respects
   * this method is like {@link #awaitStop()}. Use it as the pause in a loop with a fixed delay,
   * whose first run starts at once:
   *
   * {@snippet class="dev.holdfast.doc.WorkerPatterns" region="fixed-delay"}
   *
   * @param timeout how long to wait, at most 2<sup>31</sup>-1 seconds; zero does not wait
   * @return whether the worker was asked to stop, or, for another thread, was cancelled or has
   *     ended
   * @throws IllegalArgumentException if {@code timeout} is negative or longer than the longest
   *     timeout
   * @throws InterruptedException if the worker's own code calls this and the worker is cancelled
   *     without having been asked to stop, as in a cancelled scope; or if the calling thread is
   *     interrupted or its task is cancelled
   */
  public boolean awaitStop(Duration timeout) throws InterruptedException {
    return control.awaitStop(Math.max(1, Checks.notNegative(timeout, "timeout").toNanos()));
  }

  /**
   * Registers an action that runs once, when the worker is asked to stop or is cancelled, whichever
   * comes first. Use it for code that an interrupt does not stop.
   *
   * {@snippet class="dev.holdfast.doc.WorkerPatterns" region="on-stop"}
   *
   * <p>The action runs on a thread of its own, with the context class loader and the registered
   * thread-locals of the thread that registered it, and without its scoped values. The action
   * delays neither other workers nor deadlines. The worker does not end before the action ends; its
   * grace keeps running in the meantime. Without a grace, Holdfast sends the worker its first
   * interrupt when the action has ended, or after half a second. The scope throws the action's
   * exception at its end, like that of an action given to {@link Scope#onCancel}.
   *
   * <p>If the worker has already been asked to stop or cancelled, the action runs at once, and this
   * method returns when the action has ended. If the worker has ended, the action does not run. A
   * {@link Restart} drops the actions of the run that has ended.
   *
   * @param action the code to run
   * @throws ScopeCancelledException if the worker's own code calls this and the worker is
   *     cancelled; the action has run
   * @throws IllegalStateException if this is the handle of {@link Scope#after}
   */
  public void onStop(Action action) {
    control.onStop(Checks.given(action, "action"));
  }

  /**
   * Publishes that the worker is ready, with a value, such as the port it listens on. A later call
   * replaces the value. A restarted worker is not ready until it calls this method again.
   *
   * {@snippet class="dev.holdfast.doc.WorkerPatterns" region="ready"}
   *
   * @param value the result of {@link #awaitReady}, may be {@code null}; actions before this call
   *     happen-before {@code awaitReady} returns it
   * @throws IllegalStateException if the code of the worker is not a {@link WorkerBody}
   */
  public void ready(V value) {
    control.ready(value);
  }

  /**
   * Waits until the worker has called {@link #ready}, for at most a minute and not past the
   * deadline of the caller's scope.
   *
   * @return the value given to {@code ready}
   * @throws ForkFailedException if the worker has failed; the cause is the worker's exception
   * @throws CancellationException if the worker has ended, or was stopped or cancelled
   * @throws ScopeException if the worker is not ready after a minute; the message shows its stack
   * @throws IllegalStateException if the worker calls this itself, or its code is not a {@link
   *     WorkerBody}
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   */
  @SuppressWarnings({"unchecked", "NullAway"}) // only ready(V) sets it
  public V awaitReady() throws InterruptedException {
    return (V) control.awaitReady(READY_WITHIN.toNanos());
  }

  /** {@return how often the worker has started, and how often it has ticked} */
  public WorkerStats stats() {
    return control.stats();
  }

  /** {@return the name of the worker; by default, the scope's name with a number} */
  public String name() {
    return control.name();
  }

  /** {@return the name and the state} */
  @Override
  public String toString() {
    String state = isDone() ? "ended" : stopping() ? "stopping" : "running";
    return "Worker[" + name() + ", " + state + "]";
  }
}
