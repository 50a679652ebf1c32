package dev.holdfast;

/**
 * Looks after the tasks on threads of the user's making: a thread factory may drop the task it was
 * given, and the thread end without having run it.
 */
final class Reaper extends Alarm {

  static final long PERIOD_NANOS = 100_000_000L;

  private final Children children;
  private volatile boolean stopped;

  Reaper(Children children) {
    this.children = children;
  }

  @Override
  void ring() {
    if (!stopped) {
      Housekeeper.set(this, System.nanoTime() + PERIOD_NANOS); // before anything that can fail
    }
    if (stopped) {
      Housekeeper.clear(this);
    }
    children.forEach(Child::failIfThreadHasEnded);
  }

  void stop() {
    stopped = true;
    Housekeeper.clear(this);
  }
}
