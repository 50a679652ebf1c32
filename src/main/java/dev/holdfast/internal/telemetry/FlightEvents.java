package dev.holdfast.internal.telemetry;

import dev.holdfast.inspect.Report;
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

/** The event classes, loaded only in a JVM that has the flight recorder. */
@SuppressWarnings("unused") // the recorder reads the fields of events
final class FlightEvents {

  private FlightEvents() {}

  /** {@return an event that has begun, or null unless such events are recorded} */
  static @Nullable Object beginScope() {
    return begun(new ScopeEvent());
  }

  static void endScope(@Nullable Object begun, String name, String outcome, int tasks) {
    if (begun instanceof ScopeEvent event) {
      event.name = name;
      event.outcome = outcome;
      event.tasks = tasks;
      event.commit();
    }
  }

  static @Nullable Object beginTask() {
    return begun(new TaskEvent());
  }

  static void endTask(@Nullable Object begun, String name, String scope, String outcome) {
    if (begun instanceof TaskEvent event) {
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
        event.in = in.get();
        event.on = blocker.toString();
        event.commit();
      }
    }
  }

  static void timedOut(String scope, Duration span) {
    var event = new TimeoutEvent();
    if (event.shouldCommit()) {
      event.name = scope;
      event.timeout = span.toNanos();
      event.commit();
    }
  }

  static void refused(String guard, int inside) {
    var event = new RejectedEvent();
    if (event.shouldCommit()) {
      event.name = guard;
      event.inside = inside;
      event.commit();
    }
  }

  static void reported(Report report) {
    var event = new StuckEvent();
    if (event.shouldCommit()) {
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

  @Name("dev.holdfast.Scope")
  @Label("Scope")
  @Category("Holdfast")
  @Description("A scope, from its opening to its end")
  @StackTrace(false)
  private static final class ScopeEvent extends Event {

    @Label("Name")
    @Nullable String name;

    @Label("Outcome")
    @Description("completed, or why it was cancelled")
    @Nullable String outcome;

    @Label("Forks")
    int tasks;
  }

  @Name("dev.holdfast.Task")
  @Label("Task")
  @Category("Holdfast")
  @Description("A task of a scope, from its start on its thread to its end")
  @StackTrace(false)
  private static final class TaskEvent extends Event {

    @Label("Name")
    @Nullable String name;

    @Label("Scope")
    @Nullable String scope;

    @Label("Outcome")
    @Nullable String outcome;
  }

  @Name("dev.holdfast.TaskBlocked")
  @Label("Task Blocked")
  @Category("Holdfast")
  @Description("A wait for a fork, a limit, a guard, or the end of a scope")
  @Threshold("20 ms")
  private static final class BlockedEvent extends Event {

    @Label("In")
    @Nullable String in;

    @Label("Waited For")
    @Nullable String on;
  }

  @Name("dev.holdfast.TaskStuck")
  @Label("Task Stuck")
  @Category("Holdfast")
  @Description("Tasks that do not stop, or wait for each other")
  @StackTrace(false)
  private static final class StuckEvent extends Event {

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
  private static final class TimeoutEvent extends Event {

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
  private static final class RejectedEvent extends Event {

    @Label("Guard")
    @Nullable String name;

    @Label("Inside")
    int inside;
  }
}
