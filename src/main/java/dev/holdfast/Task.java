package dev.holdfast;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Code that returns a result and may throw one type of checked exception.
 *
 * <p>Every task is also a {@link TaskAction}. So where a method has overloads for both types, the
 * compiler prefers the one for {@code Task}, even for a reference to an overloaded method.
 *
 * @param <R> the type of the result
 * @param <X> the checked exception the code may throw; inferred as {@code RuntimeException} if it
 *     throws none
 * @since 0.1
 */
@FunctionalInterface
public interface Task<R extends @Nullable Object, X extends Exception>
    extends TaskAction<X>, Callable<R> {

  /**
   * Runs the code.
   *
   * @return the result, may be {@code null}
   * @throws X if the code fails
   * @throws InterruptedException if the task is cancelled
   */
  @Override
  R call() throws X, InterruptedException;

  /** Runs the code and drops the result. */
  @Override
  default void run() throws X, InterruptedException {
    call();
  }
}
