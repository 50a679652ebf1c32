package dev.holdfast;

import org.jspecify.annotations.Nullable;

/**
 * The code of a worker that gets the worker's own handle.
 *
 * <p>It is an {@link Action} only so that Groovy, which takes a closure for code with or without a
 * parameter, prefers the method that passes the handle. Pass it to {@link Scope#worker} only.
 *
 * @param <V> the type of the value it publishes when it is ready
 * @since 0.1
 */
@FunctionalInterface
public interface WorkerBody<V extends @Nullable Object> extends Action {

  /**
   * Runs until it is finished, or {@link Worker#stopping} returns {@code true}.
   *
   * @param worker the handle of this worker
   * @throws Exception if the worker fails
   */
  void run(Worker<V> worker) throws Exception;

  /**
   * Refuses to run without a handle.
   *
   * @throws UnsupportedOperationException always
   */
  @Override
  @SuppressWarnings("FunctionalInterfaceMethodChanged") // on purpose; see above
  default void run() {
    throw new UnsupportedOperationException(
        "The body of a worker needs the handle of its worker. Pass it to Scope.worker.");
  }
}
