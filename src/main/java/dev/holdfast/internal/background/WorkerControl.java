package dev.holdfast.internal.background;

import dev.holdfast.Action;
import dev.holdfast.WorkerStats;
import org.jspecify.annotations.Nullable;

/** The implementation of a worker, as its handle sees it. */
public sealed interface WorkerControl permits WorkerTask, DelayedAction {

  void stop(String reason);

  void cancel(String reason);

  void awaitEnd() throws InterruptedException;

  boolean isDone();

  boolean stopping();

  void awaitStop() throws InterruptedException;

  void onStop(Action action);

  void ready(@Nullable Object value);

  @Nullable Object awaitReady(long nanos) throws InterruptedException;

  WorkerStats stats();

  String name();
}
