package dev.holdfast.internal.background;

import dev.holdfast.Action;
import dev.holdfast.WorkerStats;
import dev.holdfast.channel.Receiver;
import dev.holdfast.inspect.WaitInfo;
import dev.holdfast.internal.cancel.Blocker;
import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.internal.clock.Clock;
import dev.holdfast.internal.scope.ScopeImpl;
import dev.holdfast.internal.timer.TimerQueue;
import dev.holdfast.internal.util.ThreadContext;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An action that begins after a delay. It takes little memory while it waits, and then becomes a
 * task.
 */
public final class DelayedAction extends TimerQueue.Timer implements WorkerControl, Blocker {

  private static final VarHandle OUTCOME;
  private static final VarHandle SIGNAL;

  /** The outcome of a dropped action. */
  private static final Object DROPPED = new Object();

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      OUTCOME = lookup.findVarHandle(DelayedAction.class, "outcome", Object.class);
      SIGNAL = lookup.findVarHandle(DelayedAction.class, "signal", JoinSignal.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Workers workers;
  private final @Nullable String name;
  private final @Nullable Object context = ThreadContext.capture();

  /** Null once the action has begun or been dropped. */
  private volatile @Nullable Action action;

  /** Null while the action waits; then its {@link WorkerTask} or {@link #DROPPED}. */
  private volatile @Nullable Object outcome;

  /** Created for the first select that waits for the end. */
  private volatile @Nullable JoinSignal signal;

  public DelayedAction(Workers workers, @Nullable String name, Action action) {
    this.workers = workers;
    this.name = name;
    this.action = action;
  }

  @Override
  public long due() {
    workers.delayedBegins();
    return NEVER;
  }

  @Override
  public void ring() {
    boolean requested = false;
    try {
      requested = workers.launcher().request(this);
    } finally {
      if (!requested) {
        drop();
        workers.delayedEnded();
      }
    }
  }

  /** {@return the task, for the thread that starts it; null if the action was dropped first} */
  public @Nullable WorkerTask task(ScopeImpl inside, int number) {
    Action begun = action;
    var task =
        new WorkerTask(
            inside,
            workers.scope(),
            name(),
            number,
            context,
            RestartPolicy.NEVER,
            self -> {
              self.ticked(0);
              if (begun != null) {
                begun.run();
              }
            });
    boolean first = OUTCOME.compareAndSet(this, null, task);
    action = null;
    announce();
    return first ? task : null;
  }

  /** Wakes the selects that wait for the end of the action, now or when the task has ended. */
  private void announce() {
    JoinSignal waiting = signal;
    if (waiting == null) {
      return;
    }
    if (outcome instanceof WorkerTask task) {
      task.whenDone(() -> waiting);
    } else {
      waiting.run();
    }
  }

  @Override
  public Receiver<Object> ended() {
    if (signal == null) {
      SIGNAL.compareAndSet(this, null, new JoinSignal(name(), this::isDone, this::ensureNotInside));
    }
    announce(); // it may have begun or been dropped before the signal was set
    return Objects.requireNonNull(signal).ended();
  }

  private void ensureNotInside() {
    if (outcome instanceof WorkerTask task) {
      task.ensureNotInside(ThreadScope.current());
    }
  }

  @Override
  public void drop() {
    if (OUTCOME.compareAndSet(this, null, DROPPED)) {
      action = null;
      workers.joiners.wake();
      announce();
    }
  }

  /** Drops the action unless it has begun; the launcher may be about to start it. */
  private void dropEarly() {
    workers.queue().remove(this);
    drop();
  }

  @Override
  public void stop(String reason) {
    dropEarly();
    if (outcome instanceof WorkerTask task) {
      task.stop(reason);
    }
  }

  @Override
  public void cancel(String reason) {
    dropEarly();
    if (outcome instanceof WorkerTask task) {
      task.cancel(reason);
    }
  }

  @Override
  public void awaitEnd() throws InterruptedException {
    workers.joiners.await(() -> outcome != null, 0, this);
    if (outcome instanceof WorkerTask task) {
      task.awaitEnd();
    }
  }

  @Override
  public boolean isDone() {
    return outcome instanceof WorkerTask task ? task.isDone() : outcome == DROPPED;
  }

  @Override
  public boolean stopping() {
    return outcome instanceof WorkerTask task ? task.stopping() : outcome == DROPPED;
  }

  @Override
  public boolean awaitStop(long nanos) throws InterruptedException {
    long begin = nanos == 0 ? 0 : Clock.nanoTime();
    workers.joiners.await(() -> outcome != null, nanos, this);
    if (outcome instanceof WorkerTask task) {
      return task.awaitStop(nanos == 0 ? 0 : Math.max(1, nanos - (Clock.nanoTime() - begin)));
    }
    return stopping();
  }

  @Override
  public void throwFailure() {
    if (outcome instanceof WorkerTask task) {
      task.throwFailure();
    }
  }

  @Override
  public void onStop(Action action) {
    throw new IllegalStateException(
        "Worker '"
            + name()
            + "' runs one action and does not support onStop; use scope.worker(self -> ...)");
  }

  @Override
  public void ready(@Nullable Object value) {
    throw Readiness.impossible(name());
  }

  @Override
  public @Nullable Object awaitReady(long nanos) {
    throw Readiness.impossible(name());
  }

  @Override
  public WorkerStats stats() {
    return outcome instanceof WorkerTask task ? task.stats() : new WorkerStats(0, 0, 0);
  }

  @Override
  public String name() {
    return name == null ? workers.scope().name() + "/after" : name;
  }

  @Override
  public WaitInfo.Operation operation() {
    return WaitInfo.Operation.JOIN;
  }

  @Override
  public String on() {
    return name();
  }

  @Override
  public String toString() {
    return name();
  }
}
