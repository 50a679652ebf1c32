package dev.holdfast.internal.cancel;

import dev.holdfast.Action;
import dev.holdfast.Deadline;
import dev.holdfast.internal.timer.BlockingAlarm;
import dev.holdfast.internal.timer.TimerThread;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The closing of one resource of a scope; what is around reaches it late. */
public final class ClosingScope extends CancelScope {

  /*
   * A resource is closed when the tasks have ended, in a cancelled scope too, and nothing may
   * disturb that at first: a connection has to say goodbye. So no cancellation is passed on to here.
   * It is noticed instead, that of the scope, of its deadline or of what is around, and carried out
   * when the closing has had the grace of the scope since the cancellation, and CLOSE_NANOS since it
   * began. From then on it is like any cancelled scope: interrupted again and again, and named.
   */

  /** How long the closing of a resource may take in any case. */
  static final long CLOSE_NANOS = 1_000_000_000L;

  private static final VarHandle NOTICED;

  static {
    try {
      NOTICED =
          MethodHandles.lookup().findVarHandle(ClosingScope.class, "noticed", Cancellation.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final CancelScope scope;
  private final Supplier<String> what;
  private final long begunNanos = System.nanoTime();
  private final BlockingAlarm patience = new Patience();
  private volatile @Nullable Cancellation noticed;
  private volatile boolean ended;

  /**
   * Prepares the closing of a resource.
   *
   * @param scope the scope that closes it
   * @param what the resource in words
   */
  public ClosingScope(CancelScope scope, Supplier<String> what) {
    super(scope.depth + 1);
    this.scope = scope;
    this.what = what;
  }

  /** Notices the first cancellation, which will be carried out if this takes too long. */
  public void notice(Cancellation why) {
    if (NOTICED.compareAndSet(this, null, why)) {
      long afterGrace = why.atNanos + scope.graceNanos();
      long enough = begunNanos + CLOSE_NANOS;
      TimerThread.set(patience, afterGrace - enough > 0 ? afterGrace : enough);
      if (ended) {
        TimerThread.clear(patience); // run() may have looked for it before it was set
      }
    }
  }

  /**
   * Closes the resource; for the owner of the scope.
   *
   * @return what that threw, or null
   */
  public @Nullable Throwable run(Action close) {
    threadScope().pushIsolated(this);
    Throwable thrown = null;
    try {
      close.run();
    } catch (Throwable t) {
      thrown = t;
    }
    boolean interrupted = thrown instanceof InterruptedException e && isFromOutside(e);
    decide(Cancellation.COMPLETED);
    ended = true;
    if (noticed != null) {
      TimerThread.clear(patience);
    }
    stopInterrupting();
    outsideInterrupt |= interrupted;
    threadScope().pop(this, null);
    return thrown;
  }

  /** {@return the resource in words} */
  public String what() {
    return what.get();
  }

  @Override
  boolean isIsolated() {
    return true;
  }

  @Override
  public ThreadScope threadScope() {
    return scope.threadScope();
  }

  @Override
  public CancelScope outer() {
    return scope;
  }

  @Override
  public Deadline deadline() {
    return Deadline.NONE;
  }

  @Override
  public String label() {
    return "The closing of " + what() + " in " + scope.label();
  }

  @Override
  public String running() {
    return ended ? "" : label() + ", it is";
  }

  @Override
  public boolean hasEnded() {
    return ended;
  }

  /** Carries out the cancellation that was noticed. */
  private final class Patience extends BlockingAlarm {
    @Override
    public void expired() {
      Cancellation why = noticed;
      if (why != null) {
        cancel(why);
      }
    }
  }
}
