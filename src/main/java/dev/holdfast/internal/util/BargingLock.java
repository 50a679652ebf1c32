package dev.holdfast.internal.util;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A lock without a queue, for sections of a few dozen instructions. It is not reentrant.
 *
 * <p>A lock with a queue goes to the thread that has waited longest. That may be a virtual thread
 * without a carrier, because tasks hold all carriers. The thread that would cancel those tasks then
 * waits behind it: in a measurement, no deadline in the JVM took effect for ten seconds. Here a
 * free lock goes to the first running thread that tries to take it.
 */
public final class BargingLock {

  private static final int SPINS = 100;
  private static final long PAUSE_NANOS = 50_000;
  private static final VarHandle HELD;

  static {
    try {
      HELD = MethodHandles.lookup().findVarHandle(BargingLock.class, "held", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private volatile boolean held;

  /** Waits until the lock is free, and takes it. */
  public void lock() {
    for (int tries = 1; !tryLock(); tries++) {
      backOff(tries, this);
    }
  }

  /**
   * Waits a moment before the next attempt to take a lock of this kind.
   *
   * @param tries how often this thread has found the lock taken
   * @param blocker what a platform thread waits for
   */
  public static void backOff(int tries, @Nullable Object blocker) {
    if (tries < SPINS) {
      Thread.onSpinWait();
    } else {
      pause(blocker);
    }
  }

  /**
   * Lets other threads run for a moment, because the one that this thread waits for runs but has
   * lost its processor.
   *
   * <p>A virtual thread yields. If it slept, a thread of the JDK would put it into a queue that the
   * carriers may not reach while other threads yield in loops; a thread that yields enters a queue
   * of its own carrier.
   *
   * @param blocker what a platform thread waits for
   */
  @SuppressWarnings("ThreadPriorityCheck")
  public static void pause(@Nullable Object blocker) {
    if (Thread.currentThread().isVirtual()) {
      Thread.yield();
    } else {
      LockSupport.parkNanos(blocker, PAUSE_NANOS);
    }
  }

  /** Takes the lock if it is free. {@return whether it was free} */
  public boolean tryLock() {
    return !held && HELD.compareAndSet(this, false, true);
  }

  /** Releases the lock, which the current thread holds. */
  public void unlock() {
    held = false;
  }
}
