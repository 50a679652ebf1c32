package dev.holdfast.internal.timer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * An action that the timer thread runs at a given time. It must neither block nor run user code.
 */
public abstract class Alarm extends HeapEntry {

  static final long UNSET = Long.MIN_VALUE;

  private static final VarHandle DUE;
  private static final VarHandle SUBMITTED;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      DUE = lookup.findVarHandle(Alarm.class, "due", long.class);
      SUBMITTED = lookup.findVarHandle(Alarm.class, "submitted", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /**
   * When the alarm rings, or {@link #UNSET}. Any thread may write it; the timer thread updates the
   * heap later.
   */
  private volatile long due = UNSET;

  /** Whether the alarm is in the {@link Submissions}. */
  private volatile boolean submitted;

  /**
   * Written by the thread that set {@link #submitted}; after that, only the timer thread uses it.
   */
  @Nullable Alarm next;

  public abstract void ring();

  /** {@return whether it only does maintenance, so that nothing waits for it} */
  boolean isBackground() {
    return false;
  }

  final long due() {
    return due;
  }

  /** {@return the previous time, or {@link #UNSET}} */
  final long replaceDue(long nanos) {
    return (long) DUE.getAndSet(this, nanos);
  }

  /** Clears the alarm if it is still set for the given time. {@return whether it was} */
  final boolean expire(long nanos) {
    return DUE.compareAndSet(this, nanos, UNSET);
  }

  /** {@return whether the caller must submit the alarm} */
  final boolean beginSubmit() {
    return !submitted && SUBMITTED.compareAndSet(this, false, true);
  }

  /**
   * Called before the timer thread reads {@link #due}, so that a later change is submitted again.
   */
  final void endSubmit() {
    submitted = false;
  }
}
