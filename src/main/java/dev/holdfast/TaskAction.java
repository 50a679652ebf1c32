package dev.holdfast;

/**
 * Code without a result that may throw one type of checked exception. A {@link Task} is one too:
 * its result is dropped.
 *
 * @param <X> the checked exception the code may throw; inferred as {@code RuntimeException} if it
 *     throws none
 * @since 0.1
 */
@FunctionalInterface
public interface TaskAction<X extends Exception> extends Action {

  /**
   * Runs the code.
   *
   * @throws X if the code fails
   * @throws InterruptedException if the task is cancelled
   */
  @Override
  void run() throws X, InterruptedException;
}
