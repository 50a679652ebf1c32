package dev.holdfast.internal.scheduling;

import dev.holdfast.internal.util.DaemonThreads;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The platform thread that sends probes and, while one is late, wakes virtual threads. */
final class WakeupThread implements Runnable {

  private static final long IDLE_NANOS = 1_000_000_000;

  /** How long a probe may wait for a carrier before it is late. */
  private static final long LATE_NANOS = 3_000_000;

  /**
   * The time between a late probe and the next: code that has starved threads may soon do so again.
   */
  static final long AFTER_LATE_NANOS = 1_000_000;

  /** How long threads are held back, so that the queues of their carriers become empty. */
  private static final long HOLD_NANOS = 1_000_000;

  /** The longest sleep while a probe is late and there is nothing to do. */
  private static final long LONGEST_DOZE_NANOS = 100_000_000;

  /** How long a probe waits before this thread logs a warning. */
  private static final long STARVING_NANOS = 3_000_000_000L;

  /** Whether the warning has been logged. The running WakeupThread writes this. */
  private static volatile boolean warned;

  private static final AtomicReference<@Nullable WakeupThread> CURRENT = new AtomicReference<>();

  private static final String BLOCKER = "a turn on a carrier thread";

  private static final HeldThreads HELD = new HeldThreads();

  private final Thread thread = DaemonThreads.make("holdfast-wakeups", this);
  private volatile boolean asked = true;

  /**
   * Whether this thread sleeps until there is something to do; a thread that wakes it clears this.
   */
  private volatile boolean dozing;

  private final NextQueue queues = new NextQueue();
  private final Probe probe = new Probe(queues, thread, this::endHold);
  private boolean late;
  private final HoldLimit limit = new HoldLimit();
  private final Wakers wakers = new Wakers(HELD, queues);
  private boolean holding;

  private WakeupThread() {}

  /** Requests a probe. */
  static void look() {
    WakeupThread running = CURRENT.get();
    if (running != null) {
      running.ask();
      return;
    }
    try {
      var fresh = new WakeupThread();
      DaemonThreads.startAsCurrent(CURRENT, fresh, fresh.thread);
    } catch (OutOfMemoryError noThread) {
      // a parking thread soon requests another probe
    }
  }

  /** Holds back the wake-up of a virtual thread. */
  static void unpark(Thread thread) {
    try {
      HELD.add(thread);
    } catch (OutOfMemoryError e) {
      LockSupport.unpark(thread);
      return;
    }
    added();
  }

  /** Holds back the current thread, which is virtual. */
  static void pause() {
    HELD.add(Thread.currentThread());
    added();
    LockSupport.park(BLOCKER);
  }

  private static void added() {
    WakeupThread running = CURRENT.get();
    if (Wakeups.starving && running != null) {
      running.endDoze();
    } else if (Thread.currentThread().isVirtual() || running == null || !running.ask()) {
      HELD.wakeAll(); // the wake-up thread may already have looked at the queue for the last time
    }
  }

  /** Requests a probe. {@return false if this thread may not see the request} */
  private boolean ask() {
    asked = true; // before reading CURRENT; `end` does the reverse
    boolean runs = CURRENT.get() == this;
    LockSupport.unpark(thread);
    return runs;
  }

  private void endDoze() {
    if (dozing) {
      dozing = false;
      LockSupport.unpark(thread);
    }
  }

  @Override
  public void run() {
    do {
      while (isAskedInTime()) {
        asked = false;
        Wakeups.parked = false;
        boolean probed = false;
        try {
          probe();
          probed = true;
        } catch (Throwable t) { // out of memory, most likely
          LockSupport.parkNanos(this, LATE_NANOS);
        } finally {
          Wakeups.starving = false;
          Wakeups.probeStarted = 0;
          if (!probed) {
            HELD.wakeAll();
          }
          Wakeups.looked();
          // Drops requests of threads that parked before this time was published. Before reading
          // HELD; `added` does the reverse.
          asked = false;
          if (HELD.isEmpty()) {
            awaitPark();
          } else {
            asked = true; // a thread that came late; the next probe wakes it on a carrier
          }
        }
      }
    } while (!end());
  }

  /**
   * Waits for a period. If a thread parks during the period, or the probe was late, that counts as
   * a request for a probe.
   */
  private void awaitPark() {
    long end = System.nanoTime() + (late ? AFTER_LATE_NANOS : Wakeups.PERIOD_NANOS);
    for (long left; !asked && (left = end - System.nanoTime()) > 0; ) {
      LockSupport.parkNanos(this, left);
    }
    if (late || Wakeups.parked) {
      asked = true;
    } else if (!asked) {
      Wakeups.endTick();
    }
  }

  /** Waits for a request. {@return false if no request came within a second} */
  private boolean isAskedInTime() {
    long end = System.nanoTime() + IDLE_NANOS;
    for (long left; !asked && (left = end - System.nanoTime()) > 0; ) {
      LockSupport.parkNanos(this, left);
    }
    return asked;
  }

  // Does not end if a request came at the last moment.
  private boolean end() {
    CURRENT.set(null);
    return !asked || !CURRENT.compareAndSet(null, this);
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // no other thread writes the counters
  private void probe() {
    late = false;
    Wakeups.probeStarted = System.nanoTime() | 1;
    probe.start();
    awaitProbe(LATE_NANOS, false);
    if (!probe.hasRun()) {
      late = true;
      Wakeups.lateProbes++;
      detour();
    }
    Wakeups.probes++;
    Wakeups.waitedNanos += Wakeups.waitingNanos();
  }

  /** {@return how many threads of probes have not run, for tests} */
  static int pending() {
    WakeupThread running = CURRENT.get();
    return running == null ? 0 : running.probe.pending();
  }

  /** For tests: lets the next warning be logged again. */
  static void forgetWarning() {
    warned = false;
  }

  private void warn() {
    long waiting = Wakeups.waitingNanos();
    if (!warned && waiting >= STARVING_NANOS && !probe.hasRun()) {
      try {
        DaemonThreads.starter.accept(
            DaemonThreads.make("holdfast-warning", () -> Wakeups.whenStarving.accept(waiting)));
        warned = true;
      } catch (OutOfMemoryError noThread) {
        // the next pass of the loop tries again
      }
    }
  }

  /** Holds threads back until the probe has run. */
  private void detour() {
    Wakeups.endTick(); // this thread publishes no tick until the probe has run
    long begun = System.nanoTime();
    holding = true;
    Wakeups.starving = true;
    probe.startOthers();
    limit.begin(begun);
    for (long pause = HOLD_NANOS; !probe.hasRun(); ) {
      boolean doze = pause > HOLD_NANOS;
      dozing = doze; // before reading HELD; `added` does the reverse
      if (!doze || HELD.isEmpty()) {
        awaitProbe(pause, doze);
      }
      dozing = false;
      letSomeRun();
      boolean idle = holding && HELD.isEmpty();
      pause = idle ? Math.min(2 * pause, LONGEST_DOZE_NANOS) : HOLD_NANOS;
      warn();
    }
    Wakeups.starving = false;
    limit.end();
  }

  /** Wakes the held threads. After some time without progress, stops holding threads back. */
  private void letSomeRun() {
    boolean none = HELD.isEmpty();
    boolean hold = limit.isHolding(System.nanoTime(), none, probe.pending(), wakers.lastRun());
    if (hold != holding) { // only if it changes, because the probe may be writing it
      holding = hold;
      Wakeups.starving = hold;
    }
    if (!none) {
      wakers.start();
    }
  }

  /** Called by a virtual thread of the probe, so on a carrier: see {@link Wakers}. */
  private void endHold() {
    Wakeups.starving = false;
    HELD.wakeAll();
  }

  /**
   * Waits until the probe has run, but not longer than the given time.
   *
   * @param doze whether a thread that clears {@link #dozing} ends the wait
   */
  private void awaitProbe(long nanos, boolean doze) {
    long end = System.nanoTime() + nanos;
    for (long left;
        !probe.hasRun() && (dozing || !doze) && (left = end - System.nanoTime()) > 0; ) {
      LockSupport.parkNanos(this, left);
    }
  }
}
