package dev.holdfast;

import java.lang.System.Logger.Level;

/**
 * Interrupts what was cancelled again and again until it has ended, and names what will not end.
 */
final class Nag extends Housekeeper.Alarm {

  private static final long FIRST_NANOS = 10_000_000L;
  private static final long LONGEST_NANOS = 1_000_000_000L;

  /** A task has this long after the grace before it is reported. */
  static final long REPORT_NANOS = 1_000_000_000L;

  private final Frame frame;
  private final long since = System.nanoTime();
  private long delay = FIRST_NANOS;

  private Nag(Frame frame) {
    this.frame = frame;
  }

  static void start(Frame frame) {
    if (!frame.hasEnded()) {
      var nag = new Nag(frame);
      Housekeeper.set(nag, nag.since + nag.delay);
      frame.nag = nag;
      nag.stopIfEnded();
    }
  }

  @Override
  void ring() {
    if (frame.hasEnded()) {
      return;
    }
    frame.interruptAgain();
    long now = System.nanoTime();
    if (now - since >= frame.graceNanos() + REPORT_NANOS) {
      report(now);
    }
    delay = Math.min(2 * delay, LONGEST_NANOS);
    Housekeeper.set(this, now + delay);
    stopIfEnded();
  }

  /** The frame may have ended, and looked for its nag, before the alarm was set. */
  private void stopIfEnded() {
    if (frame.hasEnded()) {
      Housekeeper.clear(this);
    }
  }

  private void report(long now) {
    frame.forEachRunning(child -> {
      if (!child.reported) {
        child.reported = true;
        System.getLogger("dev.holdfast")
            .log(
                Level.WARNING,
                child.label()
                    + " of "
                    + child.scope.label()
                    + " has not stopped "
                    + (now - since) / 1_000_000
                    + " ms after it was cancelled, and the scope waits for it. It is"
                    + Stacks.of(child.thread())
                    + "\nLet it end when interrupted, or unblock it with Scope.onCancel.");
      }
    });
  }
}
