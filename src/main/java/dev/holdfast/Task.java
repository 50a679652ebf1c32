package dev.holdfast;

import org.jspecify.annotations.Nullable;

/**
 * Code that returns a result and may throw one type of checked exception.
 *
 * @param <R> the type of the result
 * @param <X> the checked exception the code may throw; inferred as {@code RuntimeException} if it
 *     throws none
 * @since 0.1
 */
@FunctionalInterface
public interface Task<R extends @Nullable Object, X extends Exception> {

  /**
   * Runs the code.
   *
   * @return the result, may be {@code null}
   * @throws X if the code fails
   * @throws InterruptedException if the task is cancelled
   */
  R call() throws X, InterruptedException;
}
