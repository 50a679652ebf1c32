package dev.holdfast.internal.scheduling;

import dev.holdfast.internal.clock.Clock;

/** Parks a thread whose wait must not fail, however deep its stack is. */
public final class DeepParking {

  /*
   * To unmount a virtual thread, the JVM walks its stack recursively on the same stack. That may
   * overflow long before the code would, and then parking throws. A thread that waits at a monitor
   * blocks its carrier instead of overflowing. On JDK 21 to 23, the JVM adds a carrier meanwhile;
   * on later JDKs it does not. So a thread may hold the last carrier that the code it waits for
   * needs. If the carriers run no other thread for `starvedNanos`, it stops waiting and throws.
   */

  /**
   * How long a thread waits for a carrier before it counts as starved. This is long because on a
   * busy machine the carriers themselves may wait for a processor. Tests replace it.
   */
  static volatile long starvedNanos = 5_000_000_000L;

  /** The pause before a thread repeats an operation that ran out of memory. */
  private static final long RETRY_NANOS = 10_000_000L;

  private DeepParking() {}

  /** Waits a moment while there is no memory. */
  @SuppressWarnings("ThreadPriorityCheck")
  public static void pause() {
    try {
      Clock.parkNanos(null, RETRY_NANOS);
    } catch (OutOfMemoryError e) { // the JDK may need memory to wake this thread
      Thread.yield();
    }
  }

  /**
   * Parks the current thread, which may wake without reason.
   *
   * @param nanos the longest time; 0 parks without limit
   * @throws StackOverflowError if the thread cannot park and holds the last carrier
   */
  public static void park(Object blocker, long nanos) {
    try {
      if (nanos == 0) {
        Clock.park(blocker);
      } else {
        Clock.parkNanos(blocker, nanos);
      }
    } catch (StackOverflowError e) {
      blockCarrier(e);
    }
  }

  /** Waits a moment without unmounting the thread, unless all carriers are held. */
  @SuppressWarnings("WaitNotInLoop") // the caller checks its condition
  public static void blockCarrier(StackOverflowError overflow) {
    if (Wakeups.waitingNanos() > starvedNanos) {
      throw overflow;
    }
    var monitor = new Object();
    synchronized (monitor) {
      try {
        monitor.wait(1);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
