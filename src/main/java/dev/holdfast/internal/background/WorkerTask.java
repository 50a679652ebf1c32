package dev.holdfast.internal.background;

import dev.holdfast.Action;
import dev.holdfast.ForkFailedException;
import dev.holdfast.ScopeException;
import dev.holdfast.WorkerStats;
import dev.holdfast.channel.Receiver;
import dev.holdfast.inspect.Snapshot;
import dev.holdfast.internal.cancel.CancelActions;
import dev.holdfast.internal.cancel.Cancellation;
import dev.holdfast.internal.cancel.Failures;
import dev.holdfast.internal.cancel.Interrupter;
import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.internal.clock.Clock;
import dev.holdfast.internal.scheduling.Wakeups;
import dev.holdfast.internal.scope.ForkTask;
import dev.holdfast.internal.scope.ScopeImpl;
import dev.holdfast.internal.scope.ScopeTask.State;
import dev.holdfast.internal.telemetry.Reports;
import dev.holdfast.internal.util.Checks;
import dev.holdfast.internal.util.Printable;
import dev.holdfast.internal.util.Throwables;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/** A worker: a task that runs alongside the forks of a scope and may be restarted. */
public final class WorkerTask extends ForkTask<@Nullable Void> implements WorkerControl {

  /**
   * The scope whose worker this is. A delayed action runs in the launcher's scope, which is inside
   * this one.
   */
  final ScopeImpl home;

  /** Null once the worker has ended, so that the objects it refers to become garbage. */
  private @Nullable Work work;

  private final RestartPolicy restart;
  private final Readiness readiness;
  private final Stopping stopping = new Stopping(this);
  private final StopActions stopActions = new StopActions(this);

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
    this.readiness = new Readiness(this, work.canBeReady());
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
      readiness.reset();
      Exception failure = null;
      try {
        body.run(this);
      } catch (Exception e) {
        // An exception is no failure if it only means that the request to stop ended a wait.
        failure = stopping.isAsked() && Failures.hasConsequence(e) ? null : e;
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
        endUserCode(); // the logger is user code, and so are the methods of the exception
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
              label() + " has failed and restarts in " + wait / 1_000_000 + " ms",
              failure);
    } catch (RuntimeException brokenLogger) {
      Throwables.report(Thread.currentThread(), failure);
    }
  }

  /**
   * Waits for the given time, or until the worker is asked to stop. Own thread only.
   *
   * @return false if the worker was asked to stop
   */
  boolean pause(long nanos) throws InterruptedException {
    if (nanos <= 0) {
      top().checkpoint();
    } else {
      awaitWork(stopping::isAsked, nanos, this); // ignores an interrupt from outside
    }
    return !stopping.isAsked();
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // only this thread writes them
  void ticked(long left) {
    ticks++;
    missed += left;
  }

  @Override
  public void stop(String reason) {
    if (!isCancelled()) { // a cancelled worker gets no request, so that awaitStop throws
      stopping.ask(reason);
    }
  }

  /** Starts the stop actions, and wakes the worker and the threads that wait for it. */
  void announceStop() {
    stopActions.start();
    Wakeups.unpark(thread());
    wakeWaiting();
  }

  @Override
  public void onCancelled() {
    stopActions.start();
    wakeWaiting();
  }

  @Override
  public boolean stopping() {
    boolean asked = Thread.currentThread() == thread() ? stopping.learn() : stopping.isAsked();
    return asked || cancellation() != null;
  }

  private boolean isCancelled() {
    return cancellation() != null || home.cancellation() != null;
  }

  boolean isStopping() {
    return stopping.isAsked() || cancellation() != null;
  }

  @Override
  public boolean awaitStop(long nanos) throws InterruptedException {
    ThreadScope threadScope = ThreadScope.current();
    if (Thread.currentThread() == thread()) {
      return stopping.await(nanos);
    }
    if (!await(() -> isStopping() || isDone(), nanos) && threadScope != null) {
      threadScope.top().checkpoint();
    }
    return isStopping() || isDone();
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
  public void conclude(
      State state, @Nullable Object result, @Nullable Throwable thrown, long elapsedNanos) {
    if (Thread.currentThread() == thread()) { // it may have been cancelled before it began
      stopActions.end();
    }
    super.conclude(state, result, thrown, elapsedNanos);
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

  @Override
  public Receiver<Object> ended() {
    return JoinSignal.of(this);
  }

  @Override
  public void throwFailure() {
    if (state() == State.FAILED) {
      observe();
      throw new ForkFailedException(
          label() + " failed: " + Throwables.describe(thrown()), thrown());
    }
  }

  @Override
  public void ready(@Nullable Object value) {
    readiness.publish(value);
  }

  @Override
  public @Nullable Object awaitReady(long nanos) throws InterruptedException {
    return readiness.await(nanos);
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
          Thread.currentThread(), thrown); // reported now, because its scope may live long
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
    stopping.end();
    if (home == scope) {
      Workers.of(home).workerEnded();
    } else {
      super.left();
      Workers.of(home).delayedEnded();
    }
  }
}
