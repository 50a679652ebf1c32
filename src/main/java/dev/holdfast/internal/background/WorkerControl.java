package dev.holdfast.internal.background;

import dev.holdfast.Action;
import dev.holdfast.WorkerStats;
import dev.holdfast.channel.Receiver;
import org.jspecify.annotations.Nullable;

/** The implementation of a worker, as its handle sees it. */
public sealed interface WorkerControl permits WorkerTask, DelayedAction {

  void stop(String reason);

  void cancel(String reason);

  void awaitEnd() throws InterruptedException;

  boolean isDone();

  boolean stopping();

  /**
   * Waits until the worker is asked to stop.
   *
   * @param nanos the timeout; 0 waits indefinitely
   * @return whether it was asked to stop; if another thread calls this, also whether it was
   *     cancelled or has ended
   */
  boolean awaitStop(long nanos) throws InterruptedException;

  /** {@return a channel without elements that closes when the worker has ended} */
  Receiver<Object> ended();

  /** Throws the failure of the worker if it has failed. */
  void throwFailure();

  void onStop(Action action);

  void ready(@Nullable Object value);

  @Nullable Object awaitReady(long nanos) throws InterruptedException;

  WorkerStats stats();

  String name();
}
