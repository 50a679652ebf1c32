package dev.holdfast.diagnostics.stall;

import dev.holdfast.channel.Channel;
import dev.holdfast.inspect.Report;
import dev.holdfast.inspect.WaitInfo;
import dev.holdfast.internal.util.Printable;
import dev.holdfast.internal.util.StackTraces;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/** Writes the report of a stall or a deadlock. */
final class StallReport {

  private static final String DEADLOCK_FIX =
      "\nReturn the values instead of joining, or fork in another order.";
  private static final String STALL_FIX =
      "\nGive one of the waits a timeout, close the channel, or start the missing task.";
  private static final String SHARED_HINT =
      " If threads outside the scope use the channel, declare it with ChannelSpec.shared().";

  private StallReport() {}

  /**
   * Writes a report.
   *
   * @param scope the scope in which the tasks are stuck
   * @param stuck the tasks
   * @param cycle the tasks that join each other in a cycle, in order; empty if there is no cycle
   */
  static Report of(ScopeNode scope, List<TaskNode> stuck, Set<TaskNode> cycle) {
    boolean deadlock = !cycle.isEmpty();
    Collection<TaskNode> tasks = deadlock ? cycle : stuck;
    String name = scope.snapshot.name();
    var text = new StringBuilder("Scope '").append(Printable.of(name)).append('\'');
    text.append(
        deadlock
            ? " has a deadlock: these tasks join each other in a cycle:"
            : " has stalled: each of these tasks waits for an action of another one:");
    tasks.forEach(task -> append(task, text));
    text.append(deadlock ? DEADLOCK_FIX : STALL_FIX);
    if (!deadlock && tasks.stream().anyMatch(StallReport::isAtChannel)) {
      text.append(SHARED_HINT);
    }
    return new Report(
        deadlock ? Report.Kind.DEADLOCKED : Report.Kind.STALLED,
        name,
        tasks.stream().map(task -> task.snapshot.name()).toList(),
        text.toString());
  }

  private static void append(TaskNode task, StringBuilder text) {
    text.append("\n  ").append(task.label()).append(": ");
    text.append(task.waitsFor() == null ? "waits for a monitor" : task.waitsFor());
    text.append(StackTraces.ofUserCode(task.thread()));
    List<StackTraceElement> forkedAt = task.snapshot.forkedAt();
    if (!forkedAt.isEmpty()) {
      text.append("\n      forked at ").append(forkedAt.getFirst());
    }
  }

  private static boolean isAtChannel(TaskNode task) {
    WaitInfo wait = task.waitsFor();
    return wait != null
        && !wait.objects().isEmpty()
        && wait.objects().getFirst() instanceof Channel<?>;
  }
}
