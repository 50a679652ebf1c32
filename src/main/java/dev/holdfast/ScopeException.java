package dev.holdfast;

import org.jspecify.annotations.Nullable;

/**
 * The superclass of the exceptions that Holdfast throws. The message names the scope or the task,
 * and states what to do.
 *
 * @since 0.1
 */
public class ScopeException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param message what happened, to which scope or task, and what to do
   * @param cause the cause, or {@code null}
   */
  public ScopeException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
