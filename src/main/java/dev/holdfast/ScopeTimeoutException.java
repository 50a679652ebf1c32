package dev.holdfast;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Thrown when the deadline of a scope passes before its body and its forks have ended.
 *
 * <p>The message contains the name of the scope, its timeout, and every task that was still
 * running, with the top frames of its stack at that moment.
 *
 * @since 0.1
 */
public final class ScopeTimeoutException extends ScopeException {

  private static final long serialVersionUID = 1L;

  /** The time from the start of the scope to its deadline. */
  private final Duration timeout;

  /**
   * Creates an exception.
   *
   * @param message which scope has timed out, and what was still running
   * @param timeout the time from the start of the scope to its deadline
   * @param cause the cause, or {@code null}
   */
  public ScopeTimeoutException(String message, Duration timeout, @Nullable Throwable cause) {
    super(message, cause);
    this.timeout = timeout;
  }

  /** {@return the time from the start of the scope to its deadline} */
  public Duration timeout() {
    return timeout;
  }
}
