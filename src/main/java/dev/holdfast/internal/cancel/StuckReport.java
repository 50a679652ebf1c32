package dev.holdfast.internal.cancel;

import dev.holdfast.inspect.Report;
import dev.holdfast.inspect.Wait;
import dev.holdfast.internal.telemetry.Reports;
import dev.holdfast.internal.telemetry.Tallies;
import dev.holdfast.internal.telemetry.Tally;
import dev.holdfast.internal.timer.Housekeeper;
import dev.holdfast.internal.util.Stacks;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Names what was cancelled and will not end. */
final class StuckReport extends Housekeeper.Unblocker {

  private final Frame cancelled;
  private final long sinceNanos;
  private final List<Frame> late;

  StuckReport(Frame cancelled, long sinceNanos, List<Frame> late) {
    this.cancelled = cancelled;
    this.sinceNanos = sinceNanos;
    this.late = late;
  }

  @Override
  public void unblock() {
    var text = new StringBuilder();
    var names = new ArrayList<String>();
    for (Frame frame : late) {
      String what = frame.running();
      if (!what.isEmpty()) { // it may have ended just now
        names.add(frame.name());
        text.append("\n  ").append(what);
        describe(frame, text);
      }
    }
    if (!names.isEmpty()) {
      Frame scope = cancelled.userScope(); // none for a shield outside every scope
      String name = scope == null ? cancelled.label() : scope.name();
      Tally counted = scope == null ? null : scope.tally();
      Tally tally = counted == null ? Tallies.ALL.of(null) : counted;
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

  private static void describe(Frame frame, StringBuilder text) {
    Thread thread = frame.strand().thread();
    if (thread == null) {
      return;
    }
    Wait waits = Waits.of(frame.strand(), thread);
    if (waits != null) {
      text.append("\n      ").append(waits);
    }
    Reports.explanations(thread).forEach(more -> text.append("\n      ").append(more));
    text.append(Stacks.of(thread));
    if (!frame.site().isEmpty()) {
      text.append("\n      forked");
      frame.site().forEach(call -> text.append("\n        at ").append(call));
    }
  }
}
