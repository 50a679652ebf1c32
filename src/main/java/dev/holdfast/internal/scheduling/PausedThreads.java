package dev.holdfast.internal.scheduling;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;

/** The threads that loop without parking and have given their carriers up until a probe has run. */
final class PausedThreads {

  /*
   * A yield is not enough. It puts the thread at the end of the queue that its carrier is emptying,
   * so the carrier does not take threads from another. Therefore the thread parks until the probe
   * has run, and the last thread of the probe unparks it.
   *
   * While user code spins with Thread.yield on every carrier, the probe does not run. If that code
   * spins until the paused thread continues, both would wait indefinitely. So a pause is rare and
   * bounded. A thread pauses only after it has passed here for PATIENCE_NANOS without parking in
   * between. When PauseLimit says so, the WakeupThread starts virtual threads every millisecond, in
   * several queues, and the first that runs unparks the paused threads. If none runs for long, the
   * WakeupThread unparks the threads itself, which frees a thread that is pinned to its carrier.
   * Then threads only yield for a while, so that they make progress beside code that spins.
   */

  private static final long PATIENCE_NANOS = 3_000_000;

  private static final String BLOCKER = "a turn on a carrier thread";

  private static final ConcurrentLinkedQueue<Thread> QUEUE = new ConcurrentLinkedQueue<>();

  // Since when the thread with an identifier has not parked, at an index that the identifier
  // determines. Not synchronized: a race makes a pause begin early or late.
  private static final int MASK = 255;
  private static final long[] IDS = new long[MASK + 1];
  private static final long[] SINCE = new long[MASK + 1];

  private static volatile long pausesFrom = System.nanoTime();

  private PausedThreads() {}

  /** Records that the current thread is about to park. */
  static void parks(Thread thread) {
    int index = (int) thread.threadId() & MASK;
    if (IDS[index] == thread.threadId()) {
      IDS[index] = 0;
    }
  }

  /**
   * Makes the current thread give up its carrier, by a yield or a pause.
   *
   * @param starvingSince since when other threads starve
   */
  @SuppressWarnings("ThreadPriorityCheck")
  static void pass(Thread thread, long now, long starvingSince) {
    int index = (int) thread.threadId() & MASK;
    if (IDS[index] != thread.threadId() || SINCE[index] - starvingSince < 0) {
      IDS[index] = thread.threadId();
      SINCE[index] = now;
    }
    if (now - SINCE[index] < PATIENCE_NANOS || now - pausesFrom < 0) {
      Thread.yield();
    } else {
      IDS[index] = 0;
      pause(thread);
    }
  }

  private static void pause(Thread thread) {
    QUEUE.add(thread);
    if (Wakeups.starving) {
      WakeupThread.stir();
      LockSupport.park(BLOCKER);
    } else {
      release(); // the WakeupThread may have released the threads for the last time before
    }
  }

  static boolean isEmpty() {
    return QUEUE.isEmpty();
  }

  /** Unparks all threads. */
  static void release() {
    for (Thread thread; (thread = QUEUE.poll()) != null; ) {
      try {
        LockSupport.unpark(thread);
      } catch (OutOfMemoryError e) {
        // The other threads still have to be woken.
      }
    }
  }

  /** Threads only yield until then. */
  static void yieldOnlyUntil(long nanos) {
    pausesFrom = nanos;
  }
}
