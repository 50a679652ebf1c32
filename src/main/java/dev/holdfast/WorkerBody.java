package dev.holdfast;

import org.jspecify.annotations.Nullable;

/**
 * The code of a worker that gets the worker's own handle.
 *
 * @param <V> the type of the value it publishes when it is ready
 * @since 0.1
 */
@FunctionalInterface
public interface WorkerBody<V extends @Nullable Object> {

  /**
   * Runs until it is finished, or {@link Worker#stopping} returns {@code true}.
   *
   * @param worker the handle of this worker
   * @throws Exception if the worker fails
   */
  void run(Worker<V> worker) throws Exception;
}
