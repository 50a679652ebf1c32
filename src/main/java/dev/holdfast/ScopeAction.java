package dev.holdfast;

/**
 * The body of a scope that gives no result, run on the thread that opened it.
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
   * @throws InterruptedException if the body was cancelled or its thread interrupted
   */
  void run(Scope scope) throws X, InterruptedException;
}
