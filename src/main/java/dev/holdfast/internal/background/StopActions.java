package dev.holdfast.internal.background;

import dev.holdfast.Action;
import dev.holdfast.internal.cancel.CancelActions;
import dev.holdfast.internal.cancel.Cancellation;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The actions that run when a worker is asked to stop or is cancelled. The worker ends only when
 * the actions that have begun have ended. Each run of a restarted worker has its own actions.
 */
final class StopActions {

  private final WorkerTask worker;
  private final AtomicReference<@Nullable CancelActions> actions = new AtomicReference<>();

  /** Whether the worker's code has ended for good, so that no further action starts. */
  private volatile boolean over;

  /** Whether the worker's thread waits for the actions. */
  private volatile boolean awaited;

  StopActions(WorkerTask worker) {
    this.worker = worker;
  }

  /** Adds an action; see {@link CancelActions#add}. */
  @Nullable Cancellation add(Action action) {
    CancelActions existing = actions.get();
    if (existing == null) {
      var created = new CancelActions(worker, "onStop", worker.home::failedToClose);
      CancelActions witness = actions.compareAndExchange(null, created);
      existing = witness == null ? created : witness;
    }
    return existing.add(action);
  }

  /** Starts the actions; may be called again at any time. */
  void start() {
    CancelActions existing = actions.get();
    if (existing != null && !over) {
      existing.start();
    }
  }

  /** Ends the actions of one run of the worker. Its thread only. */
  void endRun() {
    CancelActions existing = actions.get();
    if (existing != null) {
      awaited = true;
      try {
        if (worker.isStopping()) {
          existing.run(); // the thread that stops the worker may be about to start them
        }
      } finally { // even when out of memory
        existing.finish();
        awaited = false;
        actions.set(null);
      }
    }
  }

  /** Ends the actions for good. The worker's thread only. */
  void end() {
    if (!over) {
      over = true;
      endRun();
    }
  }

  boolean isOver() {
    return over;
  }

  @Nullable CancelActions list() {
    return actions.get();
  }

  /** {@return the thread of the action that the worker waits for, or null} */
  @Nullable Thread awaitedThread() {
    CancelActions existing = awaited ? actions.get() : null;
    return existing == null ? null : existing.runner();
  }
}
