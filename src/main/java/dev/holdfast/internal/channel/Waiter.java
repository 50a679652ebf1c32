package dev.holdfast.internal.channel;

import dev.holdfast.internal.clock.Clock;
import dev.holdfast.internal.scheduling.StopRequest;
import dev.holdfast.internal.scheduling.Wakeups;
import dev.holdfast.internal.util.BargingLock;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * An operation that waits in a {@link TwoLockQueue}: a thread, and the element it offers or is
 * given.
 *
 * <p>A waiter is added and removed under both locks of its queue. The thread that removes it has
 * performed its operation and calls {@link #complete} after it has released the locks; no other
 * thread does. So the operation of a queued waiter has not been performed, and that of a removed
 * one has.
 */
public class Waiter {

  private static final VarHandle STATE;

  /** The shift from nanoseconds to the units of {@link #parked}, so that an int lasts 100 days. */
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

  private volatile int state;

  /**
   * When the thread parked or a little earlier, in units of about 4 ms; the lowest bit marks a wait
   * with a timeout. Other threads read it without synchronization and may see an old value.
   */
  private int parked;

  /**
   * The element offered or given; {@code null} once the queue has ended. Written before the waiter
   * is queued, and again before it is done; each of these steps publishes the element.
   */
  private @Nullable Object item;

  // Under both locks of the queue. A waiter that is not queued is its own predecessor.
  @Nullable Waiter previous = this;
  @Nullable Waiter next;

  /**
   * Creates a waiter.
   *
   * @param thread the thread to unpark, or null if the waiter is never parked
   * @param item the element it offers, or null if it receives
   */
  public Waiter(@Nullable Thread thread, @Nullable Object item) {
    this.thread = thread;
    this.item = item;
  }

  /** {@return the element that this waiter offers or was given} */
  public final @Nullable Object item() {
    return item;
  }

  /** Exchanges the element it offers, under both locks of the queue. */
  final void exchange(Object other) {
    item = other;
  }

  /** {@return whether the operation is a send; the same before and after it is performed} */
  public boolean isSend() {
    return false;
  }

  /** {@return whether the operation is still to be performed; if so, the caller must perform it} */
  protected boolean claim() {
    return true;
  }

  /**
   * Publishes that the operation was performed, and unparks the thread.
   *
   * @param item the element the thread is given, or {@code null} if the queue has ended
   */
  public void complete(@Nullable Object item) {
    this.item = item;
    // Pairs with the compareAndSet in park: either the parking thread sees DONE or we see PARKED.
    if ((int) STATE.getAndSet(this, DONE) == PARKED) {
      Wakeups.unpark(thread);
    }
  }

  /** {@return whether the operation was performed} */
  public final boolean isDone() {
    return state == DONE;
  }

  /** Spins until the operation is done, but at most for a given time. */
  public final void spin(int nanos) {
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
   * Parks until the operation is done, the deadline has passed or the thread is interrupted; the
   * interrupt flag stays set. A {@link StopRequest} ends the wait of a receiver; it stays pending.
   *
   * @param deadline the deadline, by {@link System#nanoTime}; ignored if not {@code timed}
   * @return whether the operation is done
   */
  public final boolean park(boolean timed, long deadline) {
    if (STATE.compareAndSet(this, WAITING, PARKED)) {
      Object event = BlockedEvent.begin();
      parked = (int) (Wakeups.beforePark() >> UNIT) << 1 | (timed ? 1 : 0);
      VarHandle.releaseFence(); // a thread that sees the blocker sees when it parked
      while (!isDone() && !mustGiveUp()) {
        if (!timed) {
          Clock.park(this);
        } else {
          long left = deadline - Clock.nanoTime();
          if (left <= 0) {
            break;
          }
          Clock.parkNanos(this, left);
        }
      }
      BlockedEvent.end(event, this);
    }
    return isDone();
  }

  /** Throws if the current thread was asked to stop waiting. */
  public static void throwIfAskedToStop() throws InterruptedException {
    StopRequest.throwIfPending();
  }

  private boolean mustGiveUp() {
    return Thread.currentThread().isInterrupted() || (!isSend() && StopRequest.isPending());
  }

  /** Waits for the thread that removed this waiter, which is about to complete it. */
  public final void awaitDone() {
    for (int spins = 1; !isDone(); spins++) {
      if (spins % 1024 == 0) {
        BargingLock.pause(this); // that thread has lost its processor
      } else {
        Thread.onSpinWait();
      }
    }
  }

  /** {@return the operation's name, for a flight recording} */
  protected String operationName() {
    return "";
  }

  /** {@return the names of the channels waited for, for a flight recording} */
  protected String channelNames() {
    return "";
  }

  /** {@return whether the thread parked with a timeout} */
  public final boolean isTimed() {
    return (parked & 1) != 0;
  }

  /** {@return for how long the thread has been parked, to within about 10 ms} */
  public final Duration age() {
    int units = (int) (Clock.nanoTime() >> UNIT) - (parked >> 1) & Integer.MAX_VALUE;
    return Duration.ofNanos((long) units << UNIT);
  }
}
