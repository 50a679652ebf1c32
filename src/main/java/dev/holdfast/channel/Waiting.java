package dev.holdfast.channel;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * What a thread waits for at a channel: the blocker that {@link LockSupport#getBlocker} shows of
 * it, for diagnostics.
 *
 * <p>It tells of the moment at which it is asked, and of a wait that is over the last it knew.
 *
 * @since 0.1
 */
public sealed interface Waiting permits RingChannel.Wait {

  /**
   * What the thread is about to do.
   *
   * @since 0.1
   */
  enum Operation {
    /** Send an element. */
    SEND,
    /** Receive one. */
    RECEIVE,
    /** Whichever of several can be done first. */
    SELECT
  }

  /** {@return what the thread is about to do} */
  Operation operation();

  /** {@return where; several only for a select} */
  List<Channel<?>> channels();

  /** {@return what those channels belong to, in the same order} */
  List<Lifetime> owners();

  /** {@return for how long it has been waiting, give or take 4 ms} */
  Duration age();

  /** {@return whether the operation has been done, and the thread is about to go on} */
  boolean isOver();

  /** {@return whether it gives up after a time} */
  boolean isTimed();
}
