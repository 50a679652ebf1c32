package dev.holdfast.internal.timer;

/** An action at a fixed delay, until it is stopped. */
public abstract class RepeatingAlarm extends BlockingAlarm {

  private final long delayNanos;
  private volatile boolean stopped;

  public RepeatingAlarm(long delayNanos) {
    this.delayNanos = delayNanos;
  }

  /** Called each time. */
  public abstract void look();

  public final void start() {
    TimerThread.set(this, System.nanoTime() + delayNanos);
  }

  public final void stop() {
    stopped = true;
    TimerThread.clear(this);
  }

  @Override
  public final void expired() {
    if (stopped) {
      return;
    }
    start(); // before anything that can fail
    look();
    if (stopped) { // stop() may have cleared it before it was set
      TimerThread.clear(this);
    }
  }
}
