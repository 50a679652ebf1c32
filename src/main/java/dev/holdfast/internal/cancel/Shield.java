package dev.holdfast.internal.cancel;

import dev.holdfast.Deadline;
import dev.holdfast.ScopeTimeoutException;
import dev.holdfast.Task;
import dev.holdfast.TaskAction;
import dev.holdfast.internal.timer.BlockingAlarm;
import dev.holdfast.internal.timer.TimerThread;
import dev.holdfast.internal.util.DeadlineAccess;
import dev.holdfast.internal.util.StackProbe;
import dev.holdfast.internal.util.StackTraces;
import dev.holdfast.internal.util.Throwables;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A region that the cancellation of the enclosing scopes does not interrupt, until its own time has
 * passed.
 */
public final class Shield extends CancelScope {

  private final ThreadScope threadScope;
  private final CancelScope outer;
  private final Deadline deadline;
  private volatile boolean ended;

  private Shield(ThreadScope threadScope, Deadline deadline) {
    super(threadScope.top().depth + 1);
    this.threadScope = threadScope;
    this.outer = threadScope.top();
    this.deadline = deadline;
  }

  /** Runs an action without a result in a shield. */
  public static <X extends Exception> void run(Deadline deadline, TaskAction<X> cleanup)
      throws X, InterruptedException {
    Task<@Nullable Void, X> task =
        () -> {
          cleanup.run();
          return null;
        };
    call(deadline, task);
  }

  @SuppressWarnings("NullAway") // R says whether it may be null
  public static <R extends @Nullable Object, X extends Exception> R call(
      Deadline deadline, Task<R, X> cleanup) throws X, InterruptedException {
    ThreadScope threadScope = ThreadScope.enter();
    StackProbe.ensureRoom(threadScope.top().depth);
    var shield = new Shield(threadScope, withinShields(threadScope.top(), deadline));
    var deadlineAlarm = new Expiry(shield);
    threadScope.pushIsolated(shield);
    Throwable thrown = null;
    R result = null;
    try {
      deadlineAlarm.start();
      result = cleanup.call();
    } catch (Throwable t) {
      thrown = t;
    }
    boolean inTime = shield.decide(Cancellation.COMPLETED);
    shield.ended = true;
    TimerThread.clear(deadlineAlarm);
    shield.stopInterrupting();
    Throwable out = inTime ? thrown : shield.timeout(thrown);
    threadScope.pop(shield, out);
    if (out != null) {
      throw Throwables.<RuntimeException>sneaky(out);
    }
    return result;
  }

  /**
   * A shield blocks the cancellation of the enclosing scopes, but not the timeout of a shield
   * around it.
   */
  private static Deadline withinShields(CancelScope around, Deadline own) {
    Deadline earliest = own;
    for (CancelScope scope = around; scope != null; scope = scope.outer()) {
      if (scope instanceof Shield shield) {
        earliest = earliest.earliest(shield.deadline);
      }
    }
    return earliest;
  }

  private Throwable timeout(@Nullable Throwable thrown) {
    Cancellation why = cancellation();
    var timeout =
        new ScopeTimeoutException(
            "A shielded region did not finish within "
                + DeadlineAccess.span(deadline)
                + ". Give it more time, or make it do less.",
            "",
            DeadlineAccess.span(deadline),
            why == null ? List.of() : why.running);
    if (thrown != null) {
      var late = new Failures();
      late.addLate(thrown);
      late.suppressOn(timeout);
    }
    return timeout;
  }

  @Override
  boolean isIsolated() {
    return true;
  }

  @Override
  public ThreadScope threadScope() {
    return threadScope;
  }

  @Override
  public CancelScope outer() {
    return outer;
  }

  @Override
  public Deadline deadline() {
    return deadline;
  }

  @Override
  public String label() {
    return "A shielded region";
  }

  @Override
  public String running() {
    return ended ? "" : label() + ", it is";
  }

  @Override
  public boolean hasEnded() {
    return ended;
  }

  private static final class Expiry extends BlockingAlarm {

    private final Shield shield;

    Expiry(Shield shield) {
      this.shield = shield;
    }

    /**
     * Sets the alarm, or cancels the region if its time has passed. If no thread can be started to
     * ring the alarm, the region runs all the same, because it has to clean up.
     */
    void start() {
      long at = DeadlineAccess.nanos(shield.deadline);
      TimerThread.set(this, at);
      if (!TimerThread.awaitStart(at) && shield.deadline.isExpired()) {
        run();
      }
    }

    @Override
    public void expired() {
      String running = "the region" + StackTraces.of(shield.threadScope.thread());
      shield.cancel(
          Cancellation.deadline(
              shield.label(), DeadlineAccess.span(shield.deadline), List.of(running)));
    }
  }
}
