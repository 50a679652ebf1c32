package dev.holdfast.internal.clock;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Repeats the failed start of a library thread, in every thread that parks. */
public final class LateStart {

  /*
   * The start of a thread fails if the JVM gets no thread from the operating system, or has no
   * memory. Often no other thread can then be started to try again later. But the threads that need
   * the missing thread park somewhere. So while a start is pending, each thread that parks in the
   * library tries it, and a platform thread parks only for a moment. All threads together try once
   * in each RETRY_NANOS. While no start is pending, this costs a read for each park.
   *
   * A virtual thread parks for the whole time: if the JDK has no thread with which to wake it after
   * a moment, it may never wake.
   *
   * A thread that parked before the start failed does not notice the failure. So the thread whose
   * attempt failed must wake any thread that depends on the missing one and may have parked.
   */

  private static final long RETRY_NANOS = 10_000_000;

  /** Null while no start is pending. */
  private static volatile @Nullable Runnable start;

  /**
   * When the start was last tried. Threads may overwrite each other's time; then the start is tried
   * twice.
   */
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
   * Parks the current thread; only for a moment if a start is pending.
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
