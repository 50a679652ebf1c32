package dev.holdfast;

import org.jspecify.annotations.Nullable;

/**
 * Combines the results of two tasks into one.
 *
 * @param <A> the type of the first result
 * @param <B> the type of the second result
 * @param <R> the type of the combined result
 * @param <X> the checked exception the combination may throw
 * @since 0.1
 */
@FunctionalInterface
public interface Combine2<
    A extends @Nullable Object,
    B extends @Nullable Object,
    R extends @Nullable Object,
    X extends Exception> {

  /**
   * Combines the results. It runs on the thread that called {@code fanOut}, when all tasks have
   * ended.
   *
   * @param a the first result
   * @param b the second result
   * @return the combined result, may be {@code null}
   * @throws X if the combination fails
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   */
  R combine(A a, B b) throws X, InterruptedException;
}
