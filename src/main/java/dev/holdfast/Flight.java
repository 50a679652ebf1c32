package dev.holdfast;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The events of Holdfast in a flight recording, if there can be one: a run-time image may have been
 * linked without the recorder. What goes wrong in it is nobody's failure.
 */
final class Flight {

  private static final boolean PRESENT = ModuleLayer.boot().findModule("jdk.jfr").isPresent();

  private Flight() {}

  /** {@return an event that has begun, or null unless such events are recorded} */
  static @Nullable Object beginScope() {
    try {
      return PRESENT ? FlightEvents.beginScope() : null;
    } catch (Throwable t) {
      return null;
    }
  }

  static void endScope(@Nullable Object begun, ScopeFrame scope) {
    if (begun != null) {
      quietly(() -> FlightEvents.endScope(begun, scope));
    }
  }

  /** {@return an event that has begun, or null unless such events are recorded} */
  static @Nullable Object beginTask() {
    try {
      return PRESENT ? FlightEvents.beginTask() : null;
    } catch (Throwable t) {
      return null;
    }
  }

  static void endTask(@Nullable Object begun, Child child, Fork.State state) {
    if (begun != null) {
      quietly(() -> FlightEvents.endTask(begun, child, state));
    }
  }

  /** {@return an event that has begun, or null unless such events are recorded} */
  static @Nullable Object beginWait() {
    try {
      return PRESENT ? FlightEvents.beginWait() : null;
    } catch (Throwable t) {
      return null;
    }
  }

  static void endWait(@Nullable Object begun, Frame frame, Object blocker) {
    if (begun != null) {
      quietly(() -> FlightEvents.endWait(begun, frame, blocker));
    }
  }

  static void timedOut(ScopeFrame scope, Duration span) {
    if (PRESENT) {
      quietly(() -> FlightEvents.timedOut(scope, span));
    }
  }

  static void refused(String guard, int inside) {
    if (PRESENT) {
      quietly(() -> FlightEvents.refused(guard, inside));
    }
  }

  static void reported(Report report) {
    if (PRESENT) {
      quietly(() -> FlightEvents.reported(report));
    }
  }

  private static void quietly(Runnable recording) {
    try {
      recording.run();
    } catch (Throwable t) {
      // the program matters more than its recording
    }
  }
}
