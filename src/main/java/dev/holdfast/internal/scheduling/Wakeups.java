package dev.holdfast.internal.scheduling;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Wakes threads so that virtual threads which wake each other starve no third one.
 *
 * <p>Every thread that the library unparks is unparked here, and every virtual thread that it parks
 * or that runs through a loop of it passes here.
 */
public final class Wakeups {

  /*
   * The cause. A carrier takes what its own queue holds first. A virtual thread that is woken by a
   * virtual thread goes there; one that is woken by a timer, by the network or by a platform thread
   * goes to a queue for all carriers, which a carrier looks at only when its own is empty. Two
   * threads that hand elements to each other never leave it empty, so on a machine with two carriers
   * two such pairs keep every sleeper, socket and deadline of the JVM waiting for ever. A task that
   * computes, or whose operations never have to wait, holds its carrier in the same way.
   *
   * The remedy. Every few milliseconds the WakeupThread, a platform thread, starts a probe: a
   * virtual thread from outside. If it has not run within a few milliseconds, others starve as well.
   * Until it has run, wake-ups of virtual threads take a detour through the WakeupThread, which puts
   * them where everybody else waits, and tasks that pass here give their carrier up in the same way.
   * So each carrier's own queue runs empty, and what waits outside gets its turn. (Go asks its global
   * queue every 61 switches and preempts a goroutine after 10 ms; here the JDK owns the queues.)
   *
   * Where nothing starves this costs a read on each wake-up and a probe every few milliseconds; where
   * nothing parks, nothing. `lookedAt` is the time of the last look. Whoever finds it old moves it
   * and asks for the next one; after a long silence it only begins to count, so that a thread which
   * parks now and then needs no WakeupThread.
   */

  /** The time between two looks. */
  static final long PERIOD_NANOS = 5_000_000;

  private static final long SILENCE_NANOS = 10 * PERIOD_NANOS;

  /** For tests and benchmarks: wakes threads as if there were no such thing. */
  private static final boolean OFF = Boolean.getBoolean("dev.holdfast.wakeups.direct");

  private static final VarHandle LOOKED_AT;

  static {
    try {
      LOOKED_AT = MethodHandles.lookup().findStaticVarHandle(Wakeups.class, "lookedAt", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private static volatile long lookedAt = System.nanoTime();

  /** Whether a probe is late. Written by the WakeupThread. */
  static volatile boolean starving;

  private Wakeups() {}

  /** Unparks a thread, if there is one. */
  public static void unpark(@Nullable Thread thread) {
    if (!starving || thread == null || !thread.isVirtual()) {
      LockSupport.unpark(thread);
    } else {
      WakeupThread.unpark(thread);
    }
  }

  /**
   * Called before a thread parks.
   *
   * @param now the time, by {@link System#nanoTime}
   */
  public static void beforePark(long now) {
    if (now - lookedAt >= PERIOD_NANOS) {
      look(now);
    }
  }

  /** Called by what may go on for long without parking: gives its carrier up if others starve. */
  public static void checkpoint() {
    checkpoint(System.nanoTime());
  }

  /**
   * Does the same.
   *
   * @param now the time, or one not long ago, by {@link System#nanoTime}
   */
  public static void checkpoint(long now) {
    if (starving) {
      giveUpCarrier();
    } else {
      beforePark(now);
    }
  }

  private static void look(long now) {
    long last = lookedAt;
    if (!OFF
        && Thread.currentThread().isVirtual()
        && now - last >= PERIOD_NANOS
        && LOOKED_AT.compareAndSet(last, now)
        && now - last < SILENCE_NANOS) {
      WakeupThread.look();
    }
  }

  static void looked() {
    lookedAt = System.nanoTime();
  }

  /** Parks the current thread until the WakeupThread has put it behind those that wait outside. */
  private static void giveUpCarrier() {
    Thread thread = Thread.currentThread();
    if (thread.isVirtual()) {
      try {
        WakeupThread.unpark(thread);
        LockSupport.park("a turn on a carrier thread");
      } catch (StackOverflowError | OutOfMemoryError e) {
        // the caller is in the middle of something, and this can be done without
      }
    }
  }
}
