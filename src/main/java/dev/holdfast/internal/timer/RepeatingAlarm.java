package dev.holdfast.internal.timer;

/** An alarm that rings again and again until it is stopped. */
public abstract class RepeatingAlarm extends Alarm {

  private final long periodNanos;
  private volatile boolean stopped;

  public RepeatingAlarm(long periodNanos) {
    this.periodNanos = periodNanos;
  }

  /** Called each time; must not block. */
  public abstract void look();

  public final void start() {
    TimerThread.set(this, System.nanoTime() + periodNanos);
  }

  public final void stop() {
    stopped = true;
    TimerThread.clear(this);
  }

  @Override
  public final void ring() {
    if (!stopped) {
      start(); // before anything that can fail
    }
    if (stopped) { // meanwhile: stop() may have cleared it before it was set
      TimerThread.clear(this);
    }
    look();
  }
}
