package dev.holdfast.internal.scope;

import dev.holdfast.internal.cancel.Cancellation;
import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.internal.timer.BlockingAlarm;
import dev.holdfast.internal.util.DeadlineAccess;
import dev.holdfast.internal.util.StackTraces;
import dev.holdfast.internal.util.Throwables;

/** The alarm that cancels a scope at its deadline and records the tasks that were still running. */
final class DeadlineAlarm extends BlockingAlarm {

  // How many tasks are listed with their stacks.
  private static final int NAMED = 1000;
  private static final int PICTURED = 16;

  private final ScopeImpl scope;

  DeadlineAlarm(ScopeImpl scope) {
    this.scope = scope;
  }

  @Override
  public void expired() {
    if (scope.decision() == null) {
      scope.cancel(
          Cancellation.deadline(scope.label(), DeadlineAccess.span(scope.deadline()), running()));
    }
    scope.cancelledAround(
        Cancellation.deadline(scope.label(), DeadlineAccess.span(scope.deadline()), ""));
  }

  private String running() {
    try {
      var text = new StringBuilder();
      if (scope.isInBody()) {
        ThreadScope threadScope = scope.threadScope();
        text.append("\n  its body, on ")
            .append(threadScope.label())
            .append(StackTraces.of(threadScope.thread()));
      }
      int[] tasks = {0};
      scope.forEach(below -> {
        if (below instanceof ScopeTask task && !task.hasEnded() && !task.isIdle()) {
          describe(task, ++tasks[0], text);
        }
      });
      if (tasks[0] > NAMED) {
        text.append("\n  and ").append(tasks[0] - NAMED).append(" more");
      }
      return text.isEmpty() ? "" : "; still running were:" + text;
    } catch (Throwable t) {
      return "; the running tasks could not be listed: " + Throwables.describe(t);
    }
  }

  private static void describe(ScopeTask task, int number, StringBuilder text) {
    if (number <= NAMED) {
      text.append("\n  ").append(task.name()).append(", for ");
      text.append(task.ageNanos() / 1_000_000).append(" ms");
      if (number <= PICTURED) {
        text.append(StackTraces.of(task.thread()));
      }
    }
  }
}
