package dev.holdfast.internal.channel;

import dev.holdfast.internal.clock.Clock;
import dev.holdfast.internal.clock.Simulator;

/**
 * A {@link TwoLockQueue} with blocking operations: threads spin, park, time out and are
 * interrupted.
 */
public abstract non-sealed class ParkingQueue extends TwoLockQueue {

  /**
   * At a queue of this capacity or more, a thread spins for room or an element before it queues a
   * waiter.
   */
  private static final int BATCHING = 2;

  private static final long LOOK_NANOS = 320;

  protected ParkingQueue(int capacity) {
    super(capacity);
  }

  /** Spins until there is room, if spinning succeeded recently. {@return whether there is room} */
  protected final boolean spinForRoom(long nanos) {
    return capacity >= BATCHING && spin(senders, nanos);
  }

  /**
   * Spins until there is an element, if spinning succeeded recently. {@return whether there is one}
   */
  protected final boolean spinForElement(long nanos) {
    return capacity >= BATCHING && spin(receivers, nanos);
  }

  private boolean spin(QueueEnd end, long nanos) {
    int most = end.spinNanos();
    if (most == 0 || most > nanos) {
      return false;
    }
    long begun = System.nanoTime();
    for (long next = LOOK_NANOS; next <= most; next += LOOK_NANOS) {
      while (System.nanoTime() - begun < next) {
        Thread.onSpinWait();
      }
      if (isClosed() || senders.hasWaiters() || receivers.hasWaiters()) {
        return false;
      }
      int size = size();
      if (end == senders ? size < capacity : size > 0) {
        end.record(true);
        return true;
      }
    }
    end.record(false);
    return false;
  }

  /**
   * Waits for a queued waiter, and withdraws it if the timeout elapses or the thread is
   * interrupted.
   *
   * @param nanos the timeout, or {@link Timeouts#NONE}
   * @return whether its operation was performed; otherwise it was withdrawn
   */
  protected final boolean await(Waiter waiter, long nanos) {
    try {
      if (capacity < BATCHING) {
        spin(waiter);
      }
      boolean timed = nanos != Timeouts.NONE;
      if (waiter.park(timed, timed ? Clock.nanoTime() + nanos : 0)) {
        return true;
      }
    } catch (Error e) { // parking needs stack
      if (withdraw(waiter)) {
        throw e;
      }
    }
    Simulator.point("give up", this);
    if (withdraw(waiter)) {
      return false;
    }
    waiter.awaitDone();
    return true;
  }

  private void spin(Waiter waiter) {
    QueueEnd end = waiter.isSend() ? senders : receivers;
    int nanos = end.spinNanos();
    if (nanos > 0) {
      waiter.spin(nanos);
      end.record(waiter.isDone());
    }
  }
}
