package dev.holdfast.simulation.engine;

import org.jspecify.annotations.Nullable;

/**
 * Why a run failed.
 *
 * @param cause what the body threw, or null
 */
public record Verdict(Kind kind, String text, @Nullable Throwable cause) {

  /** The kind of a failure. */
  public enum Kind {
    FAILED,
    DEADLOCK,
    LEAK,
    LIVELOCK,
    REAL_TIME,
    STUCK
  }

  /** {@return this verdict with more text} */
  Verdict with(String more) {
    return more.isEmpty() ? this : new Verdict(kind, text + more, cause);
  }

  /** {@return whether another run has failed in the same way} */
  boolean isLike(@Nullable Verdict other) {
    if (other == null || kind != other.kind) {
      return false;
    }
    Throwable its = other.cause;
    if (cause == null || its == null) {
      return cause == its;
    }
    return cause.getClass() == its.getClass() && top(cause).equals(top(its));
  }

  /** {@return where an exception was thrown} */
  private static String top(Throwable thrown) {
    StackTraceElement[] stack = thrown.getStackTrace();
    for (StackTraceElement frame : stack) {
      if (!frame.getClassName().startsWith("org.junit.")
          && !frame.getClassName().startsWith("org.assertj.")) {
        return frame.toString();
      }
    }
    return "";
  }
}
