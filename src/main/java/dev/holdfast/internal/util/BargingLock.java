package dev.holdfast.internal.util;

import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A lock without a queue, for sections of a few dozen instructions.
 *
 * <p>A lock with a queue goes to the thread that has waited longest. That may be a virtual thread
 * without a carrier, because tasks hold all carriers. The thread that would cancel those tasks then
 * waits behind it: in a measurement, no deadline in the JVM took effect for ten seconds. Here the
 * first running thread that tries takes a free lock.
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
