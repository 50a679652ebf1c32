package dev.holdfast.internal.scheduling;

import dev.holdfast.internal.clock.Clock;
import dev.holdfast.internal.clock.Simulator;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Wakes threads in such a way that virtual threads that wake each other do not starve others.
 *
 * <p>The library unparks all threads through this class. Every virtual thread calls it before the
 * library parks the thread, and in the library's loops.
 */
public final class Wakeups {

  /*
   * The cause. A carrier first takes the threads in its own queue. A virtual thread that another
   * virtual thread wakes goes into the queue of that thread's carrier. One that a timer, the
   * network or a platform thread wakes goes into a queue for all carriers, from which a carrier
   * takes threads only when its own is empty. Two threads that hand elements to each other never
   * leave it empty. So on a machine with two carriers, two such pairs can starve every sleeping
   * thread, socket and deadline of the JVM indefinitely. A task that computes, or whose operations
   * never have to wait, holds its carrier in the same way.
   *
   * The remedy. Every few milliseconds the WakeupThread, a platform thread, starts a probe: virtual
   * threads that enter the queues for all carriers, of which there are several. If one of them has
   * not run within a few milliseconds, other threads starve as well, so the probe enters all these
   * queues. Until most of its threads have run, virtual threads that are woken, and loops that call
   * `checkpoint`, are held back for about a millisecond. So each carrier's own queue runs empty,
   * and the carrier takes threads from the queues for all. (Go polls its global queue every 61
   * switches and preempts a goroutine after 10 ms; here the JDK owns the queues.)
   *
   * A yield is not enough for the loops. It puts the thread at the end of the queue that its
   * carrier is emptying, so the carrier would not take threads from another.
   *
   * Nor may the WakeupThread wake the held threads itself. It would put them into a queue that the
   * carriers may not reach while user code spins with Thread.yield on every carrier, and that code
   * may be waiting for the held threads. So virtual threads, the Wakers, wake them. HoldLimit
   * bounds how long all this can slow down a program in which the probe never runs.
   *
   * While no thread starves, this costs a read on each wake-up and a probe every few milliseconds.
   * While no thread parks, it costs nothing. `lookedAt` is the time of the last request for a
   * probe. A thread that finds it older than PERIOD_NANOS updates it and requests the next probe.
   * If it is older than SILENCE_NANOS, the thread only updates it, so that a thread that parks now
   * and then starts no WakeupThread.
   *
   * A reading of the clock takes a tenth of the time of a handover. So while threads park, the
   * WakeupThread publishes the time as `tick` in each period. A thread that parks then reads that
   * instead of the clock, and only records that it has parked, which requests the next probe. After
   * a period in which no thread has parked, the WakeupThread withdraws the tick.
   */

  /** The time between two requests for a probe. */
  static final long PERIOD_NANOS = 5_000_000;

  private static final long SILENCE_NANOS = 10 * PERIOD_NANOS;

  /** For tests and benchmarks: unparks threads directly and sends no probes. */
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

  /**
   * The time, or a slightly earlier one; 0 while threads starve or do not park. The WakeupThread
   * writes it.
   */
  static volatile long tick;

  /** Whether a virtual thread has read {@link #tick} before it parked. */
  static volatile boolean parked;

  /** Whether a probe is late, so that wake-ups are held back. */
  static volatile boolean starving;

  // Written by the WakeupThread only.
  static volatile long probes;
  static volatile long lateProbes;
  static volatile long waitedNanos;

  /** When the pending probe was started; 0 if none is pending. */
  static volatile long probeStarted;

  /** Called once, when a probe has waited long, with the time that it has waited; may block. */
  static volatile LongConsumer whenStarving = nanos -> {};

  private Wakeups() {}

  /** {@return how many probes have run} */
  public static long probes() {
    return probes;
  }

  /** {@return how many probes were late} */
  public static long lateProbes() {
    return lateProbes;
  }

  /** {@return how long all probes that have run waited for a carrier} */
  public static long waitedNanos() {
    return waitedNanos;
  }

  /** {@return how long the current probe has been waiting, 0 if none waits} */
  public static long waitingNanos() {
    long started = probeStarted;
    return started == 0 ? 0 : Math.max(0, System.nanoTime() - started);
  }

  /**
   * Sets an action to run when a probe has waited for seconds.
   *
   * @param action takes the time that the probe has waited; runs at most once, on its own thread
   */
  public static void whenStarving(LongConsumer action) {
    whenStarving = action;
  }

  /**
   * {@return whether the current thread is unparked directly, not by the WakeupThread or a
   * simulation}
   */
  public static boolean isDirect() {
    return !starving && Simulator.current() == null;
  }

  /** Unparks a thread, if there is one. */
  public static void unpark(@Nullable Thread thread) {
    if (Simulator.unpark(thread)) {
      return;
    }
    if (!starving || thread == null || !thread.isVirtual()) {
      LockSupport.unpark(thread);
    } else {
      WakeupThread.unpark(thread);
    }
  }

  /** Interrupts a thread. */
  public static void interrupt(Thread thread) {
    thread.interrupt();
    Simulator.unpark(thread);
  }

  /**
   * Requests a probe if one is due; called before a thread parks.
   *
   * @param now the time, by {@link System#nanoTime}
   */
  public static void beforePark(long now) {
    if (!starving && now - lookedAt >= PERIOD_NANOS) {
      look(now);
    }
  }

  /**
   * Requests a probe if one is due, and returns the time; called before a thread parks.
   *
   * @return the time, or a time about {@link #PERIOD_NANOS} ago
   */
  public static long beforePark() {
    long now = tick;
    if (now == 0 || Simulator.current() != null) {
      now = Clock.nanoTime();
      beforePark(now);
    } else if (!parked && Thread.currentThread().isVirtual()) {
      parked = true;
    }
    return now;
  }

  /**
   * Gives up the carrier if other threads starve. Loops that may run long without parking call
   * this.
   */
  public static void checkpoint() {
    if (Simulator.current() == null) {
      checkpoint(System.nanoTime());
    }
  }

  /**
   * Gives up the carrier if other threads starve, without reading the clock.
   *
   * @param now the time, or a slightly earlier one, by {@link System#nanoTime}
   */
  public static void checkpoint(long now) {
    if (starving) {
      giveUpCarrier();
    } else if (now - lookedAt >= PERIOD_NANOS) {
      look(now);
    }
  }

  private static void look(long now) {
    long last = lookedAt;
    if (!OFF
        && Simulator.current() == null
        && Thread.currentThread().isVirtual()
        && now - last >= PERIOD_NANOS
        && LOOKED_AT.compareAndSet(last, now)
        && now - last < SILENCE_NANOS) {
      WakeupThread.look();
    }
  }

  /** Publishes the time until {@link #endTick} is called. */
  static void looked() {
    long now = System.nanoTime();
    lookedAt = now;
    tick = now | 1; // 0 means none
  }

  static void endTick() {
    tick = 0;
  }

  private static void giveUpCarrier() {
    if (Thread.currentThread().isVirtual() && Simulator.current() == null) {
      try {
        WakeupThread.pause();
      } catch (StackOverflowError | OutOfMemoryError e) {
        // a pause is optional, and an error here would interrupt the caller's operation
      }
    }
  }
}
