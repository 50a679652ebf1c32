package dev.holdfast.internal.background;

import dev.holdfast.Action;
import dev.holdfast.channel.Channel;
import dev.holdfast.internal.cancel.Access;
import dev.holdfast.internal.cancel.CancelScope;
import dev.holdfast.internal.cancel.WaitList;
import dev.holdfast.internal.clock.Clock;
import dev.holdfast.internal.scheduling.Wakeups;
import dev.holdfast.internal.scope.Attachment;
import dev.holdfast.internal.scope.ScopeImpl;
import dev.holdfast.internal.timer.TimerQueue;
import dev.holdfast.internal.util.Checks;
import dev.holdfast.internal.util.CompactingList;
import dev.holdfast.internal.util.StackProbe;
import dev.holdfast.internal.util.ThreadContext;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The workers and timers of a scope, and the launcher of its executor's tasks. */
public final class Workers extends Attachment {

  /** Workers and the launcher that have not ended. */
  private final AtomicInteger running = new AtomicInteger();

  /** Actions whose delay has elapsed and that have not ended. */
  private final AtomicInteger delayed = new AtomicInteger();

  private final TimerQueue timers = new TimerQueue();

  /** The threads that wait for a delayed action to begin. */
  final WaitList joiners = new WaitList();

  private volatile @Nullable Launcher launcher;

  // Owner only.
  private final CompactingList<WorkerTask> workers = new CompactingList<>(WorkerTask::hasEnded);
  private int numbers;

  private Workers(ScopeImpl scope) {
    super(scope);
  }

  /** Starts a worker. Owner only. */
  public static WorkerControl start(
      ScopeImpl scope, @Nullable String name, RestartPolicy restart, WorkerTask.Work work) {
    Access.requireOwner(scope, "start a worker");
    return of(scope).startWork(name, restart, work);
  }

  /** Schedules an action. Owner only. */
  public static WorkerControl after(
      ScopeImpl scope, @Nullable String name, Duration delay, Action action) {
    Checks.notNegative(delay, "delay");
    Checks.given(action, "action");
    Access.requireOwner(scope, "set a timer");
    return of(scope).after(name, delay.toNanos(), action);
  }

  /** Opens a channel that receives the number of each tick. Owner only. */
  public static Channel<Long> ticker(ScopeImpl scope, Duration period) {
    Ticker.check(period);
    Access.requireOwner(scope, "start a ticker");
    return Ticker.start(scope, of(scope).timers, period);
  }

  /** {@return the executor of a scope; owner only} */
  public static ExecutorService executor(ScopeImpl scope) {
    Access.requireOwner(
        scope, "create an executor", "Call executor() in the body; any thread may submit to it");
    return of(scope).launcher().executor();
  }

  /** {@return the workers of a scope} */
  public static Workers of(ScopeImpl scope) {
    return (Workers) scope.workers(Workers::new);
  }

  ScopeImpl scope() {
    return scope;
  }

  TimerQueue queue() {
    return timers;
  }

  /** {@return how many timers are set or are running their actions} */
  @Override
  public int timers() {
    return timers.size() + delayed.get();
  }

  /** {@return how many workers have not ended, including the launcher} */
  @Override
  public int running() {
    return running.get();
  }

  private WorkerControl startWork(
      @Nullable String name, RestartPolicy restart, WorkerTask.Work work) {
    int number = ++numbers;
    String called = name == null ? scope.name() + "/worker-" + number : name;
    var task = new WorkerTask(scope, scope, called, number, ThreadContext.capture(), restart, work);
    startTask(task);
    return task;
  }

  private void startTask(WorkerTask task) {
    StackProbe.ensureRoom(); // the scope would wait for a counted task that never starts
    scope.endUnstarted();
    workers.add(task);
    running.incrementAndGet();
    scope.startBackground(task);
  }

  private WorkerControl after(@Nullable String name, long nanos, Action action) {
    launcher();
    var after = new DelayedAction(this, name, action);
    timers.set(after, Clock.nanoTime() + nanos);
    return after;
  }

  void workerEnded() {
    running.decrementAndGet();
    scope.backgroundEnded();
  }

  void delayedBegins() {
    delayed.incrementAndGet();
  }

  void delayedEnded() {
    delayed.decrementAndGet();
    joiners.wake();
    Wakeups.unpark(scope.threadScope().thread());
  }

  /** {@return the launcher; the owner starts it, before other threads can need it} */
  Launcher launcher() {
    Launcher existing = launcher;
    if (existing != null) {
      return existing;
    }
    StackProbe.ensureRoom(); // the scope would wait for a counted task that never starts
    var created = new Launcher(scope, ++numbers);
    running.incrementAndGet();
    launcher = created;
    boolean started = false;
    try {
      scope.startBackground(created);
      started = true;
    } finally {
      if (!started) {
        launcher = null; // the next call tries again
      }
    }
    return created;
  }

  /** {@return whether the executor has no task left to run} */
  boolean isExecutorIdle() {
    Launcher existing = launcher;
    return existing == null || existing.isExecutorIdle();
  }

  /** Drops the timers and stops the workers. Owner only. */
  @Override
  public void stop() {
    timers.close();
    Launcher existing = launcher;
    if (existing != null) {
      existing.stopWorkers();
      scope.park(() -> delayed.get() == 0);
    }
    for (WorkerTask worker : workers.elements().reversed()) {
      worker.stop(scope.label() + " ends"); // all at once, so that the graces overlap
    }
    scope.park(() -> workers.elements().stream().allMatch(CancelScope::hasEnded));
    scope.park(() -> scope.cancellation() != null || isExecutorIdle());
  }

  /** Ends the executor and the launcher, when no running code can submit to them any more. */
  @Override
  public void finish() {
    Launcher existing = launcher;
    if (existing != null) {
      existing.finish();
      scope.park(existing::hasEnded);
    }
    workers.elements().clear();
  }

  /** Releases everything, even if the scope could not wait for it. */
  @Override
  public void close(Consumer<Throwable> failures) {
    timers.close();
    workers.elements().clear();
  }
}
