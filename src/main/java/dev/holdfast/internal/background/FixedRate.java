package dev.holdfast.internal.background;

import dev.holdfast.Action;

/** An action at a fixed rate. */
public final class FixedRate implements WorkerTask.Work {

  private final long period;
  private final Action action;

  /** When it is due next; it stays on its grid also when it is started again. */
  private long next;

  public FixedRate(long periodNanos, Action action) {
    this.period = periodNanos;
    this.action = action;
    this.next = System.nanoTime() + periodNanos;
  }

  @Override
  public void run(WorkerTask task) throws Exception {
    while (task.pause(next - System.nanoTime())) {
      long late = Math.max(0, (System.nanoTime() - next) / period);
      next += (late + 1) * period;
      task.ticked(late);
      action.run();
    }
  }
}
