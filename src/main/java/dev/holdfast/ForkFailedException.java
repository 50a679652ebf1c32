package dev.holdfast;

/**
 * A fork failed; {@link #getCause()} is what it threw, unchanged.
 *
 * @since 0.1
 */
public final class ForkFailedException extends ScopeException {

  private static final long serialVersionUID = 1L;

  public ForkFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
