package dev.holdfast.internal.channel;

import dev.holdfast.internal.clock.Simulator;
import dev.holdfast.internal.scheduling.Wakeups;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The two ends of a queue, and steps under their locks. */
public abstract sealed class TwoLocks permits TwoLockQueue {

  /** A step under the locks of a queue; it must not block. */
  @FunctionalInterface
  public interface Step<Q, A extends @Nullable Object, R> {
    @Nullable R apply(Q queue, A argument);
  }

  private static final VarHandle ID;
  private static final AtomicLong IDS = new AtomicLong();

  static {
    try {
      ID = MethodHandles.lookup().findVarHandle(TwoLocks.class, "id", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private static final int CHECKPOINT_MASK = 255;

  protected final int capacity;
  final QueueEnd senders;
  final QueueEnd receivers;

  /** The position in the order in which several queues are locked; 0 until it is assigned. */
  private volatile long id;

  TwoLocks(int capacity) {
    this.capacity = capacity;
    this.senders = capacity == 0 ? new QueueEnd() : new QueueEnd.Padded();
    this.receivers = capacity == 0 ? new QueueEnd() : new QueueEnd.Padded();
  }

  /**
   * Lets a thread that never parks yield its carrier: at one position in 256, which is read without
   * the lock.
   */
  final void checkpoint(QueueEnd end) {
    Simulator.point(end == senders ? "send" : "receive", this);
    QueueEnd counting = capacity == 0 ? senders : end;
    if ((counting.position & CHECKPOINT_MASK) == CHECKPOINT_MASK) {
      Wakeups.checkpoint();
    }
  }

  /** Takes a step under both locks of a queue. {@return its result} */
  public static <Q extends TwoLocks, A extends @Nullable Object, R> @Nullable R locked(
      Q queue, Step<? super Q, ? super A, ? extends R> step, A argument) {
    R result;
    queue.lock(true);
    try {
      result = step.apply(queue, argument);
      queue.unlock();
    } catch (Throwable t) {
      queue.receivers.locked = 0;
      queue.senders.locked = 0;
      throw t;
    }
    return result;
  }

  /** Takes a step under the locks of several queues, sorted by {@link #id}. {@return its result} */
  public static <S, R> @Nullable R locked(
      TwoLocks[] queues, Function<? super S, ? extends @Nullable R> step, S subject) {
    int locked = 0;
    R result;
    try {
      for (; locked < queues.length; locked++) {
        queues[locked].lock(locked == 0);
      }
      result = step.apply(subject);
      while (locked > 0) {
        queues[locked - 1].unlock();
        locked--;
      }
    } catch (Throwable t) {
      while (locked > 0) {
        locked--;
        queues[locked].receivers.locked = 0;
        queues[locked].senders.locked = 0;
      }
      throw t;
    }
    return result;
  }

  final void lock(boolean first) {
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

  /** Releases both locks. Does not fail once it has begun. */
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

  /** {@return the position of this queue in the order in which several queues are locked} */
  public final long id() {
    if (id == 0) {
      ID.compareAndSet(this, 0L, IDS.incrementAndGet());
    }
    return id;
  }

  /** {@return how many elements this queue holds at the moment} */
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
    // An element that passes directly to a receiver may be counted in one position only.
    return Math.clamp(tail - head, 0, capacity);
  }
}
