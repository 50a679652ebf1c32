package dev.holdfast;

import org.jspecify.annotations.Nullable;

/**
 * What Holdfast throws when a scope cannot give what was asked of it; the message says which scope
 * and task, and what to do.
 *
 * @since 0.1
 */
public class ScopeException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public ScopeException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
