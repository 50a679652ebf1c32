package dev.holdfast.internal.cancel;

import dev.holdfast.Action;
import dev.holdfast.Deadline;
import dev.holdfast.internal.clock.Clock;
import dev.holdfast.internal.timer.BlockingAlarm;
import dev.holdfast.internal.timer.TimerThread;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The closing of one resource of a scope; cancellation reaches it after a delay. */
public final class ClosingScope extends CancelScope {

  /*
   * A scope closes its resources when its tasks have ended, even if it is cancelled. At first no
   * interrupt may reach the closing, because a connection may have to send a last message. So this
   * class records a cancellation of the scope, or of an enclosing scope, and does not pass it on.
   * The cancellation takes effect when two times have passed: the grace of the scope since the
   * cancellation, and `closeNanos` since the closing began. From then on Holdfast interrupts and
   * reports the closing like any cancelled scope.
   */

  /**
   * How long the closing of a resource may take before any cancellation reaches it. Replaced by
   * tests.
   */
  static volatile long closeNanos = 1_000_000_000L;

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
  private final long begunNanos = Clock.nanoTime();
  private final BlockingAlarm patience = new Patience();
  private volatile @Nullable Cancellation noticed;
  private volatile boolean ended;
  private boolean wasInterrupted;

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

  /** Records the first cancellation, which takes effect if the closing takes too long. */
  public void notice(Cancellation why) {
    if (NOTICED.compareAndSet(this, null, why)) {
      long afterGrace = why.atNanos + scope.graceNanos();
      long enough = begunNanos + closeNanos;
      TimerThread.set(patience, afterGrace - enough > 0 ? afterGrace : enough);
      if (ended) {
        TimerThread.clear(patience); // run() may have read it before it was set
      }
    }
  }

  /**
   * Closes the resource. Owner only.
   *
   * @return the exception that the closing threw, or null
   */
  public @Nullable Throwable run(Action close) {
    threadScope().pushIsolated(this);
    Throwable thrown = null;
    try {
      close.run();
    } catch (Throwable t) {
      thrown = t;
    }
    if (thrown != null) {
      failed(thrown);
    }
    decide(Cancellation.COMPLETED);
    ended = true;
    if (noticed != null) {
      TimerThread.clear(patience);
    }
    stopInterrupting();
    outsideInterrupt |= wasInterrupted;
    threadScope().pop(this, null);
    return thrown;
  }

  /** Handles an exception that the closing, or a callback in it, has thrown. Owner only. */
  public void failed(Throwable thrown) {
    InterruptedException interrupt = Failures.interruptIn(thrown);
    wasInterrupted |= interrupt != null && isFromOutside(interrupt);
  }

  /**
   * {@return whether an interrupt from outside has ended the closing with an exception. Owner only}
   */
  public boolean wasInterrupted() {
    return wasInterrupted;
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

  /** Carries out the recorded cancellation. */
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
