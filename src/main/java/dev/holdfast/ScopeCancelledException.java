package dev.holdfast;

import org.jspecify.annotations.Nullable;

/**
 * A scope was cancelled; {@link #source()} and {@link #reason()} say by what and why.
 *
 * <p>It comes out of a scope whose own {@link Scope#cancel cancel} was called and whose body was
 * cut off by that. Elsewhere it is the {@linkplain Throwable#getCause() cause} of the {@link
 * InterruptedException} that ends the operations of a cancelled task.
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
    /** The scope around it, or the task it was opened in, was cancelled. */
    PARENT,
    /** One of its tasks failed, or its body threw. */
    SIBLING_FAILURE,
    /** Its deadline passed. */
    DEADLINE,
    /** {@link Scope#cancel} or {@link Fork#cancel} was called, or the work was no longer needed. */
    EXPLICIT,
    /** The thread that opened it was interrupted from outside. */
    CALLER_INTERRUPT
  }

  /** What cancelled the scope. */
  private final Source source;

  /** Why it was cancelled. */
  private final String reason;

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
