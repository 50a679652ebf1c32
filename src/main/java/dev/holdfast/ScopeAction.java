package dev.holdfast;

/**
 * The body of a scope that returns no value. It runs on the thread that owns the scope.
 *
 * @param <X> the checked exception the body may throw
 * @since 0.1
 */
@FunctionalInterface
public interface ScopeAction<X extends Exception> {

  /**
   * Runs the body.
   *
   * @param scope the scope, usable until the call that opened it returns
   * @throws X if the body fails
   * @throws InterruptedException if the scope is cancelled or the thread is interrupted
   */
  void run(Scope scope) throws X, InterruptedException;
}
