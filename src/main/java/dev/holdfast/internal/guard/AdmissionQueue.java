package dev.holdfast.internal.guard;

import dev.holdfast.inspect.WaitInfo;
import dev.holdfast.internal.cancel.Blocker;
import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.internal.scheduling.Wakeups;
import dev.holdfast.internal.scope.ScopeImpl;
import dev.holdfast.internal.util.BargingLock;
import dev.holdfast.internal.util.StackProbe;
import java.util.LinkedHashSet;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The places of a guard, and who waits for one, first come, first served. */
public final class AdmissionQueue {

  /*
   * One word says how many are inside (the low half) and how many wait (the high half). While nobody
   * waits, a place is taken and given back by a single compare-and-set of it. The high half changes
   * under the lock only, together with the queue; while it is not zero the low half changes under
   * the lock only, too. Who leaves then does not lower it: the place is handed to the first in the
   * queue. So nobody passes those who wait, and a waiter that gives up either finds itself in the
   * queue, and has no place, or not, and has one to hand on.
   *
   * For a guard that cancels the previous call, who is inside publishes its scope in `latest` and
   * then looks whether somebody waits; who comes is counted as waiting and then looks for a scope.
   * One of the two sees the other. It looks under the lock: until the lock is free the place cannot
   * change hands, so what it finds is what it is to cancel, even if it is slow to do so.
   */

  /** What became of a call that wanted in. */
  public enum Entry {
    IN,
    FULL,
    SUPERSEDED
  }

  private static final long WAITING = 1L << 32;

  /** A call that waits; its own thread leaves it, another may decide it. */
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

  /** {@return whether there was a place, with nobody waiting for it; it is taken now} */
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
   * Waits for a place, if so many may.
   *
   * @param guard whose gate this is, for messages
   * @param room how many may wait at a time
   * @param nanos for how long, 0 for ever
   * @throws InterruptedException if the thread is interrupted or its task is cancelled; it has no
   *     place then
   */
  public Entry enter(String guard, int room, long nanos) throws InterruptedException {
    StackProbe.ensureRoom(); // a lock is taken next
    var waiter = new Waiter(guard);
    Entry entry = line(waiter, room);
    return entry == null ? await(waiter, nanos) : entry;
  }

  /**
   * Waits for the place of the previous call, which is cancelled, instead of who waited for it.
   *
   * @param guard whose gate this is, for messages
   * @param reason why the previous call is cancelled
   * @throws InterruptedException if the thread is interrupted or its task is cancelled; it has no
   *     place then
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
      } else if (line(waiter, 1) == Entry.IN) {
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
   * {@return IN if a place is free after all, FULL if too many wait, null if this one now waits}
   */
  private @Nullable Entry line(Waiter waiter, int room) {
    lock.lock();
    try {
      queue.add(waiter); // first what can fail
      Entry entry = count(room);
      if (entry != null) {
        queue.remove(waiter);
      }
      return entry;
    } finally {
      lock.unlock();
    }
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
      abandon(waiter);
      throw t;
    }
    return giveUp(waiter);
  }

  /** Gives up waiting, and the place if it has come all the same. */
  private void abandon(Waiter waiter) {
    if (giveUp(waiter) == Entry.IN) {
      leave();
    }
  }

  /** {@return how the waiter was decided; FULL if it waited in vain, and it waits no longer} */
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
   * Says which scope runs in the place, for who comes to cancel it.
   *
   * @return whether somebody has come, and it is to be cancelled
   */
  public boolean publish(ScopeImpl scope) {
    latest = scope;
    return waiting() > 0;
  }

  /** Gives a place back, to the first who waits if somebody does. */
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
      if (queue.isEmpty()) { // who waited has given up
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
