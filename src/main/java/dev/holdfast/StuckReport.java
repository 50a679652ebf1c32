package dev.holdfast;

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
  void unblock() {
    var text = new StringBuilder();
    var names = new ArrayList<String>();
    for (Frame frame : late) {
      String what = frame.running();
      if (!what.isEmpty()) { // it may have ended just now
        names.add(name(frame));
        text.append("\n  ").append(what);
        describe(frame, text);
      }
    }
    if (!names.isEmpty()) {
      ScopeFrame scope = scope();
      String name = scope == null ? cancelled.label() : scope.name();
      Tally tally = scope == null ? Tallies.ALL.of(null) : scope.tally();
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

  /** {@return the scope it is in, of the user's; null for a shield outside every scope} */
  private @Nullable ScopeFrame scope() {
    Frame frame = cancelled;
    while (frame != null) {
      if (frame instanceof ScopeFrame scope && scope.isCounted()) {
        return scope;
      }
      frame = frame instanceof Child child ? child.scope : frame.outer();
    }
    return null;
  }

  private static String name(Frame frame) {
    return switch (frame) {
      case Child child -> child.name();
      case ScopeFrame scope -> scope.name();
      default -> frame.label();
    };
  }

  private static void describe(Frame frame, StringBuilder text) {
    Thread thread = frame.strand().thread();
    if (thread == null) {
      return;
    }
    Wait waits = Picture.wait(frame.strand(), thread);
    if (waits != null) {
      text.append("\n      ").append(waits);
    }
    Reports.explanations(thread).forEach(more -> text.append("\n      ").append(more));
    text.append(Stacks.of(thread));
    if (frame instanceof Child child && !child.site().isEmpty()) {
      text.append("\n      forked");
      child.site().forEach(call -> text.append("\n        at ").append(call));
    }
  }
}
