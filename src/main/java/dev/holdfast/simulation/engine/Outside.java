package dev.holdfast.simulation.engine;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** The platform threads outside a simulation, which may wake a strand blocked in other code. */
final class Outside {

  /*
   * A strand may wait for a pool thread, whose work takes real time. During that work no virtual
   * time may pass, and the simulation must not report a deadlock. The JVM does not show which
   * thread will wake which, so this class checks whether any platform thread works: runs, sleeps,
   * or waits for a timer. It ignores threads that ran or slept before the first simulation, because
   * they belong to the test runner. Other threads may work for code outside the simulation. So all
   * waiting is bounded, and this class gives up threads for which it has waited in vain: if each
   * seed waited for them again, a thousand seeds would take an hour. A simulation that fails while
   * such a thread works names it, because the thread may be the cause.
   */

  /** How long, in real time, the strands wait for outside threads that work. */
  static final long LONGEST_NANOS = 2_000_000_000L;

  /** How long all threads outside must have been idle before the simulation reports a deadlock. */
  private static final long SHORTEST_NANOS = 20_000_000;

  /** Replaces {@link #SHORTEST_NANOS} if there is no pool; virtual threads may be about to run. */
  private static final long ALONE_NANOS = 2_000_000;

  /** How long a pool may take to continue one of its threads. */
  private static final long GRACE_NANOS = 5_000_000;

  /**
   * How long a virtual thread outside may take to continue. Before JDK 24, the carrier looks into
   * the queue of virtual threads only when the referee is parked.
   */
  private static final long VIRTUAL_GRACE_NANOS = Runtime.version().feature() < 24 ? 600_000 : 0;

  private static final long PAUSE_NANOS = 200_000;

  /**
   * The minimum number of pauses in a grace; on a loaded machine one pause takes longer than the
   * whole grace.
   */
  private static final int PAUSES = 4;

  private static final Set<Thread> LEFT_OUT = ConcurrentHashMap.newKeySet();

  /** The threads for which a simulation has waited in vain. */
  private static final Set<Thread> GIVEN_UP = ConcurrentHashMap.newKeySet();

  static {
    all().filter(Outside::isActive).forEach(LEFT_OUT::add);
  }

  private final Thread runner = Thread.currentThread();

  /** How much longer this simulation may wait, in total, before it lets virtual time pass. */
  private long left = LONGEST_NANOS;

  /** Whether a strand has blocked since the last grace; it may have submitted work to a pool. */
  private boolean graceDue;

  /** Whether a strand has blocked since the last time that all threads rested. */
  private boolean restDue;

  private long idleSince;
  private int pauses;

  /** The names of the threads that worked while this simulation decided without them. */
  private final Set<String> notAwaited = new TreeSet<>();

  /** Called when a strand has blocked in other code. */
  void blocked(Strand strand) {
    if (!strand.isAtLock()) {
      graceDue = true;
      restDue = true;
      idleSince = 0;
      pauses = 0;
    }
  }

  /** {@return whether a thread has woken one of these strands, or still works and may do so} */
  boolean isWorking(List<Strand> blocked) {
    if (left <= 0 || blocked.isEmpty() || !(isAnyBusy() || isGrace())) {
      boolean awake = isAnyAwake(blocked);
      if (!awake && !blocked.isEmpty()) {
        noteGivenUp();
      }
      return awake;
    }
    long begun = System.nanoTime();
    LockSupport.parkNanos(PAUSE_NANOS);
    left -= System.nanoTime() - begun;
    if (left <= 0) {
      giveUpBusy();
    }
    return true;
  }

  /** {@return whether threads that seem to wait may wake a strand; then all should rest} */
  boolean mayAct() {
    boolean may = restDue || all().anyMatch(this::isOfPool);
    restDue = false;
    return may;
  }

  /** {@return whether a pool thread or a virtual thread may be about to run} */
  private boolean isGrace() {
    if (!graceDue) {
      return false;
    }
    long now = System.nanoTime();
    if (idleSince == 0) {
      idleSince = now;
    }
    long grace = all().anyMatch(this::isOfPool) ? GRACE_NANOS : VIRTUAL_GRACE_NANOS;
    graceDue = grace > 0 && (now - idleSince < grace || pauses < PAUSES);
    pauses++;
    return graceDue;
  }

  private boolean isOfPool(Thread thread) {
    return mayWork(thread)
        && !isOfTheJvm(thread)
        && !thread.getName().startsWith("ForkJoinPool.commonPool");
  }

  private void giveUpBusy() {
    GIVEN_UP.removeIf(thread -> !thread.isAlive());
    all().filter(this::isBusy).forEach(GIVEN_UP::add);
  }

  private void noteGivenUp() {
    for (Thread thread : GIVEN_UP) {
      if (isActive(thread)) {
        notAwaited.add("'" + thread.getName() + "'");
      }
    }
  }

  /** {@return a line about the threads that this simulation did not wait for, or ""} */
  String notAwaited() {
    return notAwaited.isEmpty()
        ? ""
        : "\nIt did not wait for "
            + String.join(", ", notAwaited)
            + ", which kept running or sleeping during an earlier wait of "
            + LONGEST_NANOS / 1_000_000_000
            + " s. If it should wake a thread of the simulation, use a"
            + " fork instead or replace it with a test double; otherwise end it before the test.";
  }

  /** Waits for a thread outside to wake one of these strands. {@return whether one did} */
  boolean wakes(List<Strand> blocked) {
    if (blocked.isEmpty()) {
      return false;
    }
    long begun = System.nanoTime();
    long idleSince = begun;
    long shortest = all().anyMatch(this::isOfPool) ? SHORTEST_NANOS : ALONE_NANOS;
    while (true) {
      LockSupport.parkNanos(PAUSE_NANOS);
      long now = System.nanoTime();
      if (isAnyBusy()) {
        idleSince = now;
      }
      if (isAnyAwake(blocked)) {
        return true;
      }
      boolean tooLong = now - begun > LONGEST_NANOS;
      if (tooLong) {
        giveUpBusy();
      }
      if (tooLong || now - idleSince > shortest) {
        noteGivenUp();
        return false;
      }
    }
  }

  private static boolean isAnyAwake(List<Strand> blocked) {
    for (Strand strand : blocked) {
      if (strand.state != Strand.State.SPINNING
          && (strand.state != Strand.State.BLOCKED || strand.isRunnable() || strand.hasEnded())) {
        return true;
      }
    }
    return false;
  }

  private boolean isAnyBusy() {
    return !ForkJoinPool.commonPool().isQuiescent() || all().anyMatch(this::isBusy);
  }

  private static Stream<Thread> all() {
    ThreadGroup top = Thread.currentThread().getThreadGroup();
    while (top.getParent() != null) {
      top = top.getParent();
    }
    var threads = new Thread[top.activeCount() + 16];
    int count = top.enumerate(threads);
    return Arrays.stream(threads, 0, count);
  }

  private boolean isBusy(Thread thread) {
    if (!mayWork(thread)) {
      return false;
    }
    String name = thread.getName();
    if (name.startsWith("VirtualThread-unparker") || name.contains("elayScheduler")) {
      return thread.getState() == Thread.State.TIMED_WAITING; // a timer of the JDK is set
    }
    if (!isActive(thread) || isOfTheJvm(thread)) {
      return false;
    }
    return thread.getState() != Thread.State.TIMED_WAITING || !isIdle(thread);
  }

  private boolean mayWork(Thread thread) {
    return thread != runner
        && !LEFT_OUT.contains(thread)
        && !GIVEN_UP.contains(thread)
        && !thread.getName().startsWith("junit-");
  }

  private static boolean isActive(Thread thread) {
    return switch (thread.getState()) {
      case RUNNABLE, TIMED_WAITING, BLOCKED -> true;
      case NEW, WAITING, TERMINATED -> false;
    };
  }

  /** {@return whether a thread belongs to the JVM, such as a carrier or a reference handler} */
  private static boolean isOfTheJvm(Thread thread) {
    ThreadGroup group = thread.getThreadGroup();
    return group == null
        || group.getName().equals("CarrierThreads")
        || group.getName().equals("InnocuousThreadGroup")
        || (group.getParent() == null && !thread.getName().contains("Poller"));
  }

  /** {@return whether a thread in a timed wait only waits for work} */
  private static boolean isIdle(Thread thread) {
    for (StackTraceElement frame : thread.getStackTrace()) {
      String type = frame.getClassName();
      if (type.startsWith("java.util.concurrent.ScheduledThreadPoolExecutor$")) {
        return false;
      }
      if (type.startsWith("java.util.concurrent.ThreadPoolExecutor")
          && frame.getMethodName().equals("getTask")) {
        return true;
      }
      if (type.startsWith("java.util.concurrent.ForkJoinPool")
          && frame.getMethodName().startsWith("awaitWork")) {
        return true;
      }
      if (type.startsWith("java.lang.ref.")
          || type.startsWith("jdk.internal.ref.")
          || type.startsWith("jdk.jfr.")
          || type.startsWith("dev.holdfast.internal.")) {
        return true;
      }
    }
    return false;
  }
}
