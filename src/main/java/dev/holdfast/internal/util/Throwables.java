package dev.holdfast.internal.util;

import org.jspecify.annotations.Nullable;

/** What can be done with any exception. */
public final class Throwables {

  private Throwables() {}

  /** Hands a failure that has no other way out to the thread's handler for uncaught ones. */
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
      // as the JDK does with a handler that throws
    }
  }

  /** {@return the exception in words, whatever its own methods do} */
  public static String describe(Throwable thrown) {
    try {
      return thrown.toString();
    } catch (Throwable broken) {
      return thrown.getClass().getName();
    }
  }

  /** Throws anything as if it were declared. */
  @SuppressWarnings("unchecked")
  public static <X extends Throwable> RuntimeException sneaky(Throwable thrown) throws X {
    throw (X) thrown;
  }
}
