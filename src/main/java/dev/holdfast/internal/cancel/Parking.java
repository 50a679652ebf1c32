package dev.holdfast.internal.cancel;

import dev.holdfast.internal.clock.Clock;
import dev.holdfast.internal.scheduling.DeepParking;
import dev.holdfast.internal.scheduling.StopRequest;
import dev.holdfast.internal.telemetry.JfrEvents;
import dev.holdfast.internal.util.StackProbe;
import java.util.function.BooleanSupplier;

/** Parks the current thread in its innermost scope until a condition holds. */
final class Parking {

  private Parking() {}

  /**
   * Waits; see {@link ThreadScope#await}.
   *
   * @param idle whether the wait continues after an interrupt from outside
   */
  static boolean await(
      ThreadScope thread, BooleanSupplier condition, long nanos, Object blocker, boolean idle)
      throws InterruptedException {
    StackProbe.ensureRoom();
    CancelScope scope = thread.top();
    if (scope.waiting) {
      return park(scope, condition, nanos, blocker, idle, false);
    }
    scope.checkpoint();
    thread.beginWait(scope);
    boolean throwing = true;
    try {
      boolean held = park(scope, condition, nanos, blocker, idle, true);
      throwing = false;
      return held;
    } finally {
      thread.endWait(scope, throwing);
    }
  }

  /**
   * Parks until the condition holds.
   *
   * @param stoppable whether a {@link StopRequest} ends the wait; false for a combinator, which
   *     would cancel the items it has begun
   */
  private static boolean park(
      CancelScope scope,
      BooleanSupplier condition,
      long nanos,
      Object blocker,
      boolean idle,
      boolean stoppable)
      throws InterruptedException {
    long until = nanos == 0 ? 0 : Clock.nanoTime() + nanos;
    boolean marked = false;
    while (!condition.getAsBoolean()) {
      Cancellation pending = scope.pending();
      if (pending != null) {
        throw pending.interruption();
      }
      if (Thread.interrupted() && !idle) {
        throw scope
            .threadScope()
            .interruptedFromOutside("interrupted from outside while waiting for " + blocker);
      }
      if (stoppable) {
        StopRequest.throwIfPending();
      }
      if (!marked) {
        marked = true;
        scope.threadScope().markWait(nanos != 0);
      }
      if (nanos == 0) {
        park(scope, blocker, 0);
      } else {
        long remaining = until - Clock.nanoTime();
        if (remaining <= 0) {
          return condition.getAsBoolean();
        }
        park(scope, blocker, remaining);
      }
    }
    return true;
  }

  /**
   * Waits regardless of cancellation; an interrupt that arrives stays in the flag.
   *
   * @param nanos the timeout; 0 waits indefinitely
   * @return whether the condition holds; false only after a timeout
   */
  static boolean awaitAnyway(
      ThreadScope thread, BooleanSupplier condition, long nanos, Object blocker) {
    if (condition.getAsBoolean()) {
      return true;
    }
    CancelScope scope = thread.top();
    boolean nested = scope.waiting;
    if (!nested) {
      thread.beginWait(scope);
    }
    boolean interrupted = false;
    try {
      long until = nanos == 0 ? 0 : Clock.nanoTime() + nanos;
      thread.markWait(nanos != 0);
      while (!condition.getAsBoolean()) {
        if (nanos == 0) {
          DeepParking.park(blocker, 0);
        } else {
          long remaining = until - Clock.nanoTime();
          if (remaining <= 0) {
            return condition.getAsBoolean();
          }
          DeepParking.park(blocker, remaining);
        }
        interrupted |= Thread.interrupted();
      }
      return true;
    } finally { // the condition or the JDK may run out of memory or stack
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      if (!nested) {
        thread.endWait(scope, false);
      }
    }
  }

  private static void park(CancelScope scope, Object blocker, long nanos) {
    Object event = JfrEvents.beginWait();
    if (nanos == 0) {
      Clock.park(blocker);
    } else {
      Clock.parkNanos(blocker, nanos);
    }
    if (event != null) {
      JfrEvents.endWait(event, scope::label, blocker);
    }
  }
}
