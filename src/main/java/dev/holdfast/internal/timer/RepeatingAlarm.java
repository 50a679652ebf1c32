package dev.holdfast.internal.timer;

import dev.holdfast.internal.clock.Clock;

/** An action that runs with a fixed delay until it is stopped. */
public abstract class RepeatingAlarm extends BlockingAlarm {

  private final long delayNanos;
  private volatile boolean stopped;

  public RepeatingAlarm(long delayNanos) {
    this.delayNanos = delayNanos;
  }

  /** The action. */
  public abstract void look();

  public final void start() {
    TimerThread.set(this, Clock.nanoTime() + delayNanos);
  }

  public final void stop() {
    stopped = true;
    TimerThread.clear(this);
  }

  @Override
  final boolean isBackground() {
    return true;
  }

  @Override
  public final void expired() {
    if (stopped) {
      return;
    }
    start(); // first, before the action, which can fail
    look();
    if (stopped) { // stop() may have run before the alarm was set
      TimerThread.clear(this);
    }
  }
}
