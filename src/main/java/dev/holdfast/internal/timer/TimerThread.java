package dev.holdfast.internal.timer;

import dev.holdfast.internal.jdk.JdkScope;
import dev.holdfast.internal.util.BargingLock;
import dev.holdfast.internal.util.Throwables;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The library's one background thread: it rings alarms, and starts the tasks that unblock what
 * interrupts cannot reach.
 *
 * <p>It is a platform thread, so that deadlines pass though every carrier is busy; it starts with
 * the first alarm and ends after a second in which there was none.
 */
public final class TimerThread implements Runnable {

  /*
   * Setting an alarm wakes the thread only if it would otherwise sleep past it. A sleeping thread
   * has a time at which it wakes anyhow: the next alarm when it went to sleep, or the end of its
   * idle second. With time-outs longer than that nearly no set has to wake it, which is what makes a
   * deadline that is not reached cheap.
   */

  /** How long the thread stays when there is nothing to do. */
  static final long IDLE_NANOS = 1_000_000_000L;

  private static final BargingLock LOCK = new BargingLock();

  // Guarded by LOCK.
  private static final AlarmHeap ALARMS = new AlarmHeap();
  private static @Nullable Thread thread;
  private static long wakesAt;
  private static final Queue<Unblocker> UNBLOCKERS = new ArrayDeque<>();
  private static int unblocking;
  private static long lastUsed;

  /** An action that runs on a thread of its own. */
  public abstract static class Unblocker implements Callable<@Nullable Void> {

    /** Does it; whatever it throws is its own to report. */
    public abstract void unblock();

    @Override
    public final @Nullable Void call() {
      try {
        unblock();
      } catch (Throwable t) {
        Throwables.report(Thread.currentThread(), t);
      } finally {
        unblocked();
      }
      return null;
    }
  }

  private TimerThread() {}

  /** Sets an alarm, or moves one that is set. */
  public static void set(Alarm alarm, long atNanos) {
    LOCK.lock();
    try {
      ALARMS.set(alarm, atNanos);
      wakeBefore(atNanos);
    } finally {
      LOCK.unlock();
    }
  }

  /** Forgets an alarm; one that is ringing at this moment rings on. */
  public static void clear(Alarm alarm) {
    LOCK.lock();
    try {
      ALARMS.remove(alarm);
    } finally {
      LOCK.unlock();
    }
  }

  /** Runs an unblocker at once, on a virtual thread. */
  public static void run(Unblocker unblocker) {
    LOCK.lock();
    try {
      UNBLOCKERS.add(unblocker);
      unblocking++;
      wakeBefore(System.nanoTime());
    } finally {
      LOCK.unlock();
    }
  }

  /** {@return how many alarms are set} */
  public static int alarms() {
    LOCK.lock();
    try {
      return ALARMS.size();
    } finally {
      LOCK.unlock();
    }
  }

  private static void unblocked() {
    LOCK.lock();
    try {
      unblocking--;
    } finally {
      LOCK.unlock();
    }
  }

  private static void wakeBefore(long atNanos) {
    lastUsed = System.nanoTime();
    Thread running = thread;
    if (running == null) {
      // Nothing of the caller's: the thread may live longer than what started it.
      Thread fresh =
          Thread.ofPlatform()
              .name("holdfast-housekeeper")
              .daemon()
              .inheritInheritableThreadLocals(false)
              .unstarted(new TimerThread());
      fresh.setContextClassLoader(TimerThread.class.getClassLoader());
      wakesAt = lastUsed;
      thread = fresh;
      try {
        fresh.start();
      } catch (Throwable t) {
        // Out of threads. What was set is kept, and whoever sets the next alarm tries again.
        thread = null;
        log("The housekeeper could not be started", t);
      }
    } else if (atNanos - wakesAt < 0) {
      wakesAt = atNanos;
      LockSupport.unpark(running);
    }
  }

  @Override
  public void run() {
    JdkScope scope = null;
    try {
      scope = JdkScope.open("holdfast-housekeeper", Thread.ofVirtual().factory());
      for (Object due; (due = next()) != this; ) {
        if (due != null) {
          work(scope, due);
        }
      }
      scope.join();
    } catch (Throwable t) {
      log("The housekeeper met a bug", t);
    } finally {
      giveUp();
      if (scope != null) {
        scope.close();
      }
    }
  }

  /**
   * Takes what is due, or sleeps for once.
   *
   * @return an alarm or unblocker that is due; null after a sleep; this if there was nothing to do
   *     for long enough
   */
  private @Nullable Object next() {
    long sleep;
    LOCK.lock();
    try {
      Unblocker unblocker = UNBLOCKERS.poll();
      if (unblocker != null) {
        return unblocker;
      }
      long now = System.nanoTime();
      Alarm first = ALARMS.first();
      if (first != null && first.at - now <= 0) {
        ALARMS.remove(first);
        return first;
      }
      if (first != null) {
        sleep = Math.min(first.at - now, IDLE_NANOS);
      } else {
        long idle = unblocking > 0 ? 0 : now - lastUsed;
        if (idle >= IDLE_NANOS) {
          thread = null;
          return this;
        }
        sleep = IDLE_NANOS - idle;
      }
      wakesAt = now + sleep;
    } finally {
      LOCK.unlock();
    }
    LockSupport.parkNanos(this, sleep);
    Thread.interrupted(); // nobody has reason to, but it would never sleep again
    return null;
  }

  private static void work(JdkScope scope, Object due) {
    try {
      if (due instanceof Alarm alarm) {
        alarm.ring();
      } else if (due instanceof Unblocker unblocker) {
        scope.fork(unblocker);
      }
    } catch (Throwable t) {
      log("The housekeeper met a bug", t);
      if (due instanceof Unblocker unblocker) {
        unblocker.call(); // no thread to be had; late is better than never
      }
    }
  }

  private static void giveUp() {
    LOCK.lock();
    try {
      if (thread == Thread.currentThread()) {
        thread = null;
      }
    } finally {
      LOCK.unlock();
    }
  }

  private static void log(String what, Throwable t) {
    try {
      System.getLogger("dev.holdfast").log(Level.ERROR, what, t);
    } catch (Throwable ignored) {
      // nothing left to tell it to
    }
  }
}
