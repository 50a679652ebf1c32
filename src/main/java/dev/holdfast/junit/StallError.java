package dev.holdfast.junit;

import org.jspecify.annotations.Nullable;

/** A test stalled. */
final class StallError extends AssertionError {

  private static final long serialVersionUID = 1;

  StallError(String report, @Nullable Throwable then) {
    super("The test stalled and was interrupted. " + report, then);
  }
}
