package dev.holdfast;

import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/** An action that begins after a delay: small while it waits, then a task. */
final class After extends Timers.Timer implements Post {

  /** In place of the task: there will be none. */
  private static final Object DROPPED = new Object();

  private final Staff staff;
  private final @Nullable String name;

  /** Null once it has begun or was dropped. */
  private volatile @Nullable Action action;

  /** Null while it waits, then its {@link WorkerTask}, or {@link #DROPPED}. */
  private volatile @Nullable Object outcome;

  After(Staff staff, @Nullable String name, Action action) {
    this.staff = staff;
    this.name = name;
    this.action = action;
  }

  @Override
  void due() {
    staff.afterBegins();
  }

  @Override
  void ring() {
    if (!staff.host().request(this)) {
      drop();
      staff.afterEnded();
    }
  }

  /** {@return the task; for the thread that starts it} */
  WorkerTask task(ScopeFrame inside, int number) {
    Action begun = action;
    var task =
        new WorkerTask(
            inside,
            staff.scope(),
            name(),
            number,
            Restart.never(),
            self -> {
              self.ticked(0);
              if (begun != null) {
                begun.run();
              }
            });
    outcome = task;
    action = null;
    return task;
  }

  @Override
  void drop() {
    outcome = DROPPED;
    action = null;
    staff.wakeJoiners();
  }

  @Override
  public void stop(String reason) {
    if (staff.timers().remove(this)) {
      drop();
    } else if (outcome instanceof WorkerTask task) {
      task.stop(reason);
    }
  }

  @Override
  public void cancel(String reason) {
    if (staff.timers().remove(this)) {
      drop();
    } else if (outcome instanceof WorkerTask task) {
      task.cancel(reason);
    }
  }

  @Override
  public void awaitEnd() throws InterruptedException {
    staff.awaitAfter(() -> outcome != null, this);
    if (outcome instanceof WorkerTask task) {
      task.awaitEnd();
    }
  }

  @Override
  public boolean isDone() {
    return outcome instanceof WorkerTask task ? task.isDone() : outcome == DROPPED;
  }

  @Override
  public boolean stopping() {
    return outcome instanceof WorkerTask task ? task.stopping() : outcome == DROPPED;
  }

  @Override
  public void ready(@Nullable Object value) {}

  @Override
  public @Nullable Object awaitReady() throws InterruptedException {
    awaitEnd();
    throw new CancellationException(name() + " has ended; an action after a delay is never ready");
  }

  @Override
  public WorkerStats stats() {
    return outcome instanceof WorkerTask task ? task.stats() : new WorkerStats(0, 0, 0);
  }

  @Override
  public String name() {
    return name == null ? staff.scope().name() + "/after" : name;
  }

  @Override
  public String toString() {
    return name();
  }
}
