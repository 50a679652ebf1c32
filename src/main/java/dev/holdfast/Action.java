package dev.holdfast;

/**
 * A piece of work without a result that may throw anything.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface Action {

  /**
   * Does the work.
   *
   * @throws Exception if the work fails
   */
  void run() throws Exception;
}
