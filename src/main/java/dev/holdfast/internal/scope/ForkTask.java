package dev.holdfast.internal.scope;

import dev.holdfast.Action;
import dev.holdfast.ForkFailedException;
import dev.holdfast.Outcome;
import dev.holdfast.ScopeClosedException;
import dev.holdfast.ScopeTimeoutException;
import dev.holdfast.inspect.WaitInfo;
import dev.holdfast.internal.cancel.Access;
import dev.holdfast.internal.cancel.Blocker;
import dev.holdfast.internal.cancel.CancelActions;
import dev.holdfast.internal.cancel.CancelScope;
import dev.holdfast.internal.cancel.Cancellation;
import dev.holdfast.internal.cancel.Failures;
import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.internal.cancel.WaitList;
import dev.holdfast.internal.clock.Simulator;
import dev.holdfast.internal.scheduling.Wakeups;
import dev.holdfast.internal.util.Checks;
import dev.holdfast.internal.util.DiscardedValues.Unjoined;
import dev.holdfast.internal.util.StackTraces;
import dev.holdfast.internal.util.ThreadContext;
import dev.holdfast.internal.util.Throwables;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A task that was forked. Its handle is a separate object, which hides the methods of this class.
 */
public class ForkTask<T extends @Nullable Object> extends ScopeTask
    implements Blocker, UnjoinedFailures.Joinable {

  private static final VarHandle WAITERS;

  /** Replaces the list of waiting threads once the task is done. */
  private static final WaitList DONE = new WaitList();

  static {
    try {
      WAITERS = MethodHandles.lookup().findVarHandle(ForkTask.class, "waiters", WaitList.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Null once the code has run, so that the objects it refers to become garbage. */
  private @Nullable Callable<? extends T> task;

  // Published by setting `waiters` to DONE.
  private @Nullable Object outcome;
  private State state = State.RUNNING;
  private long elapsedNanos;

  /** The threads that wait for this task; created for the first of them. */
  private volatile @Nullable WaitList waiters;

  /** Whether a caller has seen the failure. */
  private volatile boolean observed;

  /** Null if the scope drops a value that no caller takes. */
  private @Nullable Unjoined unjoined;

  public ForkTask(ScopeImpl scope, @Nullable String name, int number, Callable<? extends T> task) {
    this(scope, name, number, ThreadContext.capture(), task);
  }

  public ForkTask(
      ScopeImpl scope,
      @Nullable String name,
      int number,
      @Nullable Object context,
      Callable<? extends T> task) {
    super(scope, name, number, context);
    this.task = task;
  }

  /** Starts a task in a scope, when the scope's limit allows it. Owner only. */
  public static <T extends @Nullable Object> ForkTask<T> start(
      ScopeImpl scope, @Nullable String name, Callable<? extends T> task) {
    Checks.given(task, "task");
    Access.requireOwner(scope, "fork");
    scope.endUnstarted();
    Cancellation refusal = awaitSlot(scope);
    var forked = new ForkTask<T>(scope, name, scope.nextNumber(), task);
    if (scope.discarded().hasConsumer()) {
      forked.unjoined = new Unjoined();
    }
    if (refusal == null) {
      scope.start(forked);
    } else {
      scope.refuse(forked, refusal);
    }
    return forked;
  }

  /** {@return a task that runs an action and has no value} */
  public static Callable<@Nullable Void> calling(Action action) {
    Checks.given(action, "action");
    return () -> {
      action.run();
      return null;
    };
  }

  /** {@return null once a place is free, or the cancellation that has ended the wait} */
  private static @Nullable Cancellation awaitSlot(ScopeImpl scope) {
    try {
      scope.awaitSlot(scope.settings().limit());
      return null;
    } catch (InterruptedException e) {
      // The method `fork` declares no InterruptedException. A cancelled task continues with a
      // cancelled fork. An interrupt from outside cancels the scope, whose call throws the
      // exception.
      CancelScope current = scope.threadScope().top();
      Cancellation pending = current.pending();
      if (pending != null && !current.isFromOutside(e)) {
        return pending;
      }
      Cancellation interrupt = Cancellation.interrupt(scope, e);
      current.outsideInterrupt |= !scope.cancel(interrupt);
      return interrupt;
    }
  }

  @Override
  public @Nullable Object work() throws Exception {
    Callable<? extends T> work = task;
    return work == null ? null : work.call();
  }

  @Override
  public void conclude(
      State state, @Nullable Object result, @Nullable Throwable thrown, long elapsedNanos) {
    this.state = state;
    this.elapsedNanos = elapsedNanos;
    outcome = state == State.SUCCESS ? result : thrown;
    task = null;
    try {
      if (state == State.SUCCESS && result != null && unjoined != null) {
        // First, because a thread that waits for the fork may end the scope as soon as the fork is
        // done.
        scope.discarded().addUnjoined(unjoined, result);
      }
    } finally { // even when out of memory
      WaitList waiting = (WaitList) WAITERS.getAndSet(this, DONE);
      if (waiting != null) {
        waiting.wake();
        Simulator.point("publish the end of", this);
      }
    }
    if (unjoined != null && scope.cancellation() == null) {
      scope.discarded().discardLost(); // last, because the consumer may block
    }
  }

  /** Sets the only object with which a caller can join this fork. */
  public final void setHandle(Object handle) {
    if (unjoined != null) {
      unjoined.setHandle(handle);
    }
  }

  public boolean isDone() {
    return waiters == DONE;
  }

  public State state() {
    return isDone() ? state : State.RUNNING;
  }

  /** Records that a caller has seen the failure. */
  public final void observe() {
    observed = true;
  }

  /** {@return whether this task failed and no caller has seen the failure} */
  @Override
  public final boolean failedUnobserved() {
    return state() == State.FAILED && !observed;
  }

  /**
   * Waits until the task has ended.
   *
   * @param nanos the timeout; 0 waits indefinitely
   * @return false if it has not ended in that time
   */
  public boolean awaitDone(long nanos) throws InterruptedException {
    Simulator.point("join", this);
    ThreadScope threadScope = ThreadScope.current();
    boolean waited = false;
    if (!isDone()) {
      ensureNotInside(threadScope);
      letForksBegin();
    }
    if (!isDone()) {
      waited = await(this::isDone, nanos);
      if (!isDone()) {
        return false;
      }
    }
    if (!waited && threadScope != null && state != State.FAILED) {
      threadScope.top().checkpoint();
    }
    return true;
  }

  /**
   * Lets forks that wait for a carrier begin before the current thread waits for this fork.
   *
   * <p>A carrier runs woken threads before newly started ones. So a thread that parks for its first
   * fork wakes before the next fork begins, and parks again for each. A thread that yields
   * continues when all forks have begun, and short forks are done by then.
   */
  @SuppressWarnings("ThreadPriorityCheck")
  private void letForksBegin() {
    if (!hasBegun() && Wakeups.isDirect() && Thread.currentThread().isVirtual()) {
      Thread.yield();
    }
  }

  public T join() throws InterruptedException {
    awaitDone(0);
    return result();
  }

  /** Waits a limited time for the task, which continues after a timeout. */
  public T join(Duration timeout) throws InterruptedException {
    Checks.notNegative(timeout, "timeout");
    if (!awaitDone(Math.max(1, timeout.toNanos()))) {
      throw new ScopeTimeoutException(
          label() + " did not end within " + timeout + ". Wait longer, or cancel it.",
          name(),
          timeout,
          List.of(name() + StackTraces.of(thread())));
    }
    return result();
  }

  /**
   * {@return the value of the task, which has ended} Throws the exception for its failure or
   * cancellation.
   */
  public T result() {
    return switch (state) {
      case SUCCESS -> {
        ensureNotDiscarded();
        yield value();
      }
      case FAILED -> {
        observe();
        throw new ForkFailedException(
            label() + " failed: " + Throwables.describe(thrown()), thrown());
      }
      case CANCELLED, RUNNING -> throw wasCancelled();
    };
  }

  /** {@return the outcome of the task, which has ended, as the outcome of an item} */
  public <I> Outcome<I, T> outcome(I item) {
    ensureNotDiscarded();
    return switch (state) {
      case SUCCESS -> new Outcome.Success<>(item, value(), Duration.ofNanos(elapsedNanos));
      case FAILED -> {
        observe();
        yield new Outcome.Failure<>(item, thrown(), Duration.ofNanos(elapsedNanos));
      }
      case CANCELLED, RUNNING -> new Outcome.Unfinished<>(item);
    };
  }

  private void ensureNotDiscarded() {
    if (unjoined != null && !unjoined.take()) {
      throw new ScopeClosedException(
          "The value of "
              + label()
              + " was passed to onDiscarded when "
              + scope.label()
              + " ended, because no thread had joined the fork. Join it inside its scope.");
    }
  }

  private CancellationException wasCancelled() {
    Cancellation why = cancellation();
    var cancelled =
        new CancellationException(
            label() + " was cancelled" + (why == null ? "" : ": " + why.reason()));
    if (why != null) {
      cancelled.initCause(why.exception());
    }
    if (outcome instanceof Throwable thrown && !Failures.isConsequence(thrown)) {
      Throwables.suppress(cancelled, thrown);
    }
    return cancelled;
  }

  @SuppressWarnings({"unchecked", "NullAway"}) // T says whether it may be null
  private T value() {
    return (T) outcome;
  }

  @Override
  public Throwable thrown() {
    return outcome instanceof Throwable thrown ? thrown : new AssertionError(outcome);
  }

  public final void ensureNotInside(@Nullable ThreadScope threadScope) {
    boolean inside = CancelActions.isRunningFor(this); // the task waits for its actions
    for (ThreadScope s = threadScope;
        s != null;
        s = s instanceof ScopeTask task ? task.scope.threadScope() : null) {
      inside |= s == this;
    }
    if (inside) {
      throw new IllegalStateException(
          label() + " waits for itself: it cannot join its own fork; return the value instead");
    }
  }

  /**
   * Waits for a condition whose change {@link #wakeWaiting} announces, or for the end of this task.
   *
   * @param nanos the timeout; 0 waits indefinitely
   * @return false if the task was already done
   */
  public final boolean await(BooleanSupplier condition, long nanos) throws InterruptedException {
    WaitList waiting = waitList();
    if (waiting == DONE) {
      return false;
    }
    waiting.await(condition, nanos, this);
    return true;
  }

  private WaitList waitList() {
    WaitList existing = waiters;
    if (existing != null) {
      return existing;
    }
    var created = new WaitList();
    WaitList witness = (WaitList) WAITERS.compareAndExchange(this, null, created);
    return witness == null ? created : witness;
  }

  /**
   * {@return an action that runs when this task has ended, and perhaps earlier and several times;
   * while the task runs, all callers get the same action}
   */
  public final Runnable whenDone(Supplier<? extends Runnable> make) {
    WaitList waiting = waitList();
    Runnable action = waiting == DONE ? make.get() : waiting.hook(make);
    if (isDone()) { // it may have ended before the action was set
      action.run();
    }
    return action;
  }

  /** Makes the waiting threads check their conditions again. */
  public final void wakeWaiting() {
    WaitList waiting = waiters;
    if (waiting != null) {
      waiting.wake();
    }
  }

  @Override
  public WaitInfo.Operation operation() {
    return WaitInfo.Operation.JOIN;
  }

  @Override
  public String on() {
    return label();
  }

  @Override
  public List<Object> objects() {
    return List.of(this);
  }

  @Override
  public String toString() {
    return label();
  }
}
