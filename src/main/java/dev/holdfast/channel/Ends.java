package dev.holdfast.channel;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLong;

/** The two ends of a channel and their locks. */
abstract sealed class Ends permits Ring {

  /*
   * What is done under both locks has this form, so that it gives them back on a stack that is full:
   *
   *   lock();
   *   try {
   *     ...
   *     unlock();
   *   } catch (Throwable t) { // here only assignments are safe
   *     receivers.locked = 0;
   *     senders.locked = 0;
   *     throw t;
   *   }
   */

  private static final VarHandle ID;
  private static final AtomicLong IDS = new AtomicLong();

  static {
    try {
      ID = MethodHandles.lookup().findVarHandle(Ends.class, "id", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  final int capacity;
  final Side senders;
  final Side receivers;

  /** Its place in the order in which a select locks channels; 0 before the first. */
  private volatile long id;

  Ends(int capacity) {
    this.capacity = capacity;
    this.senders = capacity == 0 ? new Side() : new Side.Padded();
    this.receivers = capacity == 0 ? new Side() : new Side.Padded();
  }

  /** Takes both locks. */
  final void lock() {
    lock(true);
  }

  /** Takes both locks while those of another channel are held. */
  final void lockToo() {
    lock(false);
  }

  private void lock(boolean first) {
    if (first) {
      senders.lock();
    } else {
      senders.lockToo();
    }
    if (capacity > 0) {
      try {
        receivers.lockToo();
      } catch (Throwable t) {
        senders.locked = 0;
        throw t;
      }
    }
  }

  /** Gives both locks back. Once begun, it does not fail. */
  final void unlock() {
    if (capacity > 0) {
      try {
        receivers.unlock();
      } catch (Throwable t) {
        receivers.locked = 0;
      }
    }
    try {
      senders.unlock();
    } catch (Throwable t) {
      senders.locked = 0;
    }
  }

  /** {@return its place in the order in which channels are locked together} */
  final long id() {
    if (id == 0) {
      ID.compareAndSet(this, 0L, IDS.incrementAndGet());
    }
    return id;
  }

  /** {@return how many elements it holds at the moment} */
  public final int size() {
    if (capacity == 0) {
      return 0;
    }
    long head;
    long tail;
    do {
      head = receivers.positionAcquire();
      tail = senders.positionAcquire();
    } while (head != receivers.positionAcquire());
    // An element that is passing by is in neither or in both.
    return Math.clamp(tail - head, 0, capacity);
  }
}
