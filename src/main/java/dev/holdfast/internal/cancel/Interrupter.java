package dev.holdfast.internal.cancel;

import dev.holdfast.inspect.Report;
import dev.holdfast.internal.clock.Clock;
import dev.holdfast.internal.clock.CurrentScope;
import dev.holdfast.internal.clock.LateStart;
import dev.holdfast.internal.scheduling.Wakeups;
import dev.holdfast.internal.telemetry.CarrierReport;
import dev.holdfast.internal.telemetry.CounterRegistry;
import dev.holdfast.internal.telemetry.Reports;
import dev.holdfast.internal.telemetry.ScopeCounters;
import dev.holdfast.internal.timer.BackgroundAction;
import dev.holdfast.internal.timer.BlockingAlarm;
import dev.holdfast.internal.timer.TimerThread;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;

/**
 * Interrupts a cancelled scope repeatedly until it has ended, and reports the tasks that do not
 * stop.
 */
public final class Interrupter extends BlockingAlarm {

  private static final long FIRST_NANOS = 10_000_000L;
  private static final long LONGEST_NANOS = 1_000_000_000L;

  /** The first delay lasts at least as long as this many passes over the tasks. */
  private static final int PASSES = 4;

  /**
   * The unit of later reports: a task is reported again 10, 100, 1000 and so on units after the
   * grace.
   */
  private static final double REPORT_AGAIN_NANOS = 1_000_000_000;

  /** How long after the grace a cancelled task may run before it is reported. Replaced by tests. */
  static volatile long reportNanos = 1_000_000_000L;

  /** How many stuck tasks a report describes, because each stack takes processor time. */
  private static final int DESCRIBED = 100;

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
  private final long since = Clock.nanoTime();
  private long delay = FIRST_NANOS;

  /**
   * Created before the cancellation is decided, so a thread that sees {@link #any} return false has
   * not been cancelled.
   */
  Interrupter(CancelScope scope) {
    this.scope = scope;
    LIVE.getAndAdd(1);
  }

  /** {@return whether any scope of this JVM is cancelled and has not ended} */
  public static boolean any() {
    return live != 0;
  }

  /** Called when there was nothing to cancel, or everything cancelled has ended. */
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
      // With very many tasks, a pass takes longer than the first delay. If passes followed each
      // other closely, they would take the processor from the tasks that are ending.
      long took = Clock.nanoTime() - since;
      delay = Math.min(Math.max(delay, PASSES * took), LONGEST_NANOS);
      TimerThread.set(this, since + took + delay);
      if (LateStart.isPending()) { // the owner may already have parked
        Wakeups.unpark(scope.threadScope().thread());
      }
    }
    stopIfEnded();
  }

  @Override
  public void expired() {
    if (scope.hasEnded()) {
      return;
    }
    long now = Clock.nanoTime();
    delay = Math.min(2 * delay, LONGEST_NANOS);
    long reportAt = since + scope.graceNanos() + reportNanos;
    boolean early = reportAt - now > 0 && reportAt - now < delay;
    TimerThread.set(
        this, early ? reportAt : now + delay); // first, because later statements can fail
    stopIfEnded();
    scope.propagate();
    if (now - reportAt >= 0) {
      report(now);
    }
  }

  /** Clears the alarm if the scope ended before the alarm was set. */
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
          && !isShielded(below)) {
        below.reports++;
        late.add(below);
      }
    });
    if (!late.isEmpty()) {
      // On another thread, because a logger may block, and every deadline would wait for it.
      TimerThread.run(new StuckReport(scope, now - since, late));
    }
  }

  /**
   * {@return whether to report now: first when a task is late, and again when it is ten times as
   * late}
   */
  private boolean isDue(CancelScope late, long now) {
    double after =
        late.reports == 0 ? reportNanos : REPORT_AGAIN_NANOS * Math.pow(10, late.reports);
    return now - since >= scope.graceNanos() + after;
  }

  /** {@return whether its thread is in a region that the cancellation does not reach} */
  private static boolean isShielded(CancelScope scope) {
    CancelScope inner = scope.threadScope().topAcquire();
    while (inner != null && inner != scope && !inner.isIsolated()) {
      inner = inner.outer();
    }
    return inner != scope;
  }

  /** Reports the cancelled tasks that do not stop. */
  private static final class StuckReport extends BackgroundAction {

    private final CancelScope cancelled;
    private final long sinceNanos;
    private final List<CancelScope> late;

    StuckReport(CancelScope cancelled, long sinceNanos, List<CancelScope> late) {
      this.cancelled = cancelled;
      this.sinceNanos = sinceNanos;
      this.late = late;
    }

    @Override
    public void act() {
      var text = new StringBuilder();
      var names = new ArrayList<String>();
      for (CancelScope scope : late) {
        String what = scope.running();
        if (!what.isEmpty()) { // the task may have ended just now
          names.add(scope.name());
          if (names.size() <= DESCRIBED) {
            text.append("\n  ").append(what);
            Blocker.describe(scope, text);
          }
        }
      }
      if (names.size() > DESCRIBED) {
        text.append("\n  and ").append(names.size() - DESCRIBED).append(" more");
      }
      if (!names.isEmpty()) {
        text.append(heldCarriers());
        CancelScope user = cancelled.userScope(); // null for a shield outside every scope
        String name = user == null ? cancelled.label() : user.name();
        ScopeCounters counted = user == null ? null : user.counters();
        ScopeCounters counters = counted == null ? CounterRegistry.ALL.of(null) : counted;
        String report =
            cancelled.label()
                + " was cancelled "
                + sinceNanos / 1_000_000
                + " ms ago, and this has not stopped; the call waits for it:"
                + text
                + "\nLet it end when interrupted, or unblock it with Scope.onCancel.";
        CurrentScope.Place place =
            user == null
                ? CurrentScope.Place.NONE
                : new CurrentScope.Place(user.recordedId(), user.recordedParent(), "");
        Reports.pass(new Report(Report.Kind.STUCK, name, names, report), counters, place);
      }
    }

    private static String heldCarriers() {
      try {
        String held = CarrierReport.ofHeldCarriers();
        return held.isEmpty()
            ? ""
            : "\nNo virtual thread can run, because every carrier is held:" + held;
      } catch (InterruptedException | OutOfMemoryError e) {
        return ""; // a logger or listener may have kept a reference to this thread
      }
    }
  }
}
