package dev.holdfast;

import org.jspecify.annotations.Nullable;

/**
 * The body of a scope. It runs on the thread that owns the scope.
 *
 * @param <R> the type of the value
 * @param <X> the checked exception the body may throw
 * @since 0.1
 */
@FunctionalInterface
public interface ScopeBody<R extends @Nullable Object, X extends Exception> {

  /**
   * Runs the body.
   *
   * @param scope the scope, usable until the call that opened it returns
   * @return the value that the call returns, may be {@code null}
   * @throws X if the body fails
   * @throws InterruptedException if the scope is cancelled or the thread is interrupted
   */
  R run(Scope scope) throws X, InterruptedException;
}
