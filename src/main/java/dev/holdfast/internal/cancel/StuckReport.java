package dev.holdfast.internal.cancel;

import dev.holdfast.inspect.Report;
import dev.holdfast.inspect.WaitInfo;
import dev.holdfast.internal.telemetry.CounterRegistry;
import dev.holdfast.internal.telemetry.Reports;
import dev.holdfast.internal.telemetry.ScopeCounters;
import dev.holdfast.internal.timer.BackgroundAction;
import dev.holdfast.internal.util.StackTraces;
import java.util.ArrayList;
import java.util.List;

/** Names what was cancelled and will not end. */
final class StuckReport extends BackgroundAction {

  private final CancelScope cancelled;
  private final long sinceNanos;
  private final List<CancelScope> late;

  StuckReport(CancelScope cancelled, long sinceNanos, List<CancelScope> late) {
    this.cancelled = cancelled;
    this.sinceNanos = sinceNanos;
    this.late = late;
  }

  @Override
  public void act() {
    var text = new StringBuilder();
    var names = new ArrayList<String>();
    for (CancelScope frame : late) {
      String what = frame.running();
      if (!what.isEmpty()) { // it may have ended just now
        names.add(frame.name());
        text.append("\n  ").append(what);
        describe(frame, text);
      }
    }
    if (!names.isEmpty()) {
      CancelScope scope = cancelled.userScope(); // none for a shield outside every scope
      String name = scope == null ? cancelled.label() : scope.name();
      ScopeCounters counted = scope == null ? null : scope.tally();
      ScopeCounters tally = counted == null ? CounterRegistry.ALL.of(null) : counted;
      String report =
          cancelled.label()
              + " was cancelled "
              + sinceNanos / 1_000_000
              + " ms ago, and this has not stopped; the call waits for it:"
              + text
              + "\nLet it end when interrupted, or unblock it with Scope.onCancel.";
      Reports.pass(new Report(Report.Kind.STUCK, name, names, report), tally);
    }
  }

  private static void describe(CancelScope frame, StringBuilder text) {
    Thread thread = frame.strand().thread();
    if (thread == null) {
      return;
    }
    WaitInfo waits = Waits.of(frame.strand(), thread);
    if (waits != null) {
      text.append("\n      ").append(waits);
    }
    Reports.explanations(thread).forEach(more -> text.append("\n      ").append(more));
    text.append(StackTraces.of(thread));
    if (!frame.site().isEmpty()) {
      text.append("\n      forked");
      frame.site().forEach(call -> text.append("\n        at ").append(call));
    }
  }
}
