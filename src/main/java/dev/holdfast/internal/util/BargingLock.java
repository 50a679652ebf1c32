package dev.holdfast.internal.util;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;

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
  private static final long PAUSE_NANOS = 20_000;
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
      if (tries < SPINS) {
        Thread.onSpinWait();
      } else {
        LockSupport.parkNanos(this, PAUSE_NANOS);
      }
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
