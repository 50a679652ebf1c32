package dev.holdfast;

import org.jspecify.annotations.Nullable;

/**
 * A piece of work that gives a result and may fail with its own exception type.
 *
 * @param <R> the type of the result
 * @param <X> the checked exception the work may throw; inferred as {@code RuntimeException} where
 *     it throws none
 * @since 0.1
 */
@FunctionalInterface
public interface Task<R extends @Nullable Object, X extends Exception> {

  /**
   * Does the work.
   *
   * @return the result, may be {@code null}
   * @throws X if the work fails
   * @throws InterruptedException if the work was cancelled
   */
  R call() throws X, InterruptedException;
}
