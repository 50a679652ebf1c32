package dev.holdfast;

/**
 * Thrown when a fork or worker has failed. {@link #getCause()} is the exception that the task
 * threw.
 *
 * @since 0.1
 */
public final class ForkFailedException extends ScopeException {

  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message which task failed
   * @param cause what the task threw
   */
  public ForkFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
