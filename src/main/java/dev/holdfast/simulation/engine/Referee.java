package dev.holdfast.simulation.engine;

import dev.holdfast.simulation.kernel.KernelThreads;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The thread that examines the strands whenever the carrier is free, and the loop that watches it.
 */
final class Referee {

  /*
   * The referee yields in a loop, and it sleeps for two reasons. First, JDK 21 adds a carrier while
   * a virtual thread loads a class, and that carrier stays as long as it finds work; while the
   * referee sleeps, it finds none and ends. Second, a carrier stays with one queue as long as it
   * finds a thread there. JDK 21 to 23 put a thread that is started, and one that yields alone,
   * into a queue that depends on the thread that does it. So a strand in another queue runs only if
   * the carrier finds its own queue empty, which happens while the referee sleeps, or waits until a
   * strand that was given the turn takes it. That strand puts the referee back into the carrier's
   * own queue.
   *
   * A strand that yields in a loop never leaves that queue empty. On these JDKs the referee then
   * waits at a monitor before every other sleep: that wait holds its carrier, so the JVM adds
   * another one, which looks into all queues. Afterwards one carrier has the loop and one the
   * referee, whose next sleep empties the queue of the latter.
   *
   * The referee itself can be the thread in the other queue, since a timer thread ends its sleep.
   * So when it rests for too long, the watch starts another referee, from several threads, of which
   * one as a rule uses the queue that the carrier stays with.
   */

  /** How often the referee checks the strands without effect before it sleeps. */
  private static final int PATIENCE = 200;

  /** How often the referee must see that a strand has not taken the turn before it waits for it. */
  private static final int UNTAKEN = 2;

  private static final long NAP_NANOS = 50_000;

  private static final long HOLD_MILLIS = 1;

  /** Whether threads can starve while another yields in a loop, because of the JDK's queues. */
  private static final boolean LOOPS_STARVE = Runtime.version().feature() < 24;

  private static final long WATCH_NANOS = 50_000_000;

  /** How many threads try to start another referee. */
  private static final int STARTERS = 8;

  private final Controller controller;
  private final @Nullable KernelThreads others;

  private volatile @Nullable Thread thread;

  /**
   * The thread that watches the referee. It belongs to the simulation, because its verdict shows
   * virtual times.
   */
  private final Thread watcher = Thread.currentThread();

  private volatile boolean over;

  /** Whether the referee waits until the watching thread has seen all other threads at rest. */
  private volatile boolean awaitsRest;

  private volatile boolean resting;
  private final AtomicInteger rests = new AtomicInteger();

  /**
   * How many times in a row the referee saw that the strand with the turn had not taken it. Only
   * the referee uses this field.
   */
  private int untaken;

  // Used by the watching thread only.
  private int restsBefore;
  private long progress = -1;
  private long since;

  /**
   * Creates a referee.
   *
   * @param others the threads other than the current one, which will watch the referee; or null if
   *     the system does not show them
   */
  Referee(Controller controller, @Nullable KernelThreads others) {
    this.controller = controller;
    this.others = others;
  }

  boolean is(Thread other) {
    return thread == other || watcher == other;
  }

  /** Starts the first strand and the referee, and waits until the simulation has ended. */
  void run(Thread first) {
    Thread judge =
        Thread.ofVirtual()
            .name("simulation-referee")
            .unstarted(() -> {
              first.start(); // here, so that the carrier finds both threads in one queue
              judge();
            });
    thread = judge;
    judge.start();
    boolean interrupted = false;
    long next = System.nanoTime() + WATCH_NANOS;
    while (!over) {
      LockSupport.parkNanos(this, next - System.nanoTime());
      if (Thread.interrupted()) {
        interrupted = true;
        controller.fail(Verdicts.interrupted());
      }
      if (awaitsRest && others != null) {
        others.awaitRest(Outside.LONGEST_NANOS);
        awaitsRest = false;
        LockSupport.unpark(thread);
      }
      if (System.nanoTime() - next < 0) {
        continue;
      }
      next = System.nanoTime() + WATCH_NANOS;
      if (isStuck()) {
        controller.giveUp();
        break;
      }
      if (resting && rests.get() == restsBefore && !controller.isCarrierHeld()) {
        replace();
      }
      restsBefore = rests.get();
    }
    over = true;
    LockSupport.unpark(thread); // nobody watches any more
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Called by the referee; it lets all other threads run until none of them can. */
  void awaitRest() {
    if (others == null) {
      return;
    }
    awaitsRest = true;
    LockSupport.unpark(watcher);
    while (awaitsRest && !over) {
      LockSupport.park(this);
    }
  }

  private boolean isStuck() {
    long now = System.nanoTime();
    long reached = controller.progress();
    if (reached != progress) {
      progress = reached;
      since = now;
    }
    return now - since > Limits.TURN.toNanos();
  }

  private void replace() {
    Thread before = thread;
    for (int i = 0; i < STARTERS; i++) {
      Thread.ofPlatform()
          .daemon()
          .name("simulation-watch")
          .start(() -> Thread.ofVirtual().name("simulation-referee").start(() -> takeOver(before)));
    }
  }

  private void takeOver(@Nullable Thread before) {
    if (!controller.lock.tryLock()) {
      return; // it is not resting
    }
    try {
      if (thread != before || !resting) {
        return;
      }
      thread = Thread.currentThread();
      resting = false;
    } finally {
      controller.lock.unlock();
    }
    LockSupport.unpark(before); // it ends
    judge();
  }

  private void judge() {
    try {
      for (int idle = 0; controller.look(); ) {
        idle = controller.hasRung() ? 0 : idle + 1;
        boolean napping = idle % PATIENCE == 0 && idle > 0;
        if (napping && controller.isYielding()) {
          boolean holding = idle / PATIENCE % 2 == 1;
          if (holding && LOOPS_STARVE) {
            holdCarrier();
          }
          napping = !holding;
        }
        if (!rest(napping)) {
          return;
        }
      }
    } catch (Throwable bug) {
      controller.fail(bug);
    }
    controller.release();
    over = true;
    LockSupport.unpark(watcher);
  }

  /** Waits at a monitor, so that the JVM adds a carrier for the other threads. */
  @SuppressWarnings("WaitNotInLoop") // nothing is waited for
  private synchronized void holdCarrier() {
    try {
      wait(HOLD_MILLIS);
    } catch (InterruptedException e) {
      return; // no code has a reference to this thread
    }
  }

  /**
   * Waits until the strand with the turn takes the turn, if it has not done so in several checks:
   * then it is in another queue. {@return whether it waited}
   */
  private boolean awaitTaking() {
    Strand next;
    controller.lock();
    try {
      next = controller.holder;
      boolean waits =
          next != null
              && next.turn
              && next.thread.isVirtual()
              && controller.parkedElsewhere.isEmpty();
      untaken = waits ? untaken + 1 : 0;
    } finally {
      controller.lock.unlock();
    }
    if (next == null || untaken < UNTAKEN) {
      return false;
    }
    next.awaitTaking();
    return true;
  }

  /** Lets other threads run. {@return whether this thread is still the referee} */
  @SuppressWarnings("ThreadPriorityCheck")
  private boolean rest(boolean napping) {
    rests.incrementAndGet();
    resting = true;
    if (napping) {
      LockSupport.parkNanos(NAP_NANOS);
    } else if (!LOOPS_STARVE || !awaitTaking()) {
      Thread.yield();
    }
    controller.lock();
    try {
      if (thread != Thread.currentThread()) {
        return false;
      }
      resting = false;
      return true;
    } finally {
      controller.lock.unlock();
    }
  }
}
