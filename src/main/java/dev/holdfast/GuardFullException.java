package dev.holdfast;

/**
 * A guard did not let a call in; nothing of it has run.
 *
 * <p>The message names the guard and says how many are inside.
 *
 * @since 0.1
 */
public final class GuardFullException extends ScopeException {

  private static final long serialVersionUID = 1L;

  /** The name of the guard. */
  private final String guard;

  public GuardFullException(String message, String guard) {
    super(message, null);
    this.guard = guard;
  }

  /** {@return the name of the guard} */
  public String guard() {
    return guard;
  }
}
