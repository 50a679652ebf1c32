package dev.holdfast.internal.guard;

import dev.holdfast.inspect.WaitInfo;
import dev.holdfast.internal.cancel.Blocker;
import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.internal.clock.Simulator;
import dev.holdfast.internal.scheduling.Wakeups;
import dev.holdfast.internal.scope.ScopeImpl;
import dev.holdfast.internal.util.BargingLock;
import dev.holdfast.internal.util.StackProbe;
import java.util.LinkedHashSet;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The places of a guard, and the queue of calls that wait for one: first in, first out. */
public final class AdmissionQueue {

  /*
   * One word holds the number of calls inside (the low half) and the number of waiting calls (the
   * high half). While no call waits, a call takes and returns a place by a single compare-and-set
   * of this word. The high half changes only under the lock, together with the queue. While the
   * high half is not zero, the low half too changes only under the lock. A call that leaves at such
   * a time does not decrement the low half, but passes its place to the first waiter. So no call
   * overtakes a waiting one. A waiter that gives up while it is in the queue has no place. A waiter
   * that another thread has removed from the queue has a place and must return it.
   *
   * For a guard that cancels the previous call, the call inside publishes its scope in `latest` and
   * then checks for a waiter. An arriving call first counts itself as waiting and then reads
   * `latest`. So one of the two sees the other. The arriving call reads `latest` under the lock.
   * While it holds the lock, the place cannot pass to another call. So it must cancel the scope
   * that it reads, even if the cancellation comes late.
   */

  /** The result of a request for a place. */
  public enum Entry {
    IN,
    FULL,
    SUPERSEDED
  }

  private static final long WAITING = 1L << 32;

  /** A waiting call. Its own thread may withdraw it, and another thread may decide it. */
  static final class Waiter implements Blocker {

    final Thread thread = Thread.currentThread();
    final String guard;

    /** Null while it waits; written under the lock. */
    volatile @Nullable Entry entry;

    Waiter(String guard) {
      this.guard = guard;
    }

    boolean isDecided() {
      return entry != null;
    }

    @Override
    public WaitInfo.Operation operation() {
      return WaitInfo.Operation.GUARD;
    }

    @Override
    public String on() {
      return "a place in guard '" + guard + "'";
    }

    @Override
    public String toString() {
      return on();
    }
  }

  private final int places;
  private final AtomicLong state = new AtomicLong();
  private final BargingLock lock = new BargingLock();

  // Guarded by the lock.
  private final LinkedHashSet<Waiter> queue = new LinkedHashSet<>();

  private volatile @Nullable ScopeImpl latest;

  public AdmissionQueue(int places) {
    this.places = places;
  }

  public int places() {
    return places;
  }

  public int inside() {
    return (int) state.get();
  }

  public int waiting() {
    return (int) (state.get() >>> 32);
  }

  /** {@return whether a place was free and no call waited for it; the caller then has the place} */
  public boolean tryEnter() {
    long seen = state.get();
    while (seen < places) {
      if (state.compareAndSet(seen, seen + 1)) {
        return true;
      }
      seen = state.get();
    }
    return false;
  }

  /**
   * Waits for a place, unless too many calls are already waiting.
   *
   * @param guard the name of the guard, for messages
   * @param room the maximum number of waiting calls
   * @param nanos the timeout; 0 waits indefinitely
   * @throws InterruptedException if the thread is interrupted or its task is cancelled; it then has
   *     no place
   */
  public Entry enter(String guard, int room, long nanos) throws InterruptedException {
    StackProbe.ensureRoom(); // the call must not fail once it holds the lock
    var waiter = new Waiter(guard);
    Entry entry = line(waiter, room);
    return entry == null ? await(waiter, nanos) : entry;
  }

  /**
   * Cancels the previous call and waits for its place. Supersedes a call that already waits.
   *
   * @param guard the name of the guard, for messages
   * @param reason why the previous call is cancelled
   * @throws InterruptedException if the thread is interrupted or its task is cancelled; it then has
   *     no place
   */
  public Entry succeed(String guard, String reason) throws InterruptedException {
    StackProbe.ensureRoom();
    var waiter = new Waiter(guard);
    Waiter superseded = null;
    ScopeImpl previous;
    lock.lock();
    try {
      if (!queue.isEmpty()) {
        superseded = queue.getFirst();
        queue.add(waiter);
        queue.remove(superseded);
        superseded.entry = Entry.SUPERSEDED;
      } else if (queue(waiter, 1) == Entry.IN) {
        return Entry.IN;
      }
      previous = latest;
    } finally {
      lock.unlock();
    }
    if (superseded != null) {
      Wakeups.unpark(superseded.thread);
    }
    try {
      if (previous != null) {
        previous.cancel(reason);
      }
    } catch (Throwable t) {
      abandon(waiter);
      throw t;
    }
    return await(waiter, 0);
  }

  /**
   * {@return IN if a place has become free, FULL if too many calls wait, null if this call waits}
   */
  private @Nullable Entry line(Waiter waiter, int room) {
    lock.lock();
    try {
      return queue(waiter, room);
    } finally {
      lock.unlock();
    }
  }

  /** Does what {@link #line} does, for a caller that holds the lock, which is not reentrant. */
  private @Nullable Entry queue(Waiter waiter, int room) {
    queue.add(waiter); // first, because this can fail
    Entry entry = count(room);
    if (entry != null) {
      queue.remove(waiter);
    }
    return entry;
  }

  private @Nullable Entry count(int room) {
    while (true) {
      long seen = state.get();
      if (seen < places) {
        if (state.compareAndSet(seen, seen + 1)) {
          return Entry.IN;
        }
      } else if (seen >>> 32 >= room) {
        return Entry.FULL;
      } else if (state.compareAndSet(seen, seen + WAITING)) {
        return null;
      }
    }
  }

  private Entry await(Waiter waiter, long nanos) throws InterruptedException {
    try {
      ThreadScope.enter().await(waiter::isDecided, nanos, waiter);
    } catch (Throwable t) {
      Simulator.point("give up", waiter);
      abandon(waiter);
      throw t;
    }
    Simulator.point("give up", waiter);
    return giveUp(waiter);
  }

  /** Stops waiting, and returns the place if the waiter already got one. */
  private void abandon(Waiter waiter) {
    if (giveUp(waiter) == Entry.IN) {
      leave();
    }
  }

  /**
   * {@return the decision for the waiter; if there is none yet, removes the waiter from the queue
   * and returns FULL}
   */
  private Entry giveUp(Waiter waiter) {
    lock.lock();
    try {
      Entry entry = waiter.entry;
      if (entry != null) {
        return entry;
      }
      queue.remove(waiter);
      state.getAndAdd(-WAITING);
      return Entry.FULL;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Publishes the scope that runs in the place, so that a later call can cancel it.
   *
   * @return whether a later call waits already, so that the caller must cancel the scope
   */
  public boolean publish(ScopeImpl scope) {
    latest = scope;
    return waiting() > 0;
  }

  /** Returns a place: to the first waiter, if there is one. */
  public void leave() {
    if (latest != null) {
      latest = null;
    }
    long seen;
    do {
      seen = state.get();
      if (seen >= WAITING) {
        handOver();
        return;
      }
    } while (!state.compareAndSet(seen, seen - 1));
  }

  private void handOver() {
    Waiter next;
    lock.lock();
    try {
      if (queue.isEmpty()) { // every waiter has given up
        state.getAndDecrement();
        return;
      }
      next = queue.removeFirst();
      state.getAndAdd(-WAITING);
      next.entry = Entry.IN;
    } finally {
      lock.unlock();
    }
    Wakeups.unpark(next.thread);
  }
}
