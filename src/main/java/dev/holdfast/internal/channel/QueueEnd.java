package dev.holdfast.internal.channel;

import dev.holdfast.internal.util.BargingLock;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * One end of a queue: its lock, how many elements have passed it, and the waiters there, first in
 * first out.
 *
 * <p>It extends its spin policy to save memory: a million idle channels have two million ends.
 */
class QueueEnd extends SpinPolicy {

  private static final VarHandle LOCKED;
  private static final VarHandle POSITION;

  /**
   * How long a thread spins for a lock; an owner that holds it for longer has lost its processor.
   */
  private static final long SPIN_NANOS = 10_000;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      LOCKED = lookup.findVarHandle(QueueEnd.class, "locked", int.class);
      POSITION = lookup.findVarHandle(QueueEnd.class, "position", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** 1 while the lock is held. */
  volatile int locked;

  /**
   * How many elements have passed this end. Written under this lock by {@link #moveTo}, read at any
   * time by {@link #positionAcquire}.
   */
  long position;

  /** The position up to which this end need not read the other end. Under this lock. */
  long limit;

  // Written under both locks: either is enough to read.
  private @Nullable Waiter first;
  private @Nullable Waiter last;
  private int waiting;

  QueueEnd() {}

  /** An end that does not share a cache line with the other one. */
  static final class Padded extends QueueEnd {
    long p0, p1, p2, p3, p4, p5, p6, p7;
  }

  /** Acquires the lock; the calling thread must hold no other. */
  final void lock() {
    if (!tryLock()) {
      lockSlowly(true);
    }
  }

  /**
   * Acquires the lock while the calling thread holds another one. It does not sleep: a virtual
   * thread that was unmounted with a lock needs a carrier to release it, and all carriers may be
   * spinning for that lock.
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

  private void lockSlowly(boolean mayPause) {
    long begun = 0;
    for (int spins = 1; ; spins++) {
      if ((int) LOCKED.getOpaque(this) == 0 && tryLock()) {
        return;
      }
      if (spins % 32 != 0) {
        Thread.onSpinWait();
      } else if (begun == 0) {
        begun = System.nanoTime();
      } else if (mayPause && System.nanoTime() - begun > SPIN_NANOS) {
        BargingLock.pause(this);
      }
    }
  }

  /** {@return the position; accesses to the ring before the position was written are visible} */
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

  /** {@return false if it was not queued} */
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

  /**
   * Removes the first waiter whose operation is still to be performed. The caller must complete it.
   */
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

  /** Removes all waiters, linked by {@link Waiter#next}. The caller must complete them. */
  final @Nullable Waiter pollAll() {
    Waiter chain = poll();
    for (Waiter end = chain; end != null; end = end.next) {
      end.next = poll();
    }
    return chain;
  }
}
