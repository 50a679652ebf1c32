package dev.holdfast;

/**
 * Thrown by an operation on a scope that has ended or is closing its resources.
 *
 * @since 0.1
 */
public final class ScopeClosedException extends ScopeException {

  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message which scope has ended, and what to do
   */
  public ScopeClosedException(String message) {
    super(message, null);
  }
}
