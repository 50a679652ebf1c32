package dev.holdfast.internal.util;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Helper methods for exceptions. */
public final class Throwables {

  /**
   * The largest number of failures suppressed on one exception, which may be a single object that
   * user code throws repeatedly for as long as the JVM runs. The bound has room for the failures of
   * two scopes that end with the same exception.
   */
  public static final int MOST_SUPPRESSED = 66;

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

  /**
   * Suppresses one failure on another, unless either already contains the other, because a failure
   * must never contain itself. A failure that cannot be suppressed is reported.
   */
  public static void suppress(Throwable primary, Throwable other) {
    if (!contains(primary, other) && !contains(other, primary) && !add(primary, other)) {
      report(Thread.currentThread(), other);
    }
  }

  /**
   * {@return whether the failure was added; it is not if suppression is disabled or the bound is
   * reached}
   */
  private static boolean add(Throwable primary, Throwable other) {
    if (primary.getSuppressed().length >= MOST_SUPPRESSED) {
      return false;
    }
    primary.addSuppressed(other);
    return primary.getSuppressed().length > 0;
  }

  private static boolean contains(Throwable whole, Throwable part) {
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    var open = new ArrayDeque<Throwable>();
    open.add(whole);
    for (Throwable t; (t = open.poll()) != null; ) {
      if (t == part) {
        return true;
      }
      if (seen.add(t) && seen.size() < 1000) {
        Throwable cause = causeOf(t);
        if (cause != null) {
          open.add(cause);
        }
        Collections.addAll(open, t.getSuppressed());
      }
    }
    return false;
  }

  /** {@return the cause, even if the exception's own {@code getCause} throws} */
  public static @Nullable Throwable causeOf(Throwable thrown) {
    try {
      return thrown.getCause();
    } catch (Throwable broken) {
      return null;
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
