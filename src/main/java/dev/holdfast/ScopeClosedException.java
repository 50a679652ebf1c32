package dev.holdfast;

/**
 * A scope was used after its end.
 *
 * @since 0.1
 */
public final class ScopeClosedException extends ScopeException {

  private static final long serialVersionUID = 1L;

  public ScopeClosedException(String message) {
    super(message, null);
  }
}
