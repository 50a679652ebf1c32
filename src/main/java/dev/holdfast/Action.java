package dev.holdfast;

/**
 * Code without a result that may throw any exception.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface Action {

  /**
   * Runs the code.
   *
   * @throws Exception if the code fails
   */
  void run() throws Exception;
}
