package dev.holdfast.internal.telemetry;

import dev.holdfast.inspect.Report;
import dev.holdfast.internal.clock.CurrentScope;
import java.time.Duration;
import java.util.function.Supplier;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

/** The event classes, which load only in a JVM that has the flight recorder. */
@SuppressWarnings("unused") // the recorder reads the fields of events
final class FlightEvents {

  private FlightEvents() {}

  /** {@return an event that has begun, or null if such events are not recorded} */
  static @Nullable Object beginScope() {
    return begun(new ScopeEvent());
  }

  static void endScope(
      @Nullable Object begun,
      CurrentScope.Place place,
      String name,
      String outcome,
      String reason,
      int tasks) {
    if (begun instanceof ScopeEvent event) {
      event.put(place);
      event.reason = reason;
      event.name = name;
      event.outcome = outcome;
      event.tasks = tasks;
      event.commit();
    }
  }

  static @Nullable Object beginTask() {
    return begun(new TaskEvent());
  }

  static void endTask(
      @Nullable Object begun, CurrentScope.Place place, String name, String scope, String outcome) {
    if (begun instanceof TaskEvent event) {
      event.put(place);
      event.name = name;
      event.scope = scope;
      event.outcome = outcome;
      event.commit();
    }
  }

  static @Nullable Object beginWait() {
    return begun(new BlockedEvent());
  }

  static void endWait(@Nullable Object begun, Supplier<String> in, Object blocker) {
    if (begun instanceof BlockedEvent event) {
      event.end();
      if (event.shouldCommit()) {
        event.put(CurrentScope.place());
        event.in = in.get();
        event.on = blocker.toString();
        event.commit();
      }
    }
  }

  static void timedOut(Supplier<CurrentScope.Place> place, String scope, Duration span) {
    var event = new TimeoutEvent();
    if (event.shouldCommit()) {
      event.put(place.get());
      event.name = scope;
      event.timeout = span.toNanos();
      event.commit();
    }
  }

  static void refused(String guard, int inside) {
    var event = new RejectedEvent();
    if (event.shouldCommit()) {
      event.put(CurrentScope.place());
      event.name = guard;
      event.inside = inside;
      event.commit();
    }
  }

  static void reported(Report report, CurrentScope.Place place) {
    var event = new StuckEvent();
    if (event.shouldCommit()) {
      event.put(place);
      event.kind = report.kind().name();
      event.scope = report.scope();
      event.tasks = String.join(", ", report.tasks());
      event.text = report.text();
      event.commit();
    }
  }

  private static @Nullable Event begun(Event event) {
    if (!event.isEnabled()) {
      return null;
    }
    event.begin();
    return event;
  }

  /** The recorder records the fields of superclasses, too. */
  private abstract static class PlacedEvent extends Event {

    @Label("Scope Number")
    @Description("The number of the scope, unique in the JVM; 0 for none")
    long scopeId;

    @Label("Parent Number")
    @Description("The number of the enclosing scope; 0 for none")
    long parentId;

    @Label("At")
    @Description(
        "The innermost frame of the application; for a task, where it was forked, if known")
    @Nullable String at;

    final void put(CurrentScope.Place place) {
      scopeId = place.scope();
      parentId = place.parent();
      at = place.at();
    }
  }

  @Name("dev.holdfast.Scope")
  @Label("Scope")
  @Category("Holdfast")
  @Description("A scope, from its opening to its end")
  @StackTrace(false)
  private static final class ScopeEvent extends PlacedEvent {

    @Label("Name")
    @Nullable String name;

    @Label("Outcome")
    @Description("completed, failed, deadline, interrupted, cancelled or parent")
    @Nullable String outcome;

    @Label("Reason")
    @Description("Why it was cancelled, in words")
    @Nullable String reason;

    @Label("Forks")
    int tasks;
  }

  @Name("dev.holdfast.Task")
  @Label("Task")
  @Category("Holdfast")
  @Description("A task of a scope, from its start on its thread to its end")
  @StackTrace(false)
  private static final class TaskEvent extends PlacedEvent {

    @Label("Name")
    @Nullable String name;

    @Label("Scope")
    @Nullable String scope;

    @Label("Outcome")
    @Description("SUCCESS, FAILED or CANCELLED")
    @Nullable String outcome;
  }

  @Name("dev.holdfast.TaskBlocked")
  @Label("Task Blocked")
  @Category("Holdfast")
  @Description("A wait for a fork, a limit, a guard, or the end of a scope")
  @Threshold("20 ms")
  private static final class BlockedEvent extends PlacedEvent {

    @Label("In")
    @Nullable String in;

    @Label("Waited For")
    @Nullable String on;
  }

  @Name("dev.holdfast.TaskStuck")
  @Label("Task Stuck")
  @Category("Holdfast")
  @Description("Tasks that do not stop, tasks that wait for each other, or a lost root")
  @StackTrace(false)
  private static final class StuckEvent extends PlacedEvent {

    @Label("Kind")
    @Nullable String kind;

    @Label("Scope")
    @Nullable String scope;

    @Label("Tasks")
    @Nullable String tasks;

    @Label("Report")
    @Nullable String text;
  }

  @Name("dev.holdfast.Timeout")
  @Label("Timeout")
  @Category("Holdfast")
  @Description("A scope was cancelled by its deadline")
  @StackTrace(false)
  private static final class TimeoutEvent extends PlacedEvent {

    @Label("Scope")
    @Nullable String name;

    @Label("Timeout")
    @Timespan
    long timeout;
  }

  @Name("dev.holdfast.GuardRejected")
  @Label("Guard Rejected")
  @Category("Holdfast")
  @Description("A guard rejected or skipped a call")
  private static final class RejectedEvent extends PlacedEvent {

    @Label("Guard")
    @Nullable String name;

    @Label("Inside")
    int inside;
  }
}
