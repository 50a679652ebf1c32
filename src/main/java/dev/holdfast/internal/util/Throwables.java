package dev.holdfast.internal.util;

import org.jspecify.annotations.Nullable;

/** Helper methods for exceptions. */
public final class Throwables {

  private Throwables() {}

  /** Passes a failure that no call can throw to the thread's uncaught-exception handler. */
  public static void report(Thread thread, Throwable thrown) {
    report(Thread.currentThread().getUncaughtExceptionHandler(), thread, thrown);
  }

  public static void report(
      Thread.@Nullable UncaughtExceptionHandler handler, Thread thread, Throwable thrown) {
    try {
      if (handler != null) {
        handler.uncaughtException(thread, thrown);
      }
    } catch (Throwable ignored) {
      // ignored, as the JDK does for a handler that throws
    }
  }

  /** {@return the exception in words, even if its own methods throw} */
  public static String describe(Throwable thrown) {
    try {
      return thrown.toString();
    } catch (Throwable broken) {
      return thrown.getClass().getName();
    }
  }

  /** Throws any exception without declaring it. */
  @SuppressWarnings("unchecked")
  public static <X extends Throwable> RuntimeException sneaky(Throwable thrown) throws X {
    throw (X) thrown;
  }
}
