package dev.holdfast;

import dev.holdfast.channel.Channel;
import dev.holdfast.channel.ChannelSpec;
import dev.holdfast.channel.Handler;
import dev.holdfast.channel.Overflow;
import dev.holdfast.channel.Producer;
import dev.holdfast.channel.Receiver;
import dev.holdfast.internal.background.ChannelTask;
import dev.holdfast.internal.background.FixedRate;
import dev.holdfast.internal.background.ScopeChannels;
import dev.holdfast.internal.background.Ticker;
import dev.holdfast.internal.background.WorkerTask;
import dev.holdfast.internal.background.Workers;
import dev.holdfast.internal.cancel.CancelScope;
import dev.holdfast.internal.cancel.Cancellation;
import dev.holdfast.internal.scope.ForkTask;
import dev.holdfast.internal.scope.ScopeImpl;
import dev.holdfast.internal.util.Checks;
import dev.holdfast.internal.util.StackProbe;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * A block that outlives everything started in it.
 *
 * <p>{@link Scopes#call} hands a scope to its body. The body forks tasks, each on a virtual thread
 * of its own, and when the call returns they have ended, whichever way it returns:
 *
 * {@snippet class="dev.holdfast.doc.Patterns" region="scope"}
 *
 * <h2>Who may do what</h2>
 *
 * <p>The thread that runs the body owns the scope: it alone forks and joins. Tasks may register
 * resources, cancel the scope and ask about it; one that wants children of its own opens a scope
 * inside itself. Any thread may {@link #cancel}. After the end a scope is inert: it answers
 * questions, and everything else throws {@link ScopeClosedException}.
 *
 * <h2>How it ends</h2>
 *
 * <p>First the tasks end, then the resources are closed, last in first out; then the call returns
 * the body's value. If something goes wrong, everything is cancelled and waited for, and one
 * exception comes out with all others {@linkplain Throwable#getSuppressed() suppressed} on it:
 *
 * <ul>
 *   <li>the body throws: that very exception;
 *   <li>a task fails: {@link ForkFailedException}, with what the task threw as its cause, whatever
 *       the body does. In an {@linkplain ScopeSpec#isolated isolated} scope a failure harms nobody
 *       but who joins the fork;
 *   <li>the deadline passes: {@link ScopeTimeoutException};
 *   <li>the owner is interrupted from outside: {@link InterruptedException};
 *   <li>{@link #cancel} is called: {@link ScopeCancelledException} if the body was cut off by it; a
 *       body that returns a value all the same returns it.
 * </ul>
 *
 * <p>The first of these decides; a result that was ready first wins.
 *
 * <h2>Cancellation</h2>
 *
 * <p>A cancelled scope interrupts its tasks, their nested scopes and its body, and goes on doing so
 * until they have ended: after 10 ms, then 20, up to once a second. Every Holdfast operation that a
 * cancelled task enters throws {@link InterruptedException}, whose cause tells why. An interrupt
 * sent this way never gets out of the scope; one from outside never gets lost.
 *
 * <p>A task that does not react is waited for: Java cannot stop it. A second after the scope's
 * {@linkplain ScopeSpec#grace grace} it is named in a warning of the {@link System.Logger} {@code
 * dev.holdfast}.
 *
 * <h2>Memory effects</h2>
 *
 * <p>What the owner does before a fork happens-before the task; what a task does happens-before the
 * return of {@link Fork#join}, of {@link #join}, and of the call.
 *
 * @since 0.1
 */
public final class Scope {

  private final ScopeImpl frame;

  Scope(ScopeImpl frame) {
    this.frame = frame;
  }

  ScopeImpl frame() {
    return frame;
  }

  /**
   * Starts a task on a thread of its own; the scope waits for it.
   *
   * <p>In a scope with a {@linkplain ScopeSpec#limit limit} this waits for a free place. In a
   * cancelled scope the task is not started: its handle is already cancelled. If the thread is
   * interrupted while it waits for a place, the scope is cancelled.
   *
   * @param <T> the type of the task's value
   * @param task what to run
   * @return the handle of the task
   * @throws WrongThreadException if the caller is not the owner
   * @throws ScopeClosedException if the scope has ended
   * @throws NullPointerException if {@code task} is {@code null}
   * @throws java.util.concurrent.RejectedExecutionException if the thread factory gives no thread
   */
  public <T extends @Nullable Object> Fork<T> fork(Callable<? extends T> task) {
    return start(null, Checks.given(task, "task"));
  }

  /**
   * Starts a task with a name, see {@link #fork(Callable)}. The thread gets the name too.
   *
   * @param <T> the type of the task's value
   * @param name what to call the task
   * @param task what to run
   * @return the handle of the task
   * @throws WrongThreadException if the caller is not the owner
   * @throws ScopeClosedException if the scope has ended
   * @throws IllegalArgumentException if {@code name} is blank
   * @throws NullPointerException if {@code name} or {@code task} is {@code null}
   * @throws java.util.concurrent.RejectedExecutionException if the thread factory gives no thread
   */
  public <T extends @Nullable Object> Fork<T> fork(String name, Callable<? extends T> task) {
    return start(Checks.name(name), Checks.given(task, "task"));
  }

  /**
   * Starts a task without a value, see {@link #fork(Callable)}.
   *
   * @param action what to run
   * @return the handle of the task
   * @throws WrongThreadException if the caller is not the owner
   * @throws ScopeClosedException if the scope has ended
   * @throws NullPointerException if {@code action} is {@code null}
   * @throws java.util.concurrent.RejectedExecutionException if the thread factory gives no thread
   */
  public Fork<@Nullable Void> fork(Action action) {
    return start(null, callable(action));
  }

  /**
   * Starts a task with a name and without a value, see {@link #fork(Callable)}.
   *
   * @param name what to call the task; the thread gets the name too
   * @param action what to run
   * @return the handle of the task
   * @throws WrongThreadException if the caller is not the owner
   * @throws ScopeClosedException if the scope has ended
   * @throws IllegalArgumentException if {@code name} is blank
   * @throws NullPointerException if {@code name} or {@code action} is {@code null}
   * @throws java.util.concurrent.RejectedExecutionException if the thread factory gives no thread
   */
  public Fork<@Nullable Void> fork(String name, Action action) {
    return start(Checks.name(name), callable(action));
  }

  private static Callable<@Nullable Void> callable(Action action) {
    Checks.given(action, "action");
    return () -> {
      action.run();
      return null;
    };
  }

  private <T extends @Nullable Object> Fork<T> start(
      @Nullable String name, Callable<? extends T> task) {
    ensureOwner("fork", "A task that wants children opens a scope of its own: Scopes.call(...)");
    Cancellation refusal = awaitSlot();
    var forked = new ForkTask<T>(frame, name, frame.nextNumber(), task);
    if (refusal == null) {
      frame.start(forked);
    } else {
      frame.refuse(forked, refusal);
    }
    return new Fork<>(forked);
  }

  /** {@return why there will be no place, or null once there is one} */
  private @Nullable Cancellation awaitSlot() {
    try {
      frame.awaitSlot(frame.settings().limit());
      return null;
    } catch (InterruptedException e) {
      // There is no InterruptedException to throw: a cancelled task goes on with a fork that is
      // cancelled; an interrupt from outside ends this scope, and comes out of its call.
      CancelScope current = frame.strand().top();
      Cancellation pending = current.pending();
      if (pending != null && !current.isFromOutside(e)) {
        return pending;
      }
      Cancellation interrupt = Cancellation.interrupt(frame, e);
      current.outside |= !frame.cancel(interrupt);
      return interrupt;
    }
  }

  /**
   * Opens a channel that ends with the scope.
   *
   * <p>When the forks have ended, the scope closes its channels in the order in which they were
   * made, each after the {@linkplain #consume consumers} of those before it have ended: make those
   * of a pipeline from its beginning to its end. A fork that receives until a channel is closed
   * keeps the scope from closing it; close it, fill it with {@link #produce}, or empty it with
   * {@link #consume}. At the end, when every task has ended, what is left goes to {@link
   * ChannelSpec#onUndelivered}.
   *
   * {@snippet class="dev.holdfast.doc.ChannelPatterns" region="pipeline"}
   *
   * @param <T> the type of the elements
   * @param capacity how many it holds, exactly; with 0 every send waits for its receiver
   * @return the channel; any thread may use it
   * @throws IllegalArgumentException if {@code capacity} is negative or too large
   * @throws ScopeClosedException if the scope has ended
   * @throws WrongThreadException if the caller is outside the scope
   */
  public <T> Channel<T> channel(int capacity) {
    return channel(ChannelSpec.of(capacity));
  }

  /**
   * Opens a channel that ends with the scope, see {@link #channel(int)}.
   *
   * @param <T> the type of the elements
   * @param spec what it is to be like
   * @return the channel
   * @throws ScopeClosedException if the scope has ended
   * @throws WrongThreadException if the caller is outside the scope
   * @throws NullPointerException if {@code spec} is {@code null}
   */
  public <T> Channel<T> channel(ChannelSpec<T> spec) {
    Checks.given(spec, "spec");
    RuntimeException outside = outside();
    if (outside != null) {
      throw outside;
    }
    if (frame.closing()) {
      throw frame.closed();
    }
    return Channel.open(ScopeChannels.of(frame), spec);
  }

  /**
   * Starts a task that fills a channel, which is closed when the task returns, and fails when it
   * throws.
   *
   * <p>A failure also fails the scope, as that of a fork does. The scope waits for the task after
   * its forks; {@link #join} does not. If everybody else has ended and it still runs, nobody can
   * receive any more: then the channel is closed, and the task ends normally at its next send, like
   * the writer of a pipe nobody reads. It does not count for the {@linkplain ScopeSpec#limit
   * limit}.
   *
   * {@snippet class="dev.holdfast.doc.ChannelPatterns" region="pipeline"}
   *
   * @param <T> the type of the elements
   * @param capacity how many elements the channel holds
   * @param body sends them
   * @return the receiving end
   * @throws WrongThreadException if the caller is not the owner
   * @throws ScopeClosedException if the scope has ended
   * @throws IllegalArgumentException if {@code capacity} is negative or too large
   * @throws NullPointerException if {@code body} is {@code null}
   * @throws java.util.concurrent.RejectedExecutionException if the thread factory gives no thread
   */
  public <T> Receiver<T> produce(int capacity, Producer<T> body) {
    return produce(ChannelSpec.of(capacity), body);
  }

  /**
   * Starts a task that fills a channel, see {@link #produce(int, Producer)}. The task gets the name
   * of the channel.
   *
   * @param <T> the type of the elements
   * @param spec what the channel is to be like
   * @param body sends the elements
   * @return the receiving end
   * @throws WrongThreadException if the caller is not the owner
   * @throws ScopeClosedException if the scope has ended
   * @throws NullPointerException if {@code spec} or {@code body} is {@code null}
   * @throws java.util.concurrent.RejectedExecutionException if the thread factory gives no thread
   */
  public <T> Receiver<T> produce(ChannelSpec<T> spec, Producer<T> body) {
    Checks.given(spec, "spec");
    Checks.given(body, "body");
    ensureOwner("produce", "A task that wants a producer opens a scope of its own");
    Channel<T> out = Channel.open(ScopeChannels.of(frame), spec);
    int number = ScopeChannels.of(frame).nextNumber();
    String name = spec.name() == null ? name() + "/producer-" + number : spec.name();
    ScopeChannels.of(frame).start(new ChannelTask.Producing<>(frame, name, number, out, body));
    return out;
  }

  /**
   * Starts tasks that handle every element of a channel until it is closed and empty.
   *
   * <p>The scope waits for them after its forks, so that everything is handled that was sent;
   * {@link #join} does not. A handler that fails fails the scope, as a fork does; in an {@linkplain
   * ScopeSpec#isolated isolated} scope its failure goes to the handler for uncaught exceptions, and
   * the next element is handled. The tasks do not count for the {@linkplain ScopeSpec#limit limit}.
   *
   * <p>If the channel belongs to this scope, the scope closes it, see {@link #channel(int)}. Of any
   * other channel, or of a receiver that wraps one, the scope waits for the end.
   *
   * @param <T> the type of the elements
   * @param from the channel
   * @param parallelism how many handlers run at a time
   * @param handler what to do with each element
   * @throws WrongThreadException if the caller is not the owner
   * @throws ScopeClosedException if the scope has ended
   * @throws IllegalArgumentException if {@code parallelism} is less than 1
   * @throws NullPointerException if {@code from} or {@code handler} is {@code null}
   * @throws java.util.concurrent.RejectedExecutionException if the thread factory gives no thread
   */
  public <T> void consume(
      Receiver<? extends T> from, int parallelism, Handler<? super T, ?> handler) {
    consume(name() + "/consumer", from, parallelism, handler);
  }

  /**
   * Starts tasks with a name that handle every element of a channel, see {@link #consume(Receiver,
   * int, Handler)}.
   *
   * @param <T> the type of the elements
   * @param name what to call the tasks; a number is added
   * @param from the channel
   * @param parallelism how many handlers run at a time
   * @param handler what to do with each element
   * @throws WrongThreadException if the caller is not the owner
   * @throws ScopeClosedException if the scope has ended
   * @throws IllegalArgumentException if {@code name} is blank or {@code parallelism} less than 1
   * @throws NullPointerException if an argument is {@code null}
   * @throws java.util.concurrent.RejectedExecutionException if the thread factory gives no thread
   */
  public <T> void consume(
      String name, Receiver<? extends T> from, int parallelism, Handler<? super T, ?> handler) {
    Checks.name(name);
    Checks.given(from, "from");
    Checks.atLeastOne(parallelism, "parallelism");
    Checks.given(handler, "handler");
    ensureOwner("consume", "A task that wants consumers opens a scope of its own");
    for (int i = 0; i < parallelism; i++) {
      int number = ScopeChannels.of(frame).nextNumber();
      ScopeChannels.of(frame)
          .start(new ChannelTask.Consuming<T>(frame, name + "-" + number, number, from, handler));
    }
  }

  /**
   * Starts a worker: a task that the scope does not wait for, but stops when body and forks are
   * done.
   *
   * <p>Workers are stopped one after the other, the last started first, each with the scope's
   * {@linkplain ScopeSpec#grace grace}; the channels of the scope are still open then. See {@link
   * Worker} for stopping and {@link Restart} for failures. A worker does not count for the
   * {@linkplain ScopeSpec#limit limit}. In a cancelled scope it is not started.
   *
   * {@snippet class="dev.holdfast.doc.WorkerPatterns" region="worker"}
   *
   * @param body what it does
   * @return its handle
   * @throws WrongThreadException if the caller is not the owner
   * @throws ScopeClosedException if the scope has ended
   * @throws NullPointerException if an argument is {@code null}
   * @throws java.util.concurrent.RejectedExecutionException if the thread factory gives no thread
   */
  public Worker<@Nullable Void> worker(Action body) {
    return startAction(null, Restart.never(), body);
  }

  /**
   * Starts a worker with a name, see {@link #worker(Action)}.
   *
   * @param name what to call it; the thread gets the name too
   * @param body what it does
   * @return its handle
   * @throws WrongThreadException if the caller is not the owner
   * @throws ScopeClosedException if the scope has ended
   * @throws IllegalArgumentException if {@code name} is blank
   * @throws NullPointerException if an argument is {@code null}
   */
  public Worker<@Nullable Void> worker(String name, Action body) {
    return startAction(Checks.name(name), Restart.never(), body);
  }

  /**
   * Starts a worker that may be started again, see {@link #worker(Action)}.
   *
   * @param restart whether it is started again when it has ended
   * @param body what it does
   * @return its handle
   * @throws WrongThreadException if the caller is not the owner
   * @throws ScopeClosedException if the scope has ended
   * @throws NullPointerException if an argument is {@code null}
   */
  public Worker<@Nullable Void> worker(Restart restart, Action body) {
    return startAction(null, restart, body);
  }

  /**
   * Starts a worker with a name that may be started again, see {@link #worker(Action)}.
   *
   * @param name what to call it; the thread gets the name too
   * @param restart whether it is started again when it has ended
   * @param body what it does
   * @return its handle
   * @throws WrongThreadException if the caller is not the owner
   * @throws ScopeClosedException if the scope has ended
   * @throws IllegalArgumentException if {@code name} is blank
   * @throws NullPointerException if an argument is {@code null}
   */
  public Worker<@Nullable Void> worker(String name, Restart restart, Action body) {
    return startAction(Checks.name(name), restart, body);
  }

  /**
   * Starts a worker that is given its own handle, to say when it is ready or ask whether it is to
   * stop; see {@link #worker(Action)}.
   *
   * {@snippet class="dev.holdfast.doc.WorkerPatterns" region="ready"}
   *
   * @param <V> the type of what it publishes when it is ready
   * @param body what it does
   * @return its handle
   * @throws WrongThreadException if the caller is not the owner
   * @throws ScopeClosedException if the scope has ended
   * @throws NullPointerException if an argument is {@code null}
   */
  public <V extends @Nullable Object> Worker<V> worker(WorkerBody<V> body) {
    return startWorker(null, Restart.never(), body);
  }

  /**
   * Starts a worker with a name that is given its own handle, see {@link #worker(WorkerBody)}.
   *
   * @param <V> the type of what it publishes when it is ready
   * @param name what to call it; the thread gets the name too
   * @param body what it does
   * @return its handle
   * @throws WrongThreadException if the caller is not the owner
   * @throws ScopeClosedException if the scope has ended
   * @throws IllegalArgumentException if {@code name} is blank
   * @throws NullPointerException if an argument is {@code null}
   */
  public <V extends @Nullable Object> Worker<V> worker(String name, WorkerBody<V> body) {
    return startWorker(Checks.name(name), Restart.never(), body);
  }

  /**
   * Starts a worker that may be started again and is given its own handle, see {@link
   * #worker(WorkerBody)}.
   *
   * @param <V> the type of what it publishes when it is ready
   * @param restart whether it is started again when it has ended
   * @param body what it does
   * @return its handle
   * @throws WrongThreadException if the caller is not the owner
   * @throws ScopeClosedException if the scope has ended
   * @throws NullPointerException if an argument is {@code null}
   */
  public <V extends @Nullable Object> Worker<V> worker(Restart restart, WorkerBody<V> body) {
    return startWorker(null, restart, body);
  }

  /**
   * Starts a worker with a name that may be started again and is given its own handle, see {@link
   * #worker(WorkerBody)}.
   *
   * @param <V> the type of what it publishes when it is ready
   * @param name what to call it; the thread gets the name too
   * @param restart whether it is started again when it has ended
   * @param body what it does
   * @return its handle
   * @throws WrongThreadException if the caller is not the owner
   * @throws ScopeClosedException if the scope has ended
   * @throws IllegalArgumentException if {@code name} is blank
   * @throws NullPointerException if an argument is {@code null}
   */
  public <V extends @Nullable Object> Worker<V> worker(
      String name, Restart restart, WorkerBody<V> body) {
    return startWorker(Checks.name(name), restart, body);
  }

  private Worker<@Nullable Void> startAction(@Nullable String name, Restart restart, Action body) {
    Checks.given(restart, "restart");
    Checks.given(body, "body");
    ensureOwner("start a worker", "A task that wants workers opens a scope of its own");
    return new Worker<>(Workers.of(frame).startWork(name, restart.policy(), task -> body.run()));
  }

  private <V extends @Nullable Object> Worker<V> startWorker(
      @Nullable String name, Restart restart, WorkerBody<V> body) {
    Checks.given(restart, "restart");
    Checks.given(body, "body");
    ensureOwner("start a worker", "A task that wants workers opens a scope of its own");
    return new Worker<>(
        Workers.of(frame)
            .startWork(
                name,
                restart.policy(),
                new WorkerTask.Work() {
                  @Override
                  public void run(WorkerTask task) throws Exception {
                    body.run(new Worker<>(task));
                  }

                  @Override
                  public boolean canBeReady() {
                    return true;
                  }
                }));
  }

  /**
   * Starts a worker that runs an action at a fixed rate, the first time after one period.
   *
   * <p>It never overlaps itself: ticks that fall into an action that still runs are left out, and
   * counted in {@link WorkerStats#missed}; the next is on the grid again. What the action throws
   * follows the {@link Restart}, and after a restart the grid is the same.
   *
   * <p>A tick comes when the time has passed and a carrier is free, never early; on an idle machine
   * within a millisecond. It does not drift, see {@code docs/benchmarks.md}.
   *
   * {@snippet class="dev.holdfast.doc.WorkerPatterns" region="every"}
   *
   * @param period from one tick to the next, more than zero
   * @param action what to do
   * @return its handle
   * @throws WrongThreadException if the caller is not the owner
   * @throws ScopeClosedException if the scope has ended
   * @throws IllegalArgumentException if {@code period} is zero, negative or too long
   * @throws NullPointerException if an argument is {@code null}
   */
  public Worker<@Nullable Void> every(Duration period, Action action) {
    return startTicking(null, Restart.never(), period, action);
  }

  /**
   * Starts a worker with a name that runs an action at a fixed rate, see {@link #every(Duration,
   * Action)}.
   *
   * @param name what to call it; the thread gets the name too
   * @param period from one tick to the next, more than zero
   * @param action what to do
   * @return its handle
   * @throws WrongThreadException if the caller is not the owner
   * @throws ScopeClosedException if the scope has ended
   * @throws IllegalArgumentException if {@code period} is zero, negative or too long, or {@code
   *     name} is blank
   * @throws NullPointerException if an argument is {@code null}
   */
  public Worker<@Nullable Void> every(String name, Duration period, Action action) {
    return startTicking(Checks.name(name), Restart.never(), period, action);
  }

  /**
   * Starts a worker that runs an action at a fixed rate and may be started again, see {@link
   * #every(Duration, Action)}.
   *
   * @param restart whether it is started again when it has ended
   * @param period from one tick to the next, more than zero
   * @param action what to do
   * @return its handle
   * @throws WrongThreadException if the caller is not the owner
   * @throws ScopeClosedException if the scope has ended
   * @throws IllegalArgumentException if {@code period} is zero, negative or too long
   * @throws NullPointerException if an argument is {@code null}
   */
  public Worker<@Nullable Void> every(Restart restart, Duration period, Action action) {
    return startTicking(null, restart, period, action);
  }

  /**
   * Starts a worker with a name that runs an action at a fixed rate and may be started again, see
   * {@link #every(Duration, Action)}.
   *
   * @param name what to call it; the thread gets the name too
   * @param restart whether it is started again when it has ended
   * @param period from one tick to the next, more than zero
   * @param action what to do
   * @return its handle
   * @throws WrongThreadException if the caller is not the owner
   * @throws ScopeClosedException if the scope has ended
   * @throws IllegalArgumentException if {@code period} is zero, negative or too long, or {@code
   *     name} is blank
   * @throws NullPointerException if an argument is {@code null}
   */
  public Worker<@Nullable Void> every(
      String name, Restart restart, Duration period, Action action) {
    return startTicking(Checks.name(name), restart, period, action);
  }

  private Worker<@Nullable Void> startTicking(
      @Nullable String name, Restart restart, Duration period, Action action) {
    Checks.given(restart, "restart");
    Checks.positive(period, "period");
    Checks.given(action, "action");
    ensureOwner("start a worker", "A task that wants workers opens a scope of its own");
    return new Worker<>(
        Workers.of(frame)
            .startWork(name, restart.policy(), new FixedRate(period.toNanos(), action)));
  }

  /**
   * Runs an action once, after a delay. A scope that ends first drops it; it is a worker while it
   * runs, so the scope stops it rather than wait for it.
   *
   * <p>As long as the delay lasts it costs no thread, and little memory.
   *
   * @param delay how long from now, not negative
   * @param action what to do
   * @return its handle
   * @throws WrongThreadException if the caller is not the owner
   * @throws ScopeClosedException if the scope has ended
   * @throws IllegalArgumentException if {@code delay} is negative or too long
   * @throws NullPointerException if an argument is {@code null}
   */
  public Worker<@Nullable Void> after(Duration delay, Action action) {
    return setAfter(null, delay, action);
  }

  /**
   * Runs an action with a name once, after a delay, see {@link #after(Duration, Action)}.
   *
   * @param name what to call it; the thread gets the name too
   * @param delay how long from now, not negative
   * @param action what to do
   * @return its handle
   * @throws WrongThreadException if the caller is not the owner
   * @throws ScopeClosedException if the scope has ended
   * @throws IllegalArgumentException if {@code delay} is negative or too long, or {@code name} is
   *     blank
   * @throws NullPointerException if an argument is {@code null}
   */
  public Worker<@Nullable Void> after(String name, Duration delay, Action action) {
    return setAfter(Checks.name(name), delay, action);
  }

  private Worker<@Nullable Void> setAfter(@Nullable String name, Duration delay, Action action) {
    Checks.notNegative(delay, "delay");
    Checks.given(action, "action");
    ensureOwner("set a timer", "A task that wants timers opens a scope of its own");
    return new Worker<>(Workers.of(frame).after(name, delay.toNanos(), action));
  }

  /**
   * Opens a channel on which the number of the tick comes at a fixed rate, for a {@link
   * dev.holdfast.channel.Select} beside other channels. It holds one element, the latest: who comes
   * late sees by the number how many ticks were missed.
   *
   * {@snippet class="dev.holdfast.doc.WorkerPatterns" region="ticker"}
   *
   * @param period from one tick to the next, at least a millisecond; the first comes after one
   *     period
   * @return the channel; it ends with the scope, or when it is closed
   * @throws WrongThreadException if the caller is not the owner
   * @throws ScopeClosedException if the scope has ended
   * @throws IllegalArgumentException if {@code period} is less than a millisecond or too long
   * @throws NullPointerException if {@code period} is {@code null}
   */
  public Channel<Long> ticker(Duration period) {
    if (Checks.positive(period, "period").compareTo(Ticker.SHORTEST) < 0) {
      throw new IllegalArgumentException(
          "period must be at least " + Ticker.SHORTEST + ", was " + period);
    }
    ensureOwner("start a ticker", "A task that wants a ticker opens a scope of its own");
    Channel<Long> out = channel(ChannelSpec.<Long>of(1).overflow(Overflow.DROP_OLDEST));
    new Ticker(Workers.of(frame).queue(), period.toNanos(), out).start();
    return out;
  }

  /**
   * Returns an executor whose threads are children of this scope, for libraries that want one; any
   * thread may submit to it, and it is the same at every call.
   *
   * <p>When body and forks are done the scope stops its workers, waits for what was submitted,
   * drains its channels, and after that the executor refuses. At most as many tasks run at a time
   * as the {@linkplain ScopeSpec#limit limit} says, beside the forks; the others wait in a queue
   * that holds a million. A task may run on the thread of one that has ended before it. What a task
   * given to {@link ExecutorService#execute} throws goes to the thread's handler for uncaught
   * exceptions; that of {@code submit} is in the future. A cancelled scope interrupts what runs and
   * cancels the futures of what waits; one that was made by others, as a {@code CompletableFuture},
   * stays incomplete.
   *
   * {@snippet class="dev.holdfast.doc.WorkerPatterns" region="scope-executor"}
   *
   * @return the executor; from the end of the scope on, and after {@code shutdown}, it throws
   *     {@link java.util.concurrent.RejectedExecutionException}
   * @throws WrongThreadException if the caller is not the owner
   * @throws ScopeClosedException if the scope has ended
   */
  public ExecutorService executor() {
    ensureOwner("ask for its executor", "Hand it on; any thread may submit to it");
    return Workers.of(frame).host().executor();
  }

  /**
   * Has the scope close a resource at its end, after every task has ended; last in first out.
   *
   * <p>While resources are closed no cancellation of this or an outer scope disturbs them. What a
   * resource throws comes out of the scope, or is suppressed on what does. A resource that is
   * refused is closed at once, so that it cannot leak.
   *
   * @param <T> the type of the resource
   * @param resource the resource
   * @return the resource
   * @throws ScopeClosedException if the scope is closing its resources or has ended; the resource
   *     has been closed then
   * @throws WrongThreadException if the caller is outside the scope
   * @throws NullPointerException if {@code resource} is {@code null}
   */
  public <T extends AutoCloseable> T use(T resource) {
    Checks.given(resource, "resource");
    RuntimeException refusal = refuse(resource::close, resource);
    if (refusal != null) {
      try {
        resource.close(); // nobody else will
      } catch (Throwable t) {
        refusal.addSuppressed(t);
      }
      throw refusal;
    }
    return resource;
  }

  /**
   * Has the scope run an action at its end, in one list with {@link #use}.
   *
   * @param cleanup what to run
   * @throws ScopeClosedException if the scope is closing its resources or has ended
   * @throws WrongThreadException if the caller is outside the scope
   * @throws NullPointerException if {@code cleanup} is {@code null}
   */
  public void onExit(Action cleanup) {
    RuntimeException refusal = refuse(Checks.given(cleanup, "cleanup"), cleanup);
    if (refusal != null) {
      throw refusal;
    }
  }

  private @Nullable RuntimeException refuse(Action closer, Object of) {
    RuntimeException outside = outside();
    if (outside != null) {
      return outside;
    }
    return frame.exits().addCloser(closer, of) ? null : frame.closed();
  }

  /**
   * Has the scope run an action at once when it is cancelled, to unblock what interrupts do not
   * reach: {@code socket::close}, {@code statement::cancel}.
   *
   * <p>It runs on a thread of its own, and the scope waits for it. If the scope is cancelled
   * already, it runs now, in the caller. If the scope is never cancelled, it never runs.
   *
   * {@snippet class="dev.holdfast.doc.Patterns" region="on-cancel"}
   *
   * @param unblock what to run
   * @throws ScopeClosedException if the scope has ended
   * @throws WrongThreadException if the caller is outside the scope
   * @throws NullPointerException if {@code unblock} is {@code null}
   */
  public void onCancel(Action unblock) {
    Checks.given(unblock, "unblock");
    RuntimeException outside = outside();
    if (outside != null) {
      throw outside;
    }
    frame.onCancel(unblock);
  }

  /**
   * Waits for the tasks forked so far.
   *
   * @throws WrongThreadException if the caller is not the owner; a task waiting for all tasks would
   *     wait for itself
   * @throws ScopeClosedException if the scope has ended
   * @throws InterruptedException if the scope is cancelled, as it is when a task has failed, or the
   *     owner is interrupted
   */
  public void join() throws InterruptedException {
    ensureOwner("join", "A task that joined would wait for itself; it can join another's Fork");
    frame.awaitForked();
  }

  /**
   * Cancels the scope: its tasks, their scopes and its body are interrupted until they have ended.
   *
   * <p>Any thread may call it. It does not wait, and has no effect on a scope that was cancelled
   * before or has ended.
   *
   * @param reason why, for the exceptions that come of it
   * @throws NullPointerException if {@code reason} is {@code null}
   */
  public void cancel(String reason) {
    frame.cancel(Cancellation.explicit(frame.label(), Checks.given(reason, "reason")));
  }

  /** {@return whether the scope has been cancelled, by whatever} */
  public boolean isCancelled() {
    return frame.cancellation() != null;
  }

  /** {@return the name it was given, or that of the class its body is written in} */
  public String name() {
    return frame.name();
  }

  private void ensureOwner(String what, String instead) {
    if (frame.hasEnded()) {
      throw frame.closed();
    }
    Thread owner = frame.strand().thread();
    if (Thread.currentThread() != owner) {
      throw new WrongThreadException(
          "Only the owner of "
              + frame.label()
              + ", thread '"
              + (owner == null ? "" : owner.getName())
              + "', can "
              + what
              + " in it; this is thread '"
              + Thread.currentThread().getName()
              + "'. "
              + instead
              + ".");
    }
    if (frame.closing()) {
      throw frame.closed();
    }
  }

  private @Nullable RuntimeException outside() {
    StackProbe.ensureRoom(0); // a lock is taken next
    if (frame.hasEnded()) {
      return frame.closed();
    }
    return frame.isInside()
        ? null
        : new WrongThreadException(
            frame.label()
                + " can only be used by its body and its tasks; thread '"
                + Thread.currentThread().getName()
                + "' is neither.");
  }

  /** {@return the scope and all that lives in it at this moment, a line each, drawn as a tree} */
  @Override
  public String toString() {
    return Snapshots.of(frame).toString();
  }
}
