package dev.holdfast.internal.timer;

import dev.holdfast.internal.util.BargingLock;
import dev.holdfast.internal.util.Throwables;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The timers of one scope. The housekeeper knows only of the next to ring, so that a million of
 * them burden no deadline, and go all at once when the scope ends.
 */
public final class TimerQueue extends Alarm {

  /** A timer of a scope. */
  public abstract static class Timer extends Alarm {

    /** Called under the lock when its time has come, before {@link #ring}. */
    public void due() {}

    /** Called instead of {@link #ring} when the scope has ended first. */
    public abstract void drop();
  }

  /** How many ring before others in the JVM have their turn. */
  private static final int BATCH = 64;

  private final BargingLock lock = new BargingLock();

  // Guarded by the lock.
  private AlarmHeap heap = new AlarmHeap();
  private boolean closed;

  /** Sets a timer; if the timers have been closed it is dropped. */
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

  /** Takes a timer out, if its time has not come. */
  public void remove(Timer timer) {
    lock.lock();
    try {
      heap.remove(timer);
    } finally {
      lock.unlock();
    }
  }

  /** {@return how many are set; without the lock, so perhaps a moment ago} */
  public int size() {
    return heap.size();
  }

  @Override
  public void ring() {
    for (int i = 0; i < BATCH; i++) {
      Timer due = next();
      if (due == null) {
        return;
      }
      try {
        due.ring();
      } catch (Throwable t) {
        due.drop();
        Throwables.report(Thread.currentThread(), t);
      }
    }
    lock.lock();
    try {
      Alarm first = heap.first();
      if (first != null) {
        // Not before now: what fell due meanwhile is not to wait for all of these.
        long now = System.nanoTime();
        TimerThread.set(this, first.at - now > 0 ? first.at : now);
      }
    } finally {
      lock.unlock();
    }
  }

  private @Nullable Timer next() {
    lock.lock();
    try {
      Timer first = (Timer) heap.first();
      if (first == null) {
        return null;
      }
      if (first.at - System.nanoTime() > 0) {
        TimerThread.set(this, first.at);
        return null;
      }
      first.due(); // before: who takes a picture finds it here or there
      heap.remove(first);
      return first;
    } finally {
      lock.unlock();
    }
  }

  /** Drops all that have not rung. */
  public void close() {
    List<Timer> left = new ArrayList<>();
    lock.lock();
    try {
      closed = true;
      for (Alarm timer; (timer = heap.last()) != null; ) {
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
