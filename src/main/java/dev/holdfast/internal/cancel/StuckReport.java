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
    for (CancelScope scope : late) {
      String what = scope.running();
      if (!what.isEmpty()) { // it may have ended just now
        names.add(scope.name());
        text.append("\n  ").append(what);
        describe(scope, text);
      }
    }
    if (!names.isEmpty()) {
      CancelScope user = cancelled.userScope(); // none for a shield outside every scope
      String name = user == null ? cancelled.label() : user.name();
      ScopeCounters counted = user == null ? null : user.counters();
      ScopeCounters counters = counted == null ? CounterRegistry.ALL.of(null) : counted;
      String report =
          cancelled.label()
              + " was cancelled "
              + sinceNanos / 1_000_000
              + " ms ago, and this has not stopped; the call waits for it:"
              + text
              + "\nLet it end when interrupted, or unblock it with Scope.onCancel.";
      Reports.pass(new Report(Report.Kind.STUCK, name, names, report), counters);
    }
  }

  private static void describe(CancelScope scope, StringBuilder text) {
    Thread thread = scope.runner();
    if (thread == null) {
      return;
    }
    WaitInfo waits = Blockers.of(scope.threadScope(), thread);
    if (waits != null) {
      text.append("\n      ").append(waits);
    }
    Reports.explanations(thread).forEach(more -> text.append("\n      ").append(more));
    text.append(StackTraces.of(thread));
    if (!scope.forkSite().isEmpty()) {
      text.append("\n      forked");
      scope.forkSite().forEach(call -> text.append("\n        at ").append(call));
    }
  }
}
