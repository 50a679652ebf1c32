package dev.holdfast.internal.cancel;

import dev.holdfast.internal.timer.BlockingAlarm;
import dev.holdfast.internal.timer.TimerThread;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;

/**
 * Interrupts what was cancelled again and again until it has ended, and names what will not end.
 */
public final class Interrupter extends BlockingAlarm {

  private static final long FIRST_NANOS = 10_000_000L;
  private static final long LONGEST_NANOS = 1_000_000_000L;

  /** What was cancelled has this long after the grace before it is reported. */
  static final long REPORT_NANOS = 1_000_000_000L;

  private static final VarHandle LIVE;
  private static final VarHandle OVER;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      LIVE = lookup.findStaticVarHandle(Interrupter.class, "live", int.class);
      OVER = lookup.findVarHandle(Interrupter.class, "over", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** How many cancellations are under way in this JVM. */
  private static volatile int live;

  @SuppressWarnings("unused") // by OVER
  private volatile boolean over;

  private final CancelScope scope;
  private final long since = System.nanoTime();
  private long delay = FIRST_NANOS;

  /** Made before the cancellation is decided: who finds none under way has not been cancelled. */
  Interrupter(CancelScope scope) {
    this.scope = scope;
    LIVE.getAndAdd(1);
  }

  /** {@return whether anything at all is cancelled and has not ended} */
  public static boolean any() {
    return live != 0;
  }

  /** Called when there was nothing to cancel, or is no more. */
  void forget() {
    if (OVER.compareAndSet(this, false, true)) {
      LIVE.getAndAdd(-1);
    }
  }

  void stop() {
    forget();
    TimerThread.clear(this);
  }

  void start() {
    if (!scope.hasEnded()) {
      scope.interrupter = this;
      TimerThread.set(this, since + delay);
    }
    stopIfEnded();
  }

  @Override
  public void expired() {
    if (scope.hasEnded()) {
      return;
    }
    long now = System.nanoTime();
    delay = Math.min(2 * delay, LONGEST_NANOS);
    long reportAt = since + scope.graceNanos() + REPORT_NANOS;
    boolean early = reportAt - now > 0 && reportAt - now < delay;
    TimerThread.set(this, early ? reportAt : now + delay); // before anything that can fail
    stopIfEnded();
    scope.propagate();
    if (now - reportAt >= 0) {
      report(now);
    }
  }

  /** The scope may have ended, and looked for its interrupter, before the alarm was set. */
  private void stopIfEnded() {
    if (scope.hasEnded()) {
      stop();
    }
  }

  private void report(long now) {
    var late = new ArrayList<CancelScope>();
    scope.forEach(below -> {
      if (!below.running().isEmpty()
          && isDue(below, now)
          && below.cancellation() != null
          && !below.threadScope().isShieldedFrom(below)) {
        below.reports++;
        late.add(below);
      }
    });
    if (!late.isEmpty()) {
      // Not here: a logger may block, and every deadline would wait for it.
      TimerThread.run(new StuckReport(scope, now - since, late));
    }
  }

  /** {@return whether it is to be told of what is late: again when it is ten times as late} */
  private boolean isDue(CancelScope late, long now) {
    double after = REPORT_NANOS * Math.pow(10, late.reports);
    return now - since >= scope.graceNanos() + after;
  }
}
