package dev.holdfast.internal.timer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The alarms that were set, moved or cleared since the timer thread last processed them: a Treiber
 * stack. Pushing neither blocks nor allocates.
 */
final class Submissions {

  private static final VarHandle TOP;

  static {
    try {
      TOP = MethodHandles.lookup().findVarHandle(Submissions.class, "top", Alarm.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** How many alarms may gather before the timer thread is woken to process them. */
  private static final int MANY = 1024;

  private volatile @Nullable Alarm top;

  /** An approximate count of pushes; it only decides how soon cleared alarms are removed. */
  @SuppressWarnings("NonAtomicVolatileUpdate")
  private int pushed;

  /** {@return whether many alarms have gathered} */
  boolean push(Alarm alarm) {
    Alarm below = top;
    do {
      alarm.next = below;
    } while (below != (below = (Alarm) TOP.compareAndExchange(this, below, alarm)));
    return (++pushed & (MANY - 1)) == 0;
  }

  boolean isEmpty() {
    return top == null;
  }

  /** {@return all submitted alarms, the latest first, linked by {@link Alarm#next}} */
  @Nullable Alarm takeAll() {
    return top == null ? null : (Alarm) TOP.getAndSet(this, null);
  }
}
