package dev.holdfast.internal.background;

import dev.holdfast.inspect.Snapshot;
import dev.holdfast.inspect.WaitInfo;
import dev.holdfast.internal.cancel.Blocker;
import dev.holdfast.internal.cancel.Cancellation;
import dev.holdfast.internal.cancel.Interrupter;
import dev.holdfast.internal.scheduling.Wakeups;
import dev.holdfast.internal.scope.ScopeImpl;
import dev.holdfast.internal.scope.ScopeTask;
import dev.holdfast.internal.scope.Settings.Policy;
import dev.holdfast.internal.telemetry.ScopeCounters;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * A task that starts other tasks for timers and for the executor, because their threads must not
 * fork in the scope.
 *
 * <p>From JDK 25 on, only the thread that opened a {@code StructuredTaskScope} may fork in it, and
 * the owner of the scope is busy with its body. So the launcher opens its own scope inside.
 */
public final class Launcher extends ScopeTask {

  /** The pause after a failed start of a runner doubles from 1 ms to at most 2^9 ms. */
  private static final int LONGEST_PAUSE = 9;

  private final ConcurrentLinkedQueue<DelayedAction> requests = new ConcurrentLinkedQueue<>();

  private volatile @Nullable ScopeExecutor executor;
  private volatile @Nullable ScopeImpl inner;

  /** Whether requests are dropped. */
  private volatile boolean dropping;

  /** Whether the scope accepts no further requests. */
  private volatile boolean finishing;

  /** Whether it starts no more tasks. */
  private volatile boolean closed;

  /** How many starts of a runner have failed in a row. Own thread only. */
  private int failedStarts;

  Launcher(ScopeImpl scope, int number) {
    super(scope, scope.name() + "/host", number, null);
  }

  @Override
  public @Nullable Object work() throws InterruptedException {
    ScopeImpl opened = ScopeImpl.open(scope.settings().inside(name()), Policy.SETTLE, this);
    inner = opened;
    Throwable thrown = null;
    try {
      serve(opened);
    } catch (Throwable t) {
      thrown = t;
    }
    closed = true;
    try {
      refuse();
    } finally { // even when out of memory
      opened.end(thrown);
    }
    return null;
  }

  @Override
  public Snapshot.Kind kind() {
    return Snapshot.Kind.EXECUTOR;
  }

  /** Counts the tasks that the launcher starts, for the scope in which the launcher runs. */
  @Override
  public ScopeCounters hostedCounters() {
    return scope.counters();
  }

  @Override
  public boolean isCounted() {
    return false;
  }

  private void serve(ScopeImpl opened) throws InterruptedException {
    while (opened.cancellation() == null) {
      ScopeExecutor existing = executor;
      DelayedAction request = requests.poll();
      if (request != null) {
        begin(request, opened);
        endUserCode(); // the thread factory is user code
      } else if (existing != null && existing.wantsRunner()) {
        startRunner(existing, opened);
        endUserCode();
      } else if (finishing && (existing == null || existing.isDrained())) {
        return;
      } else {
        threadScope()
            .awaitWork(this::hasWork, 0, new Blocker.Of(WaitInfo.Operation.IDLE, scope, label()));
      }
    }
  }

  /**
   * Starts a runner. While the thread factory returns no thread, the existing runners take the
   * tasks. Without runners, the launcher retries with growing pauses, and the last failure fails
   * the scope.
   */
  private void startRunner(ScopeExecutor existing, ScopeImpl opened) throws InterruptedException {
    try {
      opened.start(existing.newRunner(opened, opened.nextNumber()));
      failedStarts = 0;
    } catch (Throwable t) {
      opened.endUnstarted();
      if (failedStarts == LONGEST_PAUSE && !existing.hasRunners()) {
        throw t;
      }
      long pause = 1_000_000L << failedStarts;
      failedStarts = Math.min(failedStarts + 1, LONGEST_PAUSE);
      threadScope()
          .awaitWork(
              () -> !requests.isEmpty(),
              pause,
              new Blocker.Of(WaitInfo.Operation.IDLE, scope, label()));
    }
  }

  private void begin(DelayedAction request, ScopeImpl opened) {
    WorkerTask task = null;
    try {
      task = dropping ? null : request.task(opened, opened.nextNumber());
    } finally {
      if (task == null) {
        request.drop();
        Workers.of(scope).delayedEnded();
      }
    }
    if (task == null) {
      return;
    }
    opened.start(task);
    if (dropping) { // stopWorkers may have run before the task was added
      task.stop(scope.label() + " ends");
    }
  }

  private boolean hasWork() {
    ScopeExecutor existing = executor;
    return !requests.isEmpty()
        || (existing != null && existing.wantsRunner())
        || (finishing && (existing == null || existing.isDrained()));
  }

  /** Makes the launcher check for work. Any thread may call this. */
  void wake() {
    Wakeups.unpark(thread());
  }

  /** {@return false if the launcher starts no more tasks} */
  boolean request(DelayedAction request) {
    requests.add(request);
    if (closed && requests.remove(request)) {
      return false;
    }
    wake();
    return true;
  }

  private void refuse() {
    for (DelayedAction request; (request = requests.poll()) != null; ) {
      request.drop();
      Workers.of(scope).delayedEnded();
    }
  }

  /** {@return the executor, created at the first call; owner only} */
  public ScopeExecutor executor() {
    ScopeExecutor existing = executor;
    if (existing == null) {
      executor = existing = new ScopeExecutor(scope, this);
      if (closed) {
        existing.abort();
      }
    }
    return existing;
  }

  /** Snapshots show this as the executor once user code has requested one. */
  @Override
  public boolean isShown() {
    return executor != null;
  }

  boolean isExecutorIdle() {
    ScopeExecutor existing = executor;
    return existing == null || existing.isIdle();
  }

  /** Stops the workers that run in the launcher's scope, and starts no more. */
  void stopWorkers() {
    dropping = true;
    wake();
    ScopeImpl current = inner;
    if (current != null) {
      current.forEachBelow(below -> {
        if (below instanceof WorkerTask task) {
          task.stop(scope.label() + " ends");
        }
      });
    }
  }

  /** Cancels the tasks that the executor runs. */
  void cancelRunners(String reason) {
    ScopeImpl current = inner;
    if (current != null) {
      current.forEachBelow(below -> {
        if (below instanceof ScopeExecutor.Runner runner) {
          runner.cancel(reason);
        }
      });
    }
  }

  void finish() {
    ScopeExecutor existing = executor;
    if (existing != null) {
      existing.shutdown();
    }
    finishing = true;
    wake();
  }

  /** Fails an isolated scope too, because no other thread could start the requested tasks. */
  @Override
  public @Nullable Interrupter failing(Throwable thrown) {
    return scope.beginCancel(Cancellation.failure(scope, described(), thrown));
  }

  @Override
  public void failed(Throwable thrown, @Nullable Interrupter interrupter) {
    if (interrupter == null) {
      scope.failures().add(thrown);
    } else {
      scope.endCancel(interrupter);
    }
  }

  @Override
  public boolean isIdle() {
    return true;
  }

  @Override
  public void left() {
    closed = true;
    try {
      refuse();
      ScopeExecutor existing = executor;
      if (existing != null) {
        existing.abort();
      }
    } finally {
      Workers.of(scope).workerEnded();
    }
  }
}
