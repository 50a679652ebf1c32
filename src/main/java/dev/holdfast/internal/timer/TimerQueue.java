package dev.holdfast.internal.timer;

import dev.holdfast.internal.clock.Clock;
import dev.holdfast.internal.util.BargingLock;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The timers of one scope. Only the earliest of them is set as an alarm of the timer thread. So a
 * million timers delay no deadline, and the scope drops all of them at once when it ends.
 */
public final class TimerQueue extends Alarm {

  /** A timer of a scope. */
  public abstract static class Timer extends HeapEntry {

    /** The time of a timer that does not ring again. */
    public static final long NEVER = Alarm.UNSET;

    /**
     * Called under the lock when the timer is due, before {@link #ring}.
     *
     * @return when the timer rings next, or {@link #NEVER}
     */
    public abstract long due();

    /** Called on the timer thread: it must neither block nor run user code. */
    public abstract void ring();

    /** Called instead of {@link #ring} when the scope has ended first. */
    public abstract void drop();
  }

  /** How many timers ring before the alarms of other scopes are checked. */
  private static final int BATCH = 64;

  /** How long after a failed attempt to take the lock the timer thread tries again. */
  private static final long RETRY_NANOS = 200_000;

  // No thread is unmounted while it holds this lock, and the timer thread only tries to take it.
  private final BargingLock lock = new BargingLock();

  // Guarded by the lock.
  private AlarmHeap heap = new AlarmHeap();
  private boolean closed;

  /** Sets a timer; if the queue has been closed the timer is dropped. */
  public void set(Timer timer, long at) {
    lock.lock();
    try {
      if (!closed) {
        heap.set(timer, at);
        if (heap.first() == timer) {
          TimerThread.set(this, at);
        }
        return;
      }
    } finally {
      lock.unlock();
    }
    timer.drop();
  }

  /** Removes a timer that is not due yet. */
  public void remove(Timer timer) {
    lock.lock();
    try {
      heap.remove(timer);
    } finally {
      lock.unlock();
    }
  }

  /** {@return how many timers are set; read without the lock, so it may be slightly out of date} */
  public int size() {
    return heap.size();
  }

  @Override
  public void ring() {
    for (int i = 0; i < BATCH; i++) {
      Timer due = pollOrSetAlarm();
      if (due == null) {
        return;
      }
      try {
        due.ring();
      } catch (Throwable t) {
        due.drop();
        TimerThread.report(t);
      }
    }
    TimerThread.set(this, Clock.nanoTime());
  }

  /** {@return the next timer if it is due; otherwise null, after setting the alarm for it} */
  private @Nullable Timer pollOrSetAlarm() {
    if (!lock.tryLock()) {
      TimerThread.set(this, Clock.nanoTime() + RETRY_NANOS);
      return null;
    }
    try {
      Timer first = (Timer) heap.first();
      if (first == null) {
        return null;
      }
      if (first.at - Clock.nanoTime() > 0) {
        TimerThread.set(this, first.at);
        return null;
      }
      long next =
          first
              .due(); // before the timer is removed, so that a snapshot finds the timer or its task
      if (next == Timer.NEVER) {
        heap.remove(first);
      } else {
        heap.set(first, next);
      }
      return first;
    } finally {
      lock.unlock();
    }
  }

  /** Drops all timers that have not rung. */
  public void close() {
    List<Timer> left = new ArrayList<>();
    lock.lock();
    try {
      closed = true;
      for (HeapEntry timer; (timer = heap.last()) != null; ) {
        heap.remove(timer);
        left.add((Timer) timer);
      }
      heap = new AlarmHeap();
    } finally {
      lock.unlock();
    }
    TimerThread.clear(this);
    left.forEach(Timer::drop);
  }
}
