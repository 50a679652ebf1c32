package dev.holdfast;

import org.jspecify.annotations.Nullable;

/**
 * The function that a combinator applies to each item.
 *
 * @param <T> the type of the items
 * @param <R> the type of the results
 * @param <X> the checked exception the function may throw
 * @since 0.1
 */
@FunctionalInterface
public interface TaskFunction<T, R extends @Nullable Object, X extends Exception> {

  /**
   * Applies the function to one item.
   *
   * @param item the item, never {@code null}
   * @return the result, may be {@code null}
   * @throws X if the function fails
   * @throws InterruptedException if the task is cancelled
   */
  R apply(T item) throws X, InterruptedException;
}
