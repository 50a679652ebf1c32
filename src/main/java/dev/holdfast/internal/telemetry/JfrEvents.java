package dev.holdfast.internal.telemetry;

import dev.holdfast.inspect.Report;
import dev.holdfast.internal.clock.CurrentScope;
import java.time.Duration;
import java.util.function.Supplier;
import jdk.jfr.FlightRecorder;
import org.jspecify.annotations.Nullable;

/**
 * Writes the events of Holdfast to a flight recording. Does nothing in a run-time image without the
 * recorder. A failure to record is ignored.
 */
public final class JfrEvents {

  private static final boolean PRESENT = ModuleLayer.boot().findModule("jdk.jfr").isPresent();

  private JfrEvents() {}

  /**
   * {@return whether a recording has ever been started} Until then no event class is loaded,
   * because the first one initializes the recorder, which takes longer than the initialization of
   * Holdfast.
   */
  private static boolean isInUse() {
    return PRESENT && FlightRecorder.isInitialized();
  }

  /** {@return an event that has begun, or null if such events are not recorded} */
  public static @Nullable Object beginScope() {
    try {
      return isInUse() ? FlightEvents.beginScope() : null;
    } catch (Throwable t) {
      return null;
    }
  }

  public static void endScope(
      @Nullable Object begun,
      Supplier<CurrentScope.Place> place,
      String name,
      String outcome,
      Supplier<String> reason,
      int tasks) {
    if (begun != null) {
      quietly(() -> FlightEvents.endScope(begun, place.get(), name, outcome, reason.get(), tasks));
    }
  }

  /** {@return an event that has begun, or null if such events are not recorded} */
  public static @Nullable Object beginTask() {
    try {
      return isInUse() ? FlightEvents.beginTask() : null;
    } catch (Throwable t) {
      return null;
    }
  }

  public static void endTask(
      @Nullable Object begun,
      Supplier<CurrentScope.Place> place,
      Supplier<String> name,
      Supplier<String> scope,
      String outcome) {
    if (begun != null) {
      quietly(() -> FlightEvents.endTask(begun, place.get(), name.get(), scope.get(), outcome));
    }
  }

  /** {@return an event that has begun, or null if such events are not recorded} */
  public static @Nullable Object beginWait() {
    try {
      return isInUse() ? FlightEvents.beginWait() : null;
    } catch (Throwable t) {
      return null;
    }
  }

  public static void endWait(@Nullable Object begun, Supplier<String> in, Object blocker) {
    if (begun != null) {
      quietly(() -> FlightEvents.endWait(begun, in, blocker));
    }
  }

  public static void timedOut(Supplier<CurrentScope.Place> place, String scope, Duration span) {
    if (isInUse()) {
      quietly(() -> FlightEvents.timedOut(place, scope, span));
    }
  }

  public static void refused(String guard, int inside) {
    if (isInUse()) {
      quietly(() -> FlightEvents.refused(guard, inside));
    }
  }

  static void reported(Report report, CurrentScope.Place place) {
    if (isInUse()) {
      quietly(() -> FlightEvents.reported(report, place));
    }
  }

  private static void quietly(Runnable recording) {
    try {
      recording.run();
    } catch (Throwable t) {
      // a failure to record must not fail the program
    }
  }
}
