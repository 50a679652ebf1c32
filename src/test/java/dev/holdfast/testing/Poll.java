package dev.holdfast.testing;

import static org.junit.jupiter.api.Assertions.fail;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for another thread to get somewhere, where nothing signals that it has. */
public final class Poll {

  private static final Duration LIMIT = Duration.ofSeconds(30);

  private Poll() {}

  /** Returns when the condition holds; fails when it does not within 30 seconds. */
  public static void until(BooleanSupplier condition) {
    until(condition, () -> "The condition does not hold");
  }

  /** Returns when the condition holds; fails with the message when it does not in 30 seconds. */
  public static void until(BooleanSupplier condition, Supplier<String> otherwise) {
    if (!holdsWithin(LIMIT, condition)) {
      fail(otherwise.get() + ", after " + LIMIT.toSeconds() + " s");
    }
  }

  /** {@return whether the condition has come to hold in that time} */
  public static boolean holdsWithin(Duration time, BooleanSupplier condition) {
    long start = System.nanoTime();
    while (!condition.getAsBoolean()) {
      long passed = System.nanoTime() - start;
      if (passed > time.toNanos()) {
        return false;
      }
      Thread.onSpinWait();
      if (passed > 1_000_000) {
        pause();
      }
    }
    return true;
  }

  /** Returns when the thread is blocked; fails when it ends instead, or keeps running. */
  public static void untilBlocked(Thread thread) {
    until(
        () ->
            switch (thread.getState()) {
              case WAITING, TIMED_WAITING, BLOCKED -> true;
              case TERMINATED -> fail(thread + " has ended");
              case NEW, RUNNABLE -> false;
            },
        () -> thread + " is not blocked but in " + List.of(thread.getStackTrace()));
  }

  /** Returns when the thread is inside a method of this name; blocked is not always where. */
  public static void untilIn(Thread thread, String method) {
    until(
        () -> isIn(thread, method),
        () -> thread + " is not in " + method + " but in " + List.of(thread.getStackTrace()));
  }

  public static boolean isIn(Thread thread, String method) {
    return Arrays.stream(thread.getStackTrace()).anyMatch(f -> f.getMethodName().equals(method));
  }

  private static void pause() {
    boolean interrupted = Thread.interrupted();
    LockSupport.parkNanos(100_000);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
