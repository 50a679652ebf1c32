package dev.holdfast;

import org.jspecify.annotations.Nullable;

/**
 * Thrown when a scope was cancelled. {@link #source()} and {@link #reason()} say what cancelled it,
 * and why.
 *
 * <p>The call of a scope throws it when {@link Scope#cancel} interrupted the body. Otherwise it is
 * the {@linkplain Throwable#getCause() cause} of the {@link InterruptedException} that the
 * operations of a cancelled task throw.
 *
 * @since 0.1
 */
public final class ScopeCancelledException extends ScopeException {

  private static final long serialVersionUID = 1L;

  /**
   * What cancelled a scope.
   *
   * @since 0.1
   */
  public enum Source {
    /** The enclosing scope, or the task in which it was opened, was cancelled. */
    PARENT,
    /** One of its tasks failed, or its body threw. */
    SIBLING_FAILURE,
    /** Its deadline passed. */
    DEADLINE,
    /** {@code cancel} was called, or the result became unnecessary. */
    EXPLICIT,
    /** The thread that opened it was interrupted from outside. */
    CALLER_INTERRUPT
  }

  /** What cancelled the scope. */
  private final Source source;

  /** Why it was cancelled. */
  private final String reason;

  /**
   * Creates an exception.
   *
   * @param message which scope was cancelled, and why
   * @param source what cancelled it
   * @param reason why, in words
   * @param cause the failure that led to the cancellation, or {@code null}
   */
  public ScopeCancelledException(
      String message, Source source, String reason, @Nullable Throwable cause) {
    super(message, cause);
    this.source = source;
    this.reason = reason;
  }

  /** {@return what cancelled the scope} */
  public Source source() {
    return source;
  }

  /** {@return why the scope was cancelled, in words} */
  public String reason() {
    return reason;
  }
}
