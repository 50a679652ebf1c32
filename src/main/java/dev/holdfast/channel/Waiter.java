package dev.holdfast.channel;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * An operation that waits: a thread, and the element it offers or is given.
 *
 * <p>It is queued and taken off under both locks of its channel. Who takes it off has done the
 * operation in its stead, and completes it after the locks; nobody else does. So one that is queued
 * has not happened, and one that was taken off has, or will in an instant.
 */
non-sealed class Waiter implements Waiting {

  private static final VarHandle STATE;

  /** Nanoseconds are shifted by this much, so that an int lasts for a hundred days. */
  private static final int UNIT = 22;

  private static final int WAITING = 0;
  private static final int PARKED = 1;
  private static final int DONE = 2;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(Waiter.class, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final @Nullable Thread thread;

  /** Where it is queued; null if it is none that parks. */
  final @Nullable RingChannel<?> channel;

  private volatile int state;

  /**
   * When it parked, in units of about 4 ms, and in the lowest bit whether for a limited time. A
   * picture taken by another thread may be a moment old.
   */
  private int parked;

  /**
   * What is offered or was given, {@code null} once the channel has ended. Written before it is
   * queued and before it is done, so that either publishes it.
   */
  @Nullable Object item;

  // Under both locks of the channel. One that is not queued is its own predecessor.
  @Nullable Waiter previous = this;
  @Nullable Waiter next;

  /**
   * Makes a waiter.
   *
   * @param thread who is to be told, or null if that is done otherwise
   * @param channel where it is queued, for those who look at a parked thread
   */
  Waiter(@Nullable Thread thread, @Nullable RingChannel<?> channel, @Nullable Object item) {
    this.thread = thread;
    this.channel = channel;
    this.item = item;
  }

  /** {@return whether the operation is still to be done; then the caller has to} */
  boolean claim() {
    return true;
  }

  /**
   * Tells the thread that its operation was done.
   *
   * @param item what it is given, or {@code null} if the channel has ended
   */
  void complete(@Nullable Object item) {
    this.item = item;
    // Against parking: who parks sees DONE, or is seen.
    if ((int) STATE.getAndSet(this, DONE) == PARKED) {
      LockSupport.unpark(thread);
    }
  }

  final boolean isDone() {
    return state == DONE;
  }

  /** Looks for a while whether it is done. */
  final void spin(int nanos) {
    long end = System.nanoTime() + nanos;
    do {
      for (int i = 0; i < 8; i++) {
        if (isDone()) {
          return;
        }
        Thread.onSpinWait();
      }
    } while (System.nanoTime() - end < 0);
  }

  /**
   * Parks until it is done, the time is up or the thread is interrupted; the flag stays set.
   *
   * @param until when the time is up, by {@link System#nanoTime}; ignored without a limit
   * @return whether it is done
   */
  final boolean park(boolean limited, long until) {
    if (STATE.compareAndSet(this, WAITING, PARKED)) {
      Object flight = Flight.beginWait();
      Operation operation = flight == null ? Operation.SELECT : operation();
      parked = (int) (System.nanoTime() >> UNIT) << 1 | (limited ? 1 : 0);
      VarHandle.releaseFence(); // who sees the blocker sees since when
      while (!isDone() && !Thread.currentThread().isInterrupted()) {
        if (!limited) {
          LockSupport.park(this);
        } else {
          long left = until - System.nanoTime();
          if (left <= 0) {
            break;
          }
          LockSupport.parkNanos(this, left);
        }
      }
      Flight.endWait(flight, operation, this);
    }
    return isDone();
  }

  @Override
  public Operation operation() {
    return item == null ? Operation.RECEIVE : Operation.SEND;
  }

  @Override
  public List<Channel<?>> channels() {
    return channel == null ? List.of() : List.of(channel);
  }

  @Override
  public final List<Lifetime> owners() {
    return channels().stream().map(open -> ((RingChannel<?>) open).owner()).toList();
  }

  @Override
  public final boolean isOver() {
    return isDone();
  }

  @Override
  public final boolean isTimed() {
    return (parked & 1) != 0;
  }

  @Override
  public final Duration age() {
    int units = (int) (System.nanoTime() >> UNIT) - (parked >> 1) & Integer.MAX_VALUE;
    return Duration.ofNanos((long) units << UNIT);
  }

  /** {@return the operation and its channels} */
  @Override
  public String toString() {
    return operation().name().toLowerCase(Locale.ROOT) + " at " + channels();
  }

  /** Waits for who took it off, who needs no more than his next few instructions. */
  final void awaitDone() {
    for (int spins = 1; !isDone(); spins++) {
      if (spins % 1024 == 0) {
        LockSupport.parkNanos(this, 50_000); // he has lost his processor
      } else {
        Thread.onSpinWait();
      }
    }
  }
}
