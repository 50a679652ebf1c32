package dev.holdfast;

import dev.holdfast.channel.Channel;
import dev.holdfast.channel.ChannelSpec;
import dev.holdfast.channel.Handler;
import dev.holdfast.channel.Producer;
import dev.holdfast.channel.Receiver;
import dev.holdfast.internal.background.FixedRate;
import dev.holdfast.internal.background.ScopeChannels;
import dev.holdfast.internal.background.WorkerTask;
import dev.holdfast.internal.background.Workers;
import dev.holdfast.internal.scope.CloseActions;
import dev.holdfast.internal.scope.ForkTask;
import dev.holdfast.internal.scope.ScopeImpl;
import dev.holdfast.internal.scope.Snapshots;
import dev.holdfast.internal.util.Checks;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import kotlin.internal.LowPriorityInOverloadResolution;
import org.jspecify.annotations.Nullable;

/**
 * A block of code that ends only when everything started in it has ended.
 *
 * <p>{@link Scopes#call} passes a scope to its body, which forks tasks, each on a virtual thread of
 * its own:
 *
 * {@snippet class="dev.holdfast.doc.Patterns" region="scope"}
 *
 * <p>The {@linkplain dev.holdfast package description} states which threads may call which methods,
 * what all methods throw, how a scope ends, what its call throws, and the memory effects.
 *
 * @since 0.1
 */
public final class Scope {

  final ScopeImpl impl;

  Scope(ScopeImpl impl) {
    this.impl = impl;
  }

  /**
   * {@return the handle of a new task, which runs on a thread of its own} Only the owner may call
   * this method. The scope waits for the task before it ends.
   *
   * <p>Under a {@linkplain ScopeSpec#limit limit} this method waits until fewer forks run. If the
   * thread is interrupted while it waits, the scope is cancelled.
   *
   * @param <T> the type of the task's value
   * @param task the code to run
   */
  public <T extends @Nullable Object> Fork<T> fork(Callable<? extends T> task) {
    return new Fork<>(ForkTask.start(impl, null, task));
  }

  /**
   * {@return a new task with a name; see {@link #fork(Callable)}}
   *
   * @param <T> the type of the task's value
   * @param name the name of the task and its thread
   * @param task the code to run
   */
  public <T extends @Nullable Object> Fork<T> fork(String name, Callable<? extends T> task) {
    return new Fork<>(ForkTask.start(impl, Checks.name(name), task));
  }

  /**
   * {@return a new task; see {@link #fork(Callable)}}
   *
   * @param <T> the type of the task's value
   * @param task the code to run
   */
  @LowPriorityInOverloadResolution // or Kotlin takes `fork { one() }` for a fork without a value
  public <T extends @Nullable Object> Fork<T> fork(Task<? extends T, ?> task) {
    return new Fork<>(ForkTask.start(impl, null, task));
  }

  /**
   * {@return a new task with a name; see {@link #fork(Callable)}}
   *
   * @param <T> the type of the task's value
   * @param name the name of the task and its thread
   * @param task the code to run
   */
  @LowPriorityInOverloadResolution
  public <T extends @Nullable Object> Fork<T> fork(String name, Task<? extends T, ?> task) {
    return new Fork<>(ForkTask.start(impl, Checks.name(name), task));
  }

  /**
   * {@return a new task without a value; see {@link #fork(Callable)}}
   *
   * @param action the code to run
   */
  @LowPriorityInOverloadResolution
  public Fork<@Nullable Void> fork(Action action) {
    return new Fork<>(ForkTask.start(impl, null, ForkTask.calling(action)));
  }

  /**
   * {@return a new task with a name and without a value; see {@link #fork(Callable)}}
   *
   * @param name the name of the task and its thread
   * @param action the code to run
   */
  @LowPriorityInOverloadResolution
  public Fork<@Nullable Void> fork(String name, Action action) {
    return new Fork<>(ForkTask.start(impl, Checks.name(name), ForkTask.calling(action)));
  }

  /**
   * Waits until the tasks forked so far have ended. Only the owner may call this method.
   *
   * @throws InterruptedException if the scope is cancelled, for example because a task has failed,
   *     or the owner is interrupted
   */
  public void join() throws InterruptedException {
    impl.join();
  }

  /**
   * {@return a new channel, which ends with the scope; any thread may use it}
   *
   * <p>Open the channels of a pipeline from its first stage to its last, and do not fork a task
   * that receives until its channel is closed: use {@link #consume}. Elements that are left when
   * every task has ended go to {@link ChannelSpec#onUndelivered}.
   *
   * @param <T> the type of the elements
   * @param capacity the number of elements it holds; with 0 each send waits for its receiver
   */
  public <T> Channel<T> channel(int capacity) {
    return channel(ChannelSpec.of(capacity));
  }

  /**
   * {@return a new channel with the settings of a spec; see {@link #channel(int)}}
   *
   * @param <T> the type of the elements
   * @param spec the settings
   */
  public <T> Channel<T> channel(ChannelSpec<T> spec) {
    return ScopeChannels.open(impl, Checks.given(spec, "spec"));
  }

  /**
   * {@return the receiving end of a new channel, whose elements a new task sends} The channel is
   * closed when the task returns, and fails when it throws; a failure also fails the scope.
   *
   * <p>The scope waits for the task after its forks; {@link #join} does not wait for it. When all
   * other tasks have ended, the scope closes the channel, and the next send ends the task normally.
   *
   * @param <T> the type of the elements
   * @param capacity the number of elements the channel holds
   * @param body sends the elements
   */
  public <T> Receiver<T> produce(int capacity, Producer<T> body) {
    return produce(ChannelSpec.of(capacity), body);
  }

  /**
   * {@return the receiving end of a new channel with the settings of a spec; see {@link
   * #produce(int, Producer)}} The task has the name of the channel.
   *
   * @param <T> the type of the elements
   * @param spec the settings of the channel
   * @param body sends the elements
   */
  public <T> Receiver<T> produce(ChannelSpec<T> spec, Producer<T> body) {
    return ScopeChannels.produce(impl, Checks.given(spec, "spec"), Checks.given(body, "body"));
  }

  /**
   * Starts tasks that handle the elements of a channel until it is closed and empty.
   *
   * <p>As with {@link #produce(int, Producer) producers}, the scope waits for the tasks after its
   * forks. A failed handler fails the scope. In an {@linkplain ScopeSpec#isolated isolated} scope
   * the task reports the failure and handles the next element.
   *
   * @param <T> the type of the elements
   * @param from the channel
   * @param parallelism the number of tasks, at least 1
   * @param handler handles one element
   */
  public <T> void consume(
      Receiver<? extends T> from, int parallelism, Handler<? super T, ?> handler) {
    consume(name() + "/consumer", from, parallelism, handler);
  }

  /**
   * Starts tasks with a name. In all other respects this method is like {@link #consume(Receiver,
   * int, Handler)}.
   *
   * @param <T> the type of the elements
   * @param name the name of the tasks and their threads, to which a number is added
   * @param from the channel
   * @param parallelism the number of tasks, at least 1
   * @param handler handles one element
   */
  public <T> void consume(
      String name, Receiver<? extends T> from, int parallelism, Handler<? super T, ?> handler) {
    ScopeChannels.consume(impl, Checks.name(name), from, parallelism, handler, null);
  }

  /**
   * Starts tasks that pass each element that they fail to handle to a second handler. In all other
   * respects this method is like {@link #consume(Receiver, int, Handler)}. The scope does not fail,
   * and the task handles the next element. An {@link Error} and what {@code onFailure} throws are
   * failures of the task.
   *
   * {@snippet class="dev.holdfast.doc.ChannelPatterns" region="consume-on-failure"}
   *
   * @param <T> the type of the elements
   * @param from the channel
   * @param parallelism the number of tasks, at least 1
   * @param handler handles one element
   * @param onFailure gets the element and the exception
   */
  public <T> void consume(
      Receiver<? extends T> from,
      int parallelism,
      Handler<? super T, ?> handler,
      Handler<? super Outcome.Failure<T, @Nullable Void>, ?> onFailure) {
    Checks.given(onFailure, "onFailure");
    ScopeChannels.consume(impl, name() + "/consumer", from, parallelism, handler, onFailure);
  }

  /**
   * {@return the handle of a new worker: a task that the scope does not wait for, but stops when
   * the body and the forks have ended} See {@link Worker} and {@link Restart}.
   *
   * @param body the code to run
   */
  public Worker<@Nullable Void> worker(Action body) {
    return Worker.start(impl, null, Restart.never(), WorkerTask.running(body));
  }

  /**
   * {@return a new worker with a name; see {@link #worker(Action)}}
   *
   * @param name the name of the worker and its thread
   * @param body the code to run
   */
  public Worker<@Nullable Void> worker(String name, Action body) {
    return Worker.start(impl, Checks.name(name), Restart.never(), WorkerTask.running(body));
  }

  /**
   * {@return a new worker that is restarted; see {@link #worker(Action)}}
   *
   * @param restart whether to restart the worker after it ends
   * @param body the code to run
   */
  public Worker<@Nullable Void> worker(Restart restart, Action body) {
    return Worker.start(impl, null, restart, WorkerTask.running(body));
  }

  /**
   * {@return a new worker with a name that is restarted; see {@link #worker(Action)}}
   *
   * @param name the name of the worker and its thread
   * @param restart whether to restart the worker after it ends
   * @param body the code to run
   */
  public Worker<@Nullable Void> worker(String name, Restart restart, Action body) {
    return Worker.start(impl, Checks.name(name), restart, WorkerTask.running(body));
  }

  /**
   * {@return a new worker whose body gets the worker's own handle; see {@link #worker(Action)}}
   *
   * @param <V> the type of the value it publishes when it is ready
   * @param body the code to run
   */
  public <V extends @Nullable Object> Worker<V> worker(WorkerBody<V> body) {
    return Worker.start(impl, null, Restart.never(), Worker.work(body));
  }

  /**
   * {@return a new worker with a name; see {@link #worker(WorkerBody)}}
   *
   * @param <V> the type of the value it publishes when it is ready
   * @param name the name of the worker and its thread
   * @param body the code to run
   */
  public <V extends @Nullable Object> Worker<V> worker(String name, WorkerBody<V> body) {
    return Worker.start(impl, Checks.name(name), Restart.never(), Worker.work(body));
  }

  /**
   * {@return a new worker that is restarted; see {@link #worker(WorkerBody)}}
   *
   * @param <V> the type of the value it publishes when it is ready
   * @param restart whether to restart the worker after it ends
   * @param body the code to run
   */
  public <V extends @Nullable Object> Worker<V> worker(Restart restart, WorkerBody<V> body) {
    return Worker.start(impl, null, restart, Worker.work(body));
  }

  /**
   * {@return a new worker with a name that is restarted; see {@link #worker(WorkerBody)}}
   *
   * @param <V> the type of the value it publishes when it is ready
   * @param name the name of the worker and its thread
   * @param restart whether to restart the worker after it ends
   * @param body the code to run
   */
  public <V extends @Nullable Object> Worker<V> worker(
      String name, Restart restart, WorkerBody<V> body) {
    return Worker.start(impl, Checks.name(name), restart, Worker.work(body));
  }

  /**
   * {@return a new worker that runs an action at a fixed rate, for the first time after one period}
   *
   * <p>Runs do not overlap. The worker skips ticks that pass while the action runs, and counts them
   * in {@link WorkerStats#missed}. Later ticks keep to the original schedule, even after a restart.
   * A tick is never early. For a fixed delay, or a first run at once, see {@link
   * Worker#awaitStop(Duration)}.
   *
   * @param period the time from one tick to the next, more than zero
   * @param action the code to run
   */
  public Worker<@Nullable Void> every(Duration period, Action action) {
    return Worker.start(impl, null, Restart.never(), FixedRate.of(period, action));
  }

  /**
   * {@return a new periodic worker with a name; see {@link #every(Duration, Action)}}
   *
   * @param name the name of the worker and its thread
   * @param period the time from one tick to the next, more than zero
   * @param action the code to run
   */
  public Worker<@Nullable Void> every(String name, Duration period, Action action) {
    return Worker.start(impl, Checks.name(name), Restart.never(), FixedRate.of(period, action));
  }

  /**
   * {@return a new periodic worker that is restarted; see {@link #every(Duration, Action)}}
   *
   * @param restart whether to restart the worker after it ends
   * @param period the time from one tick to the next, more than zero
   * @param action the code to run
   */
  public Worker<@Nullable Void> every(Restart restart, Duration period, Action action) {
    return Worker.start(impl, null, restart, FixedRate.of(period, action));
  }

  /**
   * {@return a new periodic worker with a name that is restarted; see {@link #every(Duration,
   * Action)}}
   *
   * @param name the name of the worker and its thread
   * @param restart whether to restart the worker after it ends
   * @param period the time from one tick to the next, more than zero
   * @param action the code to run
   */
  public Worker<@Nullable Void> every(
      String name, Restart restart, Duration period, Action action) {
    return Worker.start(impl, Checks.name(name), restart, FixedRate.of(period, action));
  }

  /**
   * {@return the handle of an action that runs once, after a delay, during which it uses no thread}
   * If the body and the forks end before that, the scope drops the action; it stops a running
   * action like any worker.
   *
   * @param delay the time from now, not negative
   * @param action the code to run
   */
  public Worker<@Nullable Void> after(Duration delay, Action action) {
    return new Worker<>(Workers.after(impl, null, delay, action));
  }

  /**
   * {@return a new timer with a name; see {@link #after(Duration, Action)}}
   *
   * @param name the name of the worker and its thread
   * @param delay the time from now, not negative
   * @param action the code to run
   */
  public Worker<@Nullable Void> after(String name, Duration delay, Action action) {
    return new Worker<>(Workers.after(impl, Checks.name(name), delay, action));
  }

  /**
   * {@return a new channel that receives the number of each tick at a fixed rate, for use in a
   * {@link dev.holdfast.channel.Select}} It holds the latest tick: a gap between the numbers shows
   * how many were missed.
   *
   * @param period the time from one tick to the next, at least a millisecond
   */
  public Channel<Long> ticker(Duration period) {
    return Workers.ticker(impl, period);
  }

  /**
   * {@return the executor of this scope, the same at every call} Any thread may submit to it. It
   * runs at most as many tasks at once as the {@linkplain ScopeSpec#limit limit}, not counting the
   * forks; up to a million more wait in a queue. The {@linkplain dev.holdfast package description}
   * states how it fails, is cancelled and ends.
   */
  public ExecutorService executor() {
    return Workers.executor(impl);
  }

  /**
   * {@return the resource, which the scope closes when every task has ended; last in, first out}
   * The {@linkplain dev.holdfast package description} states what interrupts a closing, and what
   * happens to its exception. If this method throws, the resource has been closed.
   *
   * @param <T> the type of the resource
   * @param resource the resource
   */
  public <T extends AutoCloseable> T use(T resource) {
    CloseActions.use(impl, Checks.given(resource, "resource"));
    return resource;
  }

  /**
   * Runs an action at the end of the scope, in one last-in, first-out order with the resources of
   * {@link #use}.
   *
   * @param cleanup the code to run
   */
  public void onExit(Action cleanup) {
    CloseActions.atEnd(impl, Checks.given(cleanup, "cleanup"), cleanup);
  }

  /**
   * Runs an action when the scope is cancelled, to unblock calls that an interrupt does not reach,
   * for instance {@code server::close}. The {@linkplain dev.holdfast package description} states
   * when and where it runs. If the scope is cancelled already, the action runs at once, and this
   * method waits for it and throws.
   *
   * @param unblock the code to run
   * @throws ScopeCancelledException if the scope is cancelled
   */
  public void onCancel(Action unblock) {
    impl.onCancel(Checks.given(unblock, "unblock"));
  }

  /**
   * Makes a blocking call that is cancelled by an action of its own and not by interrupts: a JDBC
   * statement, a socket, a process. On a virtual thread an interrupt would close the socket that
   * the call blocks on. The {@linkplain dev.holdfast package description} states when and where the
   * action runs.
   *
   * {@snippet class="dev.holdfast.doc.Blocking" region="blocking-jdbc"}
   *
   * @param <R> the type of the result
   * @param <X> the checked exception the call may throw
   * @param cancel makes the call return or throw
   * @param call the call; it runs on the calling thread
   * @return what the call returns, even after a cancellation
   * @throws X if the call fails and was not cancelled
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   *     before the call; or if the call was cancelled and failed, with that failure suppressed
   */
  public <R extends @Nullable Object, X extends Exception> R blocking(
      Action cancel, Task<R, X> call) throws X, InterruptedException {
    return impl.blocking(Checks.given(cancel, "cancel"), Checks.given(call, "call"));
  }

  /**
   * Cancels the scope: Holdfast interrupts its tasks, their scopes and its body until they end.
   * Does not wait. Calls after the first, or after the end of the scope, do nothing.
   *
   * @param reason the reason, which the resulting exceptions state
   */
  public void cancel(String reason) {
    impl.cancel(Checks.given(reason, "reason"));
  }

  /** {@return whether the scope has been cancelled, for any reason} */
  public boolean isCancelled() {
    return impl.cancellation() != null;
  }

  /**
   * {@return the deadline of the scope: the earliest of its own and those of the enclosing scopes}
   */
  public Deadline deadline() {
    return impl.deadline();
  }

  /** {@return the name of the scope, or of the class that contains its body} */
  public String name() {
    return impl.name();
  }

  /** {@return a tree of the scope and everything that is live in it, with one line for each} */
  @Override
  public String toString() {
    return Snapshots.of(impl).toString();
  }
}
