package dev.holdfast.internal.scope;

import dev.holdfast.internal.timer.RepeatingAlarm;

/**
 * Looks after the tasks on threads of the user's making: a thread factory may drop the task it was
 * given, and the thread end without having run it.
 */
final class Reaper extends RepeatingAlarm {

  private final TaskSet tasks;

  Reaper(TaskSet tasks) {
    super(100_000_000L);
    this.tasks = tasks;
  }

  @Override
  public void look() {
    tasks.forEach(ScopeTask::failIfThreadHasEnded);
  }
}
