package dev.holdfast;

import org.jspecify.annotations.Nullable;

/**
 * What a worker does, given the handle of the worker.
 *
 * @param <V> the type of what it publishes when it is ready
 * @since 0.1
 */
@FunctionalInterface
public interface WorkerBody<V extends @Nullable Object> {

  /**
   * Does it, until it is done or {@link Worker#stopping} is true.
   *
   * @param worker the worker itself
   * @throws Exception whatever went wrong
   */
  void run(Worker<V> worker) throws Exception;
}
