package dev.holdfast.channel;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One end of a channel: its lock, how far it has come, and who waits there, in order.
 *
 * <p>It inherits its patience for want of space: a million idle channels have two million sides.
 */
class Side extends Patience {

  private static final VarHandle LOCKED;
  private static final VarHandle POSITION;

  /** A lock held longer than this is held by a thread that has lost its processor. */
  private static final long SPIN_NANOS = 10_000;

  private static final long NAP_NANOS = 50_000;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      LOCKED = lookup.findVarHandle(Side.class, "locked", int.class);
      POSITION = lookup.findVarHandle(Side.class, "position", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** 1 while the lock is taken. */
  volatile int locked;

  /**
   * How many elements have passed. Written under this lock by {@link #moveTo}, read at any time by
   * {@link #positionAcquire}.
   */
  long position;

  /** Up to here this side need not look at the other. Under this lock. */
  long limit;

  // Written under both locks: either is enough to read.
  private @Nullable Waiter first;
  private @Nullable Waiter last;
  private int waiting;

  /** A side that does not share a cache line with the other. */
  static final class Padded extends Side {
    long p0, p1, p2, p3, p4, p5, p6, p7;
  }

  /** Takes the lock, as the first. */
  final void lock() {
    if (!tryLock()) {
      lockSlowly(true);
    }
  }

  /**
   * Takes the lock as a further one, without a nap: a virtual thread that was unmounted with a lock
   * needs a carrier to give it back, and all of them may be busy waiting for it.
   */
  final void lockToo() {
    if (!tryLock()) {
      lockSlowly(false);
    }
  }

  private boolean tryLock() {
    return LOCKED.compareAndSet(this, 0, 1);
  }

  final void unlock() {
    LOCKED.setRelease(this, 0);
  }

  private void lockSlowly(boolean mayNap) {
    long begun = 0;
    for (int spins = 1; ; spins++) {
      if ((int) LOCKED.getOpaque(this) == 0 && tryLock()) {
        return;
      }
      if (spins % 32 != 0) {
        Thread.onSpinWait();
      } else if (begun == 0) {
        begun = System.nanoTime();
      } else if (mayNap && System.nanoTime() - begun > SPIN_NANOS) {
        LockSupport.parkNanos(this, NAP_NANOS);
      }
    }
  }

  /** {@return the position for anybody, with what was done to the ring before} */
  final long positionAcquire() {
    return (long) POSITION.getAcquire(this);
  }

  final void moveTo(long next) {
    POSITION.setRelease(this, next);
  }

  final boolean hasWaiters() {
    return first != null;
  }

  final int waiting() {
    return waiting;
  }

  final void add(Waiter waiter) {
    Waiter tail = last;
    waiter.previous = tail;
    if (tail == null) {
      first = waiter;
    } else {
      tail.next = waiter;
    }
    last = waiter;
    waiting++;
  }

  /** {@return false if it was taken off before} */
  final boolean remove(Waiter waiter) {
    if (waiter.previous == waiter) {
      return false;
    }
    Waiter before = waiter.previous;
    Waiter after = waiter.next;
    if (before == null) {
      first = after;
    } else {
      before.next = after;
    }
    if (after == null) {
      last = before;
    } else {
      after.previous = before;
    }
    waiter.previous = waiter;
    waiter.next = null;
    waiting--;
    return true;
  }

  /** Takes off the first whose operation is still to be done, or null. It must be completed. */
  final @Nullable Waiter poll() {
    for (Waiter waiter; (waiter = first) != null; ) {
      boolean ours = waiter.claim();
      remove(waiter);
      if (ours) {
        return waiter;
      }
    }
    return null;
  }

  /** Takes off all of them, linked by {@link Waiter#next}. They must be completed. */
  final @Nullable Waiter pollAll() {
    Waiter chain = poll();
    for (Waiter end = chain; end != null; end = end.next) {
      end.next = poll();
    }
    return chain;
  }
}
