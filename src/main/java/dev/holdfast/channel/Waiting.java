package dev.holdfast.channel;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * A wait of a thread at a channel or in a select, for diagnostics: the object that {@link
 * LockSupport#getBlocker} returns for that thread.
 *
 * <p>Its methods describe the moment of the call; after the wait they return the last known values.
 *
 * @since 0.1
 */
public sealed interface Waiting permits RingChannel.Wait {

  /**
   * The operation that waits.
   *
   * @since 0.1
   */
  enum Operation {
    /** A send. */
    SEND,
    /** A receive. */
    RECEIVE,
    /** A select over several operations. */
    SELECT
  }

  /** {@return the operation that waits} */
  Operation operation();

  /** {@return the channels waited for; several only for a select} */
  List<Channel<?>> channels();

  /** {@return the owners of those channels, in the same order} */
  List<Lifetime> owners();

  /** {@return for how long the thread has been waiting, to within about 10 ms} */
  Duration age();

  /** {@return whether the operation was performed and the thread is about to continue} */
  boolean isOver();

  /** {@return whether the wait has a timeout} */
  boolean isTimed();
}
