package dev.holdfast.internal.scope;

import dev.holdfast.internal.cancel.Cancellation;
import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.internal.timer.BlockingAlarm;
import dev.holdfast.internal.timer.TimerThread;
import dev.holdfast.internal.util.DeadlineAccess;
import dev.holdfast.internal.util.StackTraces;
import dev.holdfast.internal.util.Throwables;
import java.util.ArrayList;
import java.util.List;

/** The alarm that cancels a scope at its deadline and records the tasks that were still running. */
final class DeadlineAlarm extends BlockingAlarm {

  // How many tasks are listed with their stacks.
  private static final int NAMED = 1000;
  private static final int PICTURED = 16;

  private final ScopeImpl scope;

  DeadlineAlarm(ScopeImpl scope) {
    this.scope = scope;
  }

  /** Sets the alarm, or cancels the scope if its deadline has passed. Owner only. */
  void start() {
    if (scope.deadline().isExpired()) {
      expired();
    } else {
      TimerThread.set(this, DeadlineAccess.nanos(scope.deadline()));
    }
  }

  void stop() {
    TimerThread.clear(this);
  }

  @Override
  public void expired() {
    if (scope.decision() == null) {
      scope.cancel(
          Cancellation.deadline(scope.label(), DeadlineAccess.span(scope.deadline()), running()));
    }
    scope.cancelledAround(
        Cancellation.deadline(scope.label(), DeadlineAccess.span(scope.deadline()), List.of()));
  }

  private List<String> running() {
    try {
      var running = new ArrayList<String>();
      if (scope.isInBody()) {
        ThreadScope threadScope = scope.threadScope();
        running.add("its body, on " + threadScope.label() + StackTraces.of(threadScope.thread()));
      }
      int[] tasks = {0};
      scope.forEach(below -> {
        if (below instanceof ScopeTask task && !task.hasEnded() && !task.isIdle()) {
          if (++tasks[0] <= NAMED) {
            running.add(describe(task, tasks[0] <= PICTURED));
          }
        }
      });
      if (tasks[0] > NAMED) {
        running.add("and " + (tasks[0] - NAMED) + " more");
      }
      return running;
    } catch (Throwable t) {
      return List.of("the running tasks could not be listed: " + Throwables.describe(t));
    }
  }

  private static String describe(ScopeTask task, boolean withStack) {
    return task.name()
        + ", for "
        + task.ageNanos() / 1_000_000
        + " ms"
        + (withStack ? StackTraces.of(task.thread()) : "");
  }
}
