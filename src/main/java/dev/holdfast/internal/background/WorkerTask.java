package dev.holdfast.internal.background;

import dev.holdfast.Action;
import dev.holdfast.ForkFailedException;
import dev.holdfast.ScopeException;
import dev.holdfast.WorkerStats;
import dev.holdfast.inspect.Snapshot;
import dev.holdfast.inspect.WaitInfo.Operation;
import dev.holdfast.internal.cancel.Blocker;
import dev.holdfast.internal.cancel.CancelActions;
import dev.holdfast.internal.cancel.Cancellation;
import dev.holdfast.internal.cancel.Failures;
import dev.holdfast.internal.cancel.Interrupter;
import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.internal.clock.Clock;
import dev.holdfast.internal.scheduling.StopRequest;
import dev.holdfast.internal.scheduling.Wakeups;
import dev.holdfast.internal.scope.ForkTask;
import dev.holdfast.internal.scope.ScopeImpl;
import dev.holdfast.internal.scope.ScopeTask.State;
import dev.holdfast.internal.telemetry.Reports;
import dev.holdfast.internal.timer.BlockingAlarm;
import dev.holdfast.internal.timer.TimerThread;
import dev.holdfast.internal.util.Checks;
import dev.holdfast.internal.util.Printable;
import dev.holdfast.internal.util.StackTraces;
import dev.holdfast.internal.util.Throwables;
import java.lang.System.Logger.Level;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/** A worker: a task that runs beside the forks of a scope and may be restarted. */
public final class WorkerTask extends ForkTask<@Nullable Void> implements WorkerControl {

  private static final VarHandle STOP_ALARM;
  private static final VarHandle STOP_REQUEST;

  /** Stands for the value while the worker is not ready. */
  private static final Object NOT_READY = new Object();

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      STOP_ALARM = lookup.findVarHandle(WorkerTask.class, "stopAlarm", StopAlarm.class);
      STOP_REQUEST = lookup.findVarHandle(WorkerTask.class, "stopRequest", StopRequest.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /**
   * The scope whose worker this is. A delayed action runs in the scope of the launcher, which is
   * inside this one.
   */
  final ScopeImpl home;

  /** Null once the worker has ended, so that the objects it refers to become garbage. */
  private @Nullable Work work;

  private final RestartPolicy restart;
  private final boolean canBeReady;

  /** Whether it was asked to stop; it may be cancelled without that. */
  private volatile boolean stopping;

  private volatile @Nullable StopRequest stopRequest;
  private final StopActions stopActions = new StopActions(this);
  private volatile @Nullable StopAlarm stopAlarm;
  private volatile @Nullable Object ready = NOT_READY;

  // Written by its own thread.
  private volatile long starts;
  private volatile long ticks;
  private volatile long missed;

  /** The code of a worker. */
  public interface Work {
    public void run(WorkerTask task) throws Exception;

    /** {@return whether the code gets the handle of its worker, and so can call {@code ready}} */
    default boolean canBeReady() {
      return false;
    }
  }

  /** {@return work that runs an action} */
  public static Work running(Action body) {
    Checks.given(body, "body");
    return task -> body.run();
  }

  /** {@return work that gets the handle of its worker, and so can call {@code ready}} */
  public static Work readying(Work work) {
    return new Work() {
      @Override
      public void run(WorkerTask task) throws Exception {
        work.run(task);
      }

      @Override
      public boolean canBeReady() {
        return true;
      }
    };
  }

  /**
   * Creates a worker.
   *
   * @param scope the scope that it runs in
   * @param home the scope whose worker it is
   */
  WorkerTask(
      ScopeImpl scope,
      ScopeImpl home,
      @Nullable String name,
      int number,
      @Nullable Object context,
      RestartPolicy restart,
      Work work) {
    super(scope, name, number, context, () -> null);
    this.home = home;
    this.restart = restart;
    this.work = work;
    this.canBeReady = work.canBeReady();
  }

  @Override
  public @Nullable Object work() throws Exception {
    try {
      return runAndRestart();
    } finally {
      stopActions.end();
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // only this thread writes it
  private @Nullable Object runAndRestart() throws Exception {
    Work body = work;
    RestartPolicy.History history = null;
    for (; body != null; ) {
      starts++;
      ready = NOT_READY;
      Exception failure = null;
      try {
        body.run(this);
      } catch (Exception e) {
        // An exception that only says that a wait was ended by the request to stop is no failure.
        failure = stopping && Failures.hasConsequence(e) ? null : e;
      }
      endUserCode();
      stopActions.endRun(); // a restarted worker registers its own
      boolean again = failure == null ? restart.afterReturn() : mayFollow(failure);
      if (again && !isStopping() && history == null) {
        history = restart.new History();
      }
      long wait = again && !isStopping() && history != null ? history.next(Clock.nanoTime()) : -1;
      if (wait < 0) {
        return end(failure, again && !isStopping());
      }
      if (failure != null) {
        log(failure, wait);
      }
      if (!pause(wait)) {
        return null;
      }
    }
    return null;
  }

  private boolean mayFollow(Exception failure) {
    return restart.afterFailure() && !(failure instanceof InterruptedException);
  }

  private @Nullable Object end(@Nullable Exception failure, boolean tooOften) throws Exception {
    if (failure != null) {
      throw failure;
    }
    if (tooOften) {
      throw new ScopeException(label() + " has ended too often: " + restart, null);
    }
    return null;
  }

  private void log(Exception failure, long wait) {
    try {
      System.getLogger("dev.holdfast")
          .log(
              Level.WARNING,
              label() + " has failed and is started again in " + wait / 1_000_000 + " ms",
              failure);
    } catch (RuntimeException brokenLogger) {
      Throwables.report(Thread.currentThread(), failure);
    }
  }

  /**
   * Waits for a time, or until the worker is asked to stop. Own thread only.
   *
   * @return false if the worker was asked to stop
   */
  boolean pause(long nanos) throws InterruptedException {
    if (nanos <= 0) {
      top().checkpoint();
    } else {
      await(() -> stopping, nanos, this);
    }
    return !stopping;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // only this thread writes them
  void ticked(long left) {
    ticks++;
    missed += left;
  }

  @Override
  public void stop(String reason) {
    if (isCancelled()) {
      return; // it is not asked any more, so that awaitStop throws
    }
    long grace = home.graceNanos();
    var request = new Request();
    // First, so that the worker's code can withdraw it as soon as it sees that it was asked.
    boolean first = STOP_REQUEST.compareAndSet(this, null, request);
    stopping = true;
    stopActions.start();
    Thread thread = thread();
    Wakeups.unpark(thread);
    wakeWaiting();
    var alarm = new StopAlarm(reason);
    if (grace == 0) {
      cancel(reason);
    } else if (STOP_ALARM.compareAndSet(this, null, alarm)) {
      TimerThread.set(alarm, Clock.nanoTime() + grace);
      if (first && thread != null) {
        request.send(thread);
      }
      if (hasEnded()) { // it may have ended before these were set
        TimerThread.clear(alarm);
        request.withdraw();
      }
    }
  }

  /** Ends the wait in which the worker is asked to stop, or the next one. */
  private final class Request extends StopRequest {

    @Override
    protected boolean applies() {
      return cancellation() == null && !isShielded();
    }

    @Override
    protected String message() {
      return label() + " was asked to stop";
    }
  }

  private final class StopAlarm extends BlockingAlarm {

    private final String reason;

    StopAlarm(String reason) {
      this.reason = reason;
    }

    @Override
    public void expired() {
      cancel(reason);
    }
  }

  @Override
  public void onCancelled() {
    stopActions.start();
    wakeWaiting();
  }

  @Override
  public boolean stopping() {
    if (Thread.currentThread() == thread()) {
      stopIsKnown();
    }
    return isStopping();
  }

  private boolean isCancelled() {
    return cancellation() != null || home.cancellation() != null;
  }

  boolean isStopping() {
    return stopping || cancellation() != null;
  }

  /** Called when the worker's code learns of the request to stop: it is free to wait again. */
  private void stopIsKnown() {
    StopRequest request = stopRequest;
    if (request != null) {
      request.withdraw();
    }
  }

  @Override
  public void awaitStop() throws InterruptedException {
    ThreadScope threadScope = ThreadScope.current();
    if (Thread.currentThread() == thread()) {
      if (!stopping) {
        try {
          await(() -> stopping, 0, new Blocker.Of(Operation.IDLE, scope, "the request to stop"));
        } catch (InterruptedException e) {
          if (!stopping) {
            throw e;
          }
          Thread.currentThread().interrupt(); // without a grace both can come at once
        }
      }
      stopIsKnown();
    } else if (!await(this::isStopping, 0) && threadScope != null) {
      threadScope.top().checkpoint();
    }
  }

  @Override
  public void onStop(Action action) {
    Checks.given(action, "action");
    Cancellation why = stopActions.add(action);
    if (why != null && Thread.currentThread() == thread()) {
      throw why.exception();
    }
  }

  @Override
  public void conclude(State state, @Nullable Object result, @Nullable Throwable thrown) {
    if (Thread.currentThread() == thread()) { // it may have been cancelled before it began
      stopActions.end();
    }
    super.conclude(state, result, thrown);
  }

  @Override
  public @Nullable CancelActions cancelActions() {
    return stopActions.list();
  }

  @Override
  public boolean runsActions() {
    return isStopping() && !stopActions.isOver();
  }

  @Override
  public @Nullable Thread runner() {
    Thread runner = stopActions.awaitedThread();
    return runner == null ? super.runner() : runner;
  }

  @Override
  public void awaitEnd() throws InterruptedException {
    ThreadScope threadScope = ThreadScope.current();
    if (!isDone()) {
      ensureNotInside(threadScope);
      await(this::isDone, 0);
    } else if (threadScope != null) {
      threadScope.top().checkpoint();
    }
    throwFailure();
  }

  private void throwFailure() {
    if (state() == State.FAILED) {
      observe();
      throw new ForkFailedException(
          label() + " failed: " + Throwables.describe(thrown()), thrown());
    }
  }

  static IllegalStateException neverReady(String name) {
    return new IllegalStateException(
        "Worker '"
            + name
            + "' cannot become ready: only code that gets the worker's handle can call ready; start"
            + " it with scope.worker(self -> ...)");
  }

  @Override
  public void ready(@Nullable Object value) {
    if (!canBeReady) {
      throw neverReady(name());
    }
    ready = value;
    wakeWaiting();
  }

  @Override
  public @Nullable Object awaitReady(long nanos) throws InterruptedException {
    if (!canBeReady) {
      throw neverReady(name());
    }
    ThreadScope threadScope = ThreadScope.current();
    if (threadScope != null) {
      threadScope.top().checkpoint();
    }
    ensureNotInside(threadScope);
    await(() -> ready != NOT_READY || isDone() || isStopping(), nanos);
    Object published = ready;
    if (published != NOT_READY) {
      return published;
    }
    throwFailure();
    throw isDone() || isStopping() ? endedUnready() : late(nanos);
  }

  private CancellationException endedUnready() {
    Cancellation why = cancellation();
    var ended =
        new CancellationException(
            label()
                + (isDone() ? " has ended" : " was stopped")
                + " without being ready"
                + (why == null ? "; it must call ready(...)" : ": " + why.reason()));
    if (why != null) {
      ended.initCause(why.exception());
    }
    return ended;
  }

  private ScopeException late(long nanos) {
    return new ScopeException(
        label()
            + " was not ready within "
            + Duration.ofNanos(nanos)
            + "; it must call ready(...). It is"
            + StackTraces.of(thread()),
        null);
  }

  @Override
  public WorkerStats stats() {
    return new WorkerStats(starts, ticks, missed);
  }

  @Override
  public @Nullable Interrupter failing(Throwable thrown) {
    return home.failing(this, thrown);
  }

  @Override
  public void failed(Throwable thrown, @Nullable Interrupter interrupter) {
    if (home.isIsolated()) {
      Reports.unjoined(label(), thrown);
      Throwables.report(
          Thread.currentThread(), thrown); // reported now, because its scope may live for long
    } else {
      home.failed(this, thrown, interrupter);
    }
  }

  @Override
  public void failedLate(Throwable thrown) {
    home.failedLate(thrown);
  }

  @Override
  public Snapshot.Kind kind() {
    return Snapshot.Kind.WORKER;
  }

  @Override
  public String described() {
    return "worker '" + Printable.of(name()) + "'";
  }

  @Override
  public String label() {
    return "Worker '" + Printable.of(name()) + "'";
  }

  @Override
  public void left() {
    work = null;
    StopAlarm alarm = stopAlarm;
    if (alarm != null) {
      TimerThread.clear(alarm);
    }
    stopIsKnown();
    if (home == scope) {
      Workers.of(home).workerEnded();
    } else {
      super.left();
      Workers.of(home).delayedEnded();
    }
  }
}
