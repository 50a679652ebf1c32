package dev.holdfast;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A scope's deadline passed before its work was done.
 *
 * <p>The message names the scope, its time-out and every task that was still running, with the top
 * frames of its stack at the moment of expiry.
 *
 * @since 0.1
 */
public final class ScopeTimeoutException extends ScopeException {

  private static final long serialVersionUID = 1L;

  /** The time the scope was given. */
  private final Duration timeout;

  public ScopeTimeoutException(String message, Duration timeout, @Nullable Throwable cause) {
    super(message, cause);
    this.timeout = timeout;
  }

  /** {@return the time the scope had from its start to its deadline} */
  public Duration timeout() {
    return timeout;
  }
}
