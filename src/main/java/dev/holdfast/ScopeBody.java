package dev.holdfast;

import org.jspecify.annotations.Nullable;

/**
 * The body of a scope, run on the thread that opened it.
 *
 * @param <R> the type of the result
 * @param <X> the checked exception the body may throw
 * @since 0.1
 */
@FunctionalInterface
public interface ScopeBody<R extends @Nullable Object, X extends Exception> {

  /**
   * Runs the body.
   *
   * @param scope the scope, usable until the call that opened it returns
   * @return the result of the call, may be {@code null}
   * @throws X if the body fails
   * @throws InterruptedException if the body was cancelled or its thread interrupted
   */
  R run(Scope scope) throws X, InterruptedException;
}
