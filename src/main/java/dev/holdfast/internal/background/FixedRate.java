package dev.holdfast.internal.background;

import dev.holdfast.Action;
import dev.holdfast.internal.clock.Clock;
import dev.holdfast.internal.util.Checks;
import java.time.Duration;

/** Runs an action at a fixed rate. */
public final class FixedRate implements WorkerTask.Work {

  private final long period;
  private final Action action;

  /** The time of the next tick; a restart does not shift the schedule. */
  private long next;

  private FixedRate(long periodNanos, Action action) {
    this.period = periodNanos;
    this.action = action;
    this.next = Clock.nanoTime() + periodNanos;
  }

  public static FixedRate of(Duration period, Action action) {
    Checks.positive(period, "period");
    return new FixedRate(period.toNanos(), Checks.given(action, "action"));
  }

  @Override
  public void run(WorkerTask task) throws Exception {
    while (task.pause(next - Clock.nanoTime())) {
      long late = Math.max(0, (Clock.nanoTime() - next) / period);
      next += (late + 1) * period;
      task.ticked(late);
      try {
        action.run();
      } finally {
        task.endUserCode();
      }
    }
  }
}
