package dev.holdfast.internal.background;

import dev.holdfast.ScopeException;
import dev.holdfast.internal.cancel.Cancellation;
import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.internal.util.StackTraces;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/** Whether a worker is ready, and the value that it published. */
final class Readiness {

  /** Stands for the value while the worker is not ready. */
  private static final Object NOT_READY = new Object();

  private final WorkerTask worker;
  private final boolean possible;
  private volatile @Nullable Object value = NOT_READY;

  /**
   * Creates the state of a worker that is not ready.
   *
   * @param possible whether the worker's code gets its handle, and so can call {@code ready}
   */
  Readiness(WorkerTask worker, boolean possible) {
    this.worker = worker;
    this.possible = possible;
  }

  /** A restarted worker is not ready until it says so again. */
  void reset() {
    value = NOT_READY;
  }

  void publish(@Nullable Object published) {
    ensurePossible();
    value = published;
    worker.wakeWaiting();
  }

  /** Waits for the published value. {@return the value} */
  @Nullable Object await(long nanos) throws InterruptedException {
    ensurePossible();
    ThreadScope threadScope = ThreadScope.current();
    if (threadScope != null) {
      threadScope.top().checkpoint();
    }
    worker.ensureNotInside(threadScope);
    worker.await(() -> value != NOT_READY || worker.isDone() || worker.isStopping(), nanos);
    Object published = value;
    if (published != NOT_READY) {
      return published;
    }
    worker.throwFailure();
    throw worker.isDone() || worker.isStopping() ? endedUnready() : late(nanos);
  }

  private void ensurePossible() {
    if (!possible) {
      throw impossible(worker.name());
    }
  }

  static IllegalStateException impossible(String name) {
    return new IllegalStateException(
        "Worker '"
            + name
            + "' cannot become ready: only code that gets the worker's handle can call ready; start"
            + " it with scope.worker(self -> ...)");
  }

  private CancellationException endedUnready() {
    Cancellation why = worker.cancellation();
    var ended =
        new CancellationException(
            worker.label()
                + (worker.isDone() ? " has ended" : " was stopped")
                + " without being ready"
                + (why == null ? "; it must call ready(...)" : ": " + why.reason()));
    if (why != null) {
      ended.initCause(why.exception());
    }
    return ended;
  }

  private ScopeException late(long nanos) {
    return new ScopeException(
        worker.label()
            + " was not ready within "
            + Duration.ofNanos(nanos)
            + "; it must call ready(...). It is"
            + StackTraces.of(worker.thread()),
        null);
  }
}
