package dev.holdfast.internal.timer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/** An action at a time, on the timer thread: it must neither block nor run user code. */
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

  /** When it is to ring, or {@link #UNSET}. Any thread writes it; the heap follows later. */
  private volatile long due = UNSET;

  /** Whether it is among the {@link Submissions}. */
  private volatile boolean submitted;

  /** Written by the thread that set {@link #submitted}, then the timer thread's. */
  @Nullable Alarm next;

  public abstract void ring();

  final long due() {
    return due;
  }

  /** {@return when it was to ring before, or {@link #UNSET}} */
  final long replaceDue(long nanos) {
    return (long) DUE.getAndSet(this, nanos);
  }

  /** {@return whether it was still set to ring at that time; it is not set any more} */
  final boolean expire(long nanos) {
    return DUE.compareAndSet(this, nanos, UNSET);
  }

  /** {@return whether the caller is the one to submit it} */
  final boolean beginSubmit() {
    return !submitted && SUBMITTED.compareAndSet(this, false, true);
  }

  /** Called before the timer thread reads {@link #due}: a later change is submitted anew. */
  final void endSubmit() {
    submitted = false;
  }
}
