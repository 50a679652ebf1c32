package dev.holdfast.internal.cancel;

import dev.holdfast.Action;
import dev.holdfast.Deadline;
import dev.holdfast.Task;
import dev.holdfast.internal.clock.Clock;
import dev.holdfast.internal.scheduling.Wakeups;
import dev.holdfast.internal.timer.Alarm;
import dev.holdfast.internal.timer.TimerThread;
import dev.holdfast.internal.util.StackProbe;
import dev.holdfast.internal.util.Throwables;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A call that is cancelled by an action of its own; Holdfast sends it no interrupt. */
public final class BlockingCall extends CancelScope {

  /*
   * Where Holdfast would interrupt any other scope, it starts the action of this call instead,
   * unless the action is still running. The states: IDLE; RUNNING, from the start of the action
   * until it has ended; LAST, when the call has returned but the action still runs; RETURNED, when
   * no action runs and none can start. The caller continues only in the state RETURNED. A later
   * action would cancel the caller's next statement, because a database driver cancels whatever
   * statement its connection is executing.
   *
   * Holdfast cancels no call within YOUNG_NANOS of its start. A cancel request has no effect if
   * it reaches the server after the driver has sent a query and before the server begins it, and
   * the PostgreSQL driver sends only one such request for a query.
   */

  /** For this long after its start, a call cannot be cancelled. */
  private static final long YOUNG_NANOS = 100_000_000L;

  private enum State {
    IDLE,
    RUNNING,
    LAST,
    RETURNED
  }

  private final ThreadScope threadScope;
  private final CancelScope outer;
  private final Attempt attempt;
  private final AtomicReference<State> state = new AtomicReference<>(State.IDLE);
  private final long grownUpAt = Clock.nanoTime() + YOUNG_NANOS;
  private final Growing growing = new Growing();

  private BlockingCall(ThreadScope threadScope, Action action, Consumer<Throwable> failures) {
    super(threadScope.top().depth + 1);
    this.threadScope = threadScope;
    this.outer = threadScope.top();
    this.attempt = new Attempt(action, failures);
  }

  /**
   * Makes a call, unless the current task or scope is cancelled.
   *
   * @param action unblocks the call
   * @param failures takes the first exception that the action throws
   * @return what the call returns, even if it was cancelled
   * @throws InterruptedException in place of the call's exception, if the call was cancelled
   */
  @SuppressWarnings("NullAway") // R says whether it may be null
  public static <R extends @Nullable Object, X extends Exception> R call(
      Action action, Task<R, X> call, Consumer<Throwable> failures) throws X, InterruptedException {
    ThreadScope threadScope = ThreadScope.enter();
    StackProbe.ensureRoom(threadScope.top().depth);
    ThreadScope.checkpointCurrent();
    var scope = new BlockingCall(threadScope, action, failures);
    threadScope.push(scope);
    Throwable thrown = null;
    R result = null;
    try {
      scope.outer.checkpoint(); // a cancellation of the outer scope may have come before the push
      result = call.call();
    } catch (Throwable t) {
      thrown = t;
    }
    boolean inTime = scope.decide(Cancellation.COMPLETED);
    scope.awaitAction();
    Throwable out = inTime || thrown == null ? thrown : scope.cancelled(thrown);
    boolean fromOutside =
        inTime && thrown instanceof InterruptedException e && scope.isFromOutside(e);
    threadScope.pop(scope, out);
    if (fromOutside) {
      threadScope.cancelFor((InterruptedException) thrown); // like an interrupted wait in Holdfast
    }
    if (out != null) {
      throw Throwables.<RuntimeException>sneaky(out);
    }
    return result;
  }

  /** {@return the exception to throw in place of the one that the call threw} */
  private Throwable cancelled(Throwable thrown) {
    Cancellation why = cancellation();
    if (why == null || thrown instanceof Error || thrown instanceof InterruptedException) {
      return thrown;
    }
    InterruptedException out = why.interruption();
    Throwables.suppress(out, thrown);
    return out;
  }

  /** Called whenever Holdfast would otherwise interrupt the thread. */
  @Override
  public void onCancelled() {
    if (Clock.nanoTime() - grownUpAt >= 0) {
      attempt();
    } else if (!hasEnded()) {
      TimerThread.set(growing, grownUpAt);
      if (hasEnded()) {
        TimerThread.clear(growing); // the call may have ended before the alarm was set
      }
    }
  }

  private void attempt() {
    if (state.compareAndSet(State.IDLE, State.RUNNING)) {
      boolean started = false;
      try {
        TimerThread.run(attempt);
        started = true;
      } finally {
        if (!started) {
          attempt.notStarted(); // out of memory
        }
      }
    }
  }

  private void awaitAction() {
    state.updateAndGet(before -> before == State.RUNNING ? State.LAST : State.RETURNED);
    threadScope.awaitAnyway(this::hasEnded, "the cancel action of " + label());
    if (cancellation() != null) {
      TimerThread.clear(growing);
    }
  }

  @Override
  public ThreadScope threadScope() {
    return threadScope;
  }

  @Override
  public CancelScope outer() {
    return outer;
  }

  @Override
  public Deadline deadline() {
    return outer.deadline();
  }

  @Override
  public String label() {
    return "a blocking call";
  }

  @Override
  public String running() {
    return state.get() == State.LAST ? "the cancel action of a blocking call, it is" : "";
  }

  @Override
  public @Nullable Thread runner() {
    Thread runner = attempt.runner();
    return runner == null ? super.runner() : runner;
  }

  @Override
  boolean runsActionOn(Thread thread) {
    return attempt.runner() == thread;
  }

  @Override
  public boolean hasEnded() {
    return state.get() == State.RETURNED;
  }

  /** The first attempt to cancel a call that was too young at its cancellation. */
  private final class Growing extends Alarm {
    @Override
    public void ring() {
      attempt();
    }
  }

  /** The cancel action, which can run any number of times. */
  private final class Attempt extends CancelAction {

    private final Consumer<Throwable> failures;
    private boolean failed;

    Attempt(Action action, Consumer<Throwable> failures) {
      super(action);
      this.failures = failures;
    }

    @Override
    void failed(Throwable thrown) {
      if (!failed) {
        failed = true;
        failures.accept(thrown);
      }
    }

    @Override
    void notStarted() {
      ended();
    }

    @Override
    void ended() {
      state.updateAndGet(before -> before == State.LAST ? State.RETURNED : State.IDLE);
      Wakeups.unpark(threadScope.thread());
    }
  }
}
