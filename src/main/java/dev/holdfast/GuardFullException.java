package dev.holdfast;

/**
 * Thrown when a {@link Guard} is full. The body of the call has not run.
 *
 * <p>The message contains the name of the guard and how many calls run.
 *
 * @since 0.1
 */
public final class GuardFullException extends ScopeException {

  private static final long serialVersionUID = 1L;

  /** The name of the guard. */
  private final String guard;

  /**
   * Creates an exception.
   *
   * @param message how full the guard is, and what to do
   * @param guard the name of the guard
   */
  public GuardFullException(String message, String guard) {
    super(message, null);
    this.guard = guard;
  }

  /** {@return the name of the guard} */
  public String guard() {
    return guard;
  }
}
