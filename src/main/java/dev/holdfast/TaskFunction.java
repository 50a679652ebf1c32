package dev.holdfast;

import org.jspecify.annotations.Nullable;

/**
 * What a fan-out does with each of its items.
 *
 * @param <T> the type of the items
 * @param <R> the type of the results
 * @param <X> the checked exception the function may throw
 * @since 0.1
 */
@FunctionalInterface
public interface TaskFunction<T, R extends @Nullable Object, X extends Exception> {

  /**
   * Does the work for one item.
   *
   * @param item the item, never {@code null}
   * @return the result, may be {@code null}
   * @throws X if the work fails
   * @throws InterruptedException if the work was cancelled
   */
  R apply(T item) throws X, InterruptedException;
}
