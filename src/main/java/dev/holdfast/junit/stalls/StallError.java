package dev.holdfast.junit.stalls;

import org.jspecify.annotations.Nullable;

/** Fails a test that stalled. */
public final class StallError extends AssertionError {

  private static final long serialVersionUID = 1;

  /**
   * Creates an error.
   *
   * @param report the report of the stall
   * @param consequence what the interrupted test threw, or null
   */
  public StallError(String report, @Nullable Throwable consequence) {
    super("The test stalled and was interrupted. " + report, consequence);
  }
}
