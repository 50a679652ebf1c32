package dev.holdfast;

/** An alarm that rings again and again until it is stopped. */
abstract class Periodic extends Alarm {

  private final long periodNanos;
  private volatile boolean stopped;

  Periodic(long periodNanos) {
    this.periodNanos = periodNanos;
  }

  /** Called each time; must not block. */
  abstract void look();

  final void start() {
    Housekeeper.set(this, System.nanoTime() + periodNanos);
  }

  final void stop() {
    stopped = true;
    Housekeeper.clear(this);
  }

  @Override
  final void ring() {
    if (!stopped) {
      start(); // before anything that can fail
    }
    if (stopped) { // meanwhile: stop() may have cleared it before it was set
      Housekeeper.clear(this);
    }
    look();
  }
}
