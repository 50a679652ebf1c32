package dev.holdfast.internal.guard;

import dev.holdfast.internal.util.BargingLock;
import org.jspecify.annotations.Nullable;

/**
 * Limits how many calls begin in any second. A ring holds the times at which the latest calls
 * begin. A call may begin one second after the call whose slot in the ring it takes.
 */
final class RateLimit {

  private static final long SECOND = 1_000_000_000L;

  /** The turn of a call: when it begins, and what to restore if it does not. */
  record Turn(long at, int place, long before, int usedBefore) {}

  private final BargingLock lock = new BargingLock();

  // Guarded by the lock.
  private final long[] begin;
  private int next;
  private int used;

  RateLimit(int perSecond) {
    this.begin = new long[perSecond];
  }

  int perSecond() {
    return begin.length;
  }

  /** {@return the turn of a call, or null if it would have to wait for longer than {@code most}} */
  @Nullable Turn take(long now, long most) {
    lock.lock();
    try {
      long before = begin[next];
      long at = used == begin.length && before + SECOND - now > 0 ? before + SECOND : now;
      if (at - now > most) {
        return null;
      }
      var turn = new Turn(at, next, before, used);
      begin[next] = at;
      next = (next + 1) % begin.length;
      used = Math.min(used + 1, begin.length);
      return turn;
    } finally {
      lock.unlock();
    }
  }

  /** Gives a turn back if no later call has one; otherwise the turn is lost. */
  void giveBack(Turn turn) {
    lock.lock();
    try {
      if (next == (turn.place() + 1) % begin.length && begin[turn.place()] == turn.at()) {
        begin[turn.place()] = turn.before();
        next = turn.place();
        used = turn.usedBefore();
      }
    } finally {
      lock.unlock();
    }
  }
}
