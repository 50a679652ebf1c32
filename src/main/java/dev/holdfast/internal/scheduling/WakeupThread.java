package dev.holdfast.internal.scheduling;

import dev.holdfast.internal.util.DaemonThreads;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The platform thread that sends probes and, while one is late, wakes virtual threads. */
final class WakeupThread implements Runnable {

  private static final long IDLE_NANOS = 1_000_000_000;

  /** How long a probe may wait for a carrier before it is late. */
  private static final long LATE_NANOS = 3_000_000;

  /** How long wake-ups are held back, so that the carriers' own queues run empty. */
  private static final long HOLD_NANOS = 1_000_000;

  /**
   * The number of threads of a probe, each in a queue chosen at random: two for each queue of the
   * scheduler, as {@code ForkJoinPool} lays them out.
   */
  private static final int PROBES =
      2 * Math.max(8, 2 * Integer.highestOneBit(Math.max(1, carriers() - 1)));

  /** The number of threads that an attempt to release the paused threads starts. */
  private static final int RESCUERS = 4;

  /** The longest sleep while a probe is late and there is nothing to do. */
  private static final long LONGEST_DOZE_NANOS = 100_000_000;

  private static final ThreadFactory VIRTUAL =
      Thread.ofVirtual().inheritInheritableThreadLocals(false).factory();

  /** How long a probe waits before the log contains a warning. */
  private static final long STARVING_NANOS = 3_000_000_000L;

  /** Whether the log contains the warning. The running WakeupThread writes it. */
  private static volatile boolean warned;

  private static final AtomicReference<@Nullable WakeupThread> CURRENT = new AtomicReference<>();

  /** The threads to wake. */
  private static final ConcurrentLinkedQueue<Thread> QUEUE = new ConcurrentLinkedQueue<>();

  private final Thread thread = DaemonThreads.make("holdfast-wakeups", this);
  private volatile boolean asked = true;

  /**
   * Whether this thread sleeps until there is something to do; a thread that wakes it clears this.
   */
  private volatile boolean dozing;

  private final NextQueue queues = new NextQueue();
  private volatile Probe probe = new Probe();
  private final PauseLimit pauses = new PauseLimit();

  private WakeupThread() {}

  private static int carriers() {
    return Integer.getInteger(
        "jdk.virtualThreadScheduler.parallelism", Runtime.getRuntime().availableProcessors());
  }

  /** Requests a probe. */
  static void look() {
    WakeupThread running = CURRENT.get();
    if (running != null) {
      running.asked = true;
      LockSupport.unpark(running.thread);
      return;
    }
    try {
      var fresh = new WakeupThread();
      DaemonThreads.startAsCurrent(CURRENT, fresh, fresh.thread);
    } catch (OutOfMemoryError noThread) {
      // a parking thread soon requests another probe
    }
  }

  /** Holds back the wake-up of a virtual thread, until its carrier's own queue has run empty. */
  static void unpark(Thread thread) {
    try {
      QUEUE.add(thread);
    } catch (OutOfMemoryError e) {
      LockSupport.unpark(thread);
      return;
    }
    WakeupThread running = CURRENT.get();
    if (!Wakeups.starving || running == null) {
      drain(); // the wake-up thread may have drained the queue for the last time before
    } else {
      running.endDoze();
    }
  }

  /** Ends a long sleep, because a thread was queued or has paused. */
  static void stir() {
    WakeupThread running = CURRENT.get();
    if (running != null) {
      running.endDoze();
    }
  }

  private void endDoze() {
    if (dozing) {
      dozing = false;
      LockSupport.unpark(thread);
    }
  }

  private static void drain() {
    for (Thread thread; (thread = QUEUE.poll()) != null; ) {
      try {
        LockSupport.unpark(thread);
      } catch (OutOfMemoryError e) {
        // The other threads still have to be woken.
      }
    }
  }

  @Override
  public void run() {
    // Initializes the class: a thread that had to wait for this thread to do so would then wait in
    // a queue that carriers may not reach.
    PausedThreads.release();
    do {
      while (isAskedInTime()) {
        asked = false;
        Wakeups.parked = false;
        try {
          probe();
        } catch (Throwable t) { // out of memory, most likely
          LockSupport.parkNanos(this, LATE_NANOS);
        } finally {
          Wakeups.starving = false;
          Wakeups.probeStarted = 0;
          drain();
          PausedThreads.release();
          Wakeups.looked();
          awaitPark();
        }
      }
    } while (!end());
  }

  /** Waits for a period, after which a thread that has parked in it counts as a request. */
  private void awaitPark() {
    long end = System.nanoTime() + Wakeups.PERIOD_NANOS;
    for (long left; !asked && (left = end - System.nanoTime()) > 0; ) {
      LockSupport.parkNanos(this, left);
    }
    if (Wakeups.parked) {
      asked = true;
    } else if (!asked) {
      Wakeups.endTick();
    }
  }

  /** Waits for a request. {@return false if none came within a second} */
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
    var fresh = new Probe();
    probe = fresh;
    Wakeups.probeStarted = System.nanoTime() | 1;
    for (int i = 0; i < PROBES; i++) {
      queues.advance();
      VIRTUAL.newThread(fresh).start();
    }
    awaitProbe(LATE_NANOS);
    if (!isProbed()) {
      Wakeups.lateProbes++;
      detour();
    }
    Wakeups.probes++;
    Wakeups.waitedNanos += Wakeups.waitingNanos();
  }

  /** For tests: the log says it again. */
  static void forgetWarning() {
    warned = false;
  }

  private void warn() {
    long waiting = Wakeups.waitingNanos();
    if (!warned && waiting >= STARVING_NANOS && !isProbed()) {
      warned = true;
      DaemonThreads.make("holdfast-warning", () -> Wakeups.whenStarving.accept(waiting)).start();
    }
  }

  /** Performs wake-ups until the probe has run. */
  private void detour() {
    Wakeups.endTick(); // it would be as old as the probe is late
    Wakeups.starvingSince = System.nanoTime();
    Wakeups.starving = true;
    pauses.begin(Wakeups.starvingSince, probe.get());
    for (long pause = HOLD_NANOS; !isProbed(); ) {
      dozing = pause > HOLD_NANOS;
      if (!dozing || isIdle()) {
        awaitProbe(pause);
      }
      dozing = false;
      pause = isIdle() ? Math.min(2 * pause, LONGEST_DOZE_NANOS) : HOLD_NANOS;
      drain();
      limitPauses();
      warn();
    }
    Wakeups.starving = false;
    pauses.end();
  }

  private static boolean isIdle() {
    return QUEUE.isEmpty() && PausedThreads.isEmpty();
  }

  private boolean isProbed() {
    return probe.get() == Probe.DONE;
  }

  private void limitPauses() {
    long now = System.nanoTime();
    PauseLimit.Step step = pauses.next(now, PausedThreads.isEmpty(), probe.get());
    if (step == PauseLimit.Step.WAIT) {
      return;
    }
    PausedThreads.yieldOnlyUntil(now + pauses.yieldOnly());
    if (step == PauseLimit.Step.RESCUE) {
      rescue();
    } else {
      PausedThreads.release();
    }
  }

  /**
   * Starts virtual threads that unpark the paused threads. This platform thread would put those
   * into a queue that the carriers may not reach. One of the virtual threads is soon in a queue
   * from which a carrier takes threads.
   */
  private void rescue() {
    for (int i = 0; i < RESCUERS; i++) {
      queues.advance();
      VIRTUAL.newThread(PausedThreads::release).start();
    }
  }

  /**
   * Virtual threads that enter the queues for all carriers. When all have run, the threads that
   * were before them in these queues have run too.
   */
  private final class Probe extends AtomicInteger implements Runnable {

    static final int DONE = -1;

    private static final long serialVersionUID = 1;

    Probe() {
      super(PROBES);
    }

    @Override
    public void run() {
      if (decrementAndGet() == 0 && this == probe) {
        // Here, because a carrier runs this thread: see `rescue`. And before DONE, after which the
        // next probe may start.
        Wakeups.starving = false;
        drain();
        PausedThreads.release();
        set(DONE);
        LockSupport.unpark(thread);
      }
    }
  }

  private void awaitProbe(long nanos) {
    boolean doze = dozing;
    long end = System.nanoTime() + nanos;
    for (long left; !isProbed() && doze == dozing && (left = end - System.nanoTime()) > 0; ) {
      LockSupport.parkNanos(this, left);
    }
  }
}
