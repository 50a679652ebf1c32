package dev.holdfast.internal.util;

import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A lock for sections of a few dozen instructions, in which nobody queues.
 *
 * <p>A lock with a queue is handed to whoever waits longest. That may be a virtual thread that has
 * no carrier, because all are busy; and the thread that would stop what keeps them busy, the
 * housekeeper, stands behind it. Measured: no deadline in the JVM passed for ten seconds. Here a
 * free lock is taken by the first that runs and asks.
 */
public final class BargingLock extends ReentrantLock {

  private static final long serialVersionUID = 1L;
  private static final int SPINS = 100;
  private static final long PAUSE_NANOS = 20_000;

  @Override
  public void lock() {
    for (int tries = 1; !tryLock(); tries++) {
      if (tries < SPINS) {
        Thread.onSpinWait();
      } else {
        LockSupport.parkNanos(this, PAUSE_NANOS);
      }
    }
  }
}
