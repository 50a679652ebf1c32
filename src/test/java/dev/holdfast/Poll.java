package dev.holdfast;

import java.util.Arrays;
import java.util.function.BooleanSupplier;

/** Waiting for another thread to get somewhere, where nothing signals that it has. */
public final class Poll {

  private static final long LIMIT_NANOS = 10_000_000_000L;

  private Poll() {}

  /** Returns when the condition holds, or after ten seconds; the caller asserts. */
  public static void until(BooleanSupplier condition) {
    long start = System.nanoTime();
    while (!condition.getAsBoolean() && System.nanoTime() - start < LIMIT_NANOS) {
      Thread.onSpinWait();
      if (System.nanoTime() - start > 1_000_000) {
        pause();
      }
    }
  }

  /** Returns when the thread is blocked, or has ended. */
  public static void untilBlocked(Thread thread) {
    until(() ->
        switch (thread.getState()) {
          case WAITING, TIMED_WAITING, BLOCKED, TERMINATED -> true;
          case NEW, RUNNABLE -> false;
        });
  }

  /** Returns when the thread is inside a method of this name; blocked is not always where. */
  public static void untilIn(Thread thread, String method) {
    until(() -> isIn(thread, method));
  }

  static boolean isIn(Thread thread, String method) {
    return Arrays.stream(thread.getStackTrace()).anyMatch(f -> f.getMethodName().equals(method));
  }

  private static void pause() {
    boolean interrupted = Thread.interrupted();
    java.util.concurrent.locks.LockSupport.parkNanos(100_000);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
