package dev.holdfast.internal.clock;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The start of a library thread that has failed, which every thread that parks repeats. */
public final class LateStart {

  /*
   * A thread may not start because the JVM gets no thread from the operating system, or no memory.
   * Then often no other thread can be started that would try again later. But those who need the
   * thread wait somewhere. So while a start is pending, each thread that parks in the library tries
   * it, and a platform thread parks for a moment only. The program as a whole tries once in each
   * RETRY_NANOS. While no start is pending, this costs a read for each park.
   *
   * A virtual thread parks as long as it was asked to. If the JDK has no thread to wake it after a
   * moment, it may lose it.
   *
   * A thread that parked before the start failed does not notice. Whoever fails to start a thread
   * must wake a thread that depends on it, if that one may have parked.
   */

  private static final long RETRY_NANOS = 10_000_000;

  /** Null while no start is pending. */
  private static volatile @Nullable Runnable start;

  /** When the start was last tried. Threads may overwrite each other: then it is tried twice. */
  private static volatile long triedAt;

  private LateStart() {}

  /** {@return whether a start has failed, and none has succeeded since} */
  public static boolean isPending() {
    return start != null;
  }

  /**
   * Called when a start has failed.
   *
   * @param again tries again, and then calls this method or {@link #ended}; it must not block
   */
  public static void failed(Runnable again) {
    triedAt = System.nanoTime();
    start = again;
  }

  /** Called when the thread has been started or is no longer needed. */
  public static void ended() {
    start = null;
  }

  /** Tries the start if one is pending and was not tried a moment ago. */
  public static void attempt() {
    Runnable again = start;
    long now = System.nanoTime();
    if (again != null && now - triedAt >= RETRY_NANOS) {
      triedAt = now;
      again.run();
    }
  }

  /**
   * Parks, for a moment only if a start is pending.
   *
   * @param nanos the longest time; 0 parks without limit
   */
  static void park(@Nullable Object blocker, long nanos) {
    attempt();
    if (start != null && !Thread.currentThread().isVirtual()) {
      LockSupport.parkNanos(blocker, nanos == 0 ? RETRY_NANOS : Math.min(nanos, RETRY_NANOS));
    } else if (nanos == 0) {
      LockSupport.park(blocker);
    } else {
      LockSupport.parkNanos(blocker, nanos);
    }
  }
}
