package dev.holdfast.diagnostics;

/**
 * What a thread is doing, derived from its stack and state.
 *
 * @since 0.1
 */
public enum Activity {

  /** Blocked while sending to a full channel or queue, or to one that needs a receiver. */
  SEND(
      "Nothing takes the elements: the receiver has returned, failed or timed out, or is slower"
          + " than its senders."),

  /** Waiting to receive from a channel or queue; idle workers of an executor do so too. */
  RECEIVE(
      "Nothing is sent and the channel is not closed: the sender has ended without closing it, or"
          + " this is a worker of a pool that is idle or was never shut down."),

  /** Waiting for the first of several channels. */
  SELECT("None of the channels receives an element or is closed, and the select has no timeout."),

  /** Waiting for a lock, a permit, or admission by a guard. */
  LOCK(
      "The holder does not release it: it is blocked itself, has ended without releasing it, or"
          + " waits for something that this thread holds."),

  /** Blocked on entry to a monitor, or in {@link Object#wait()}. */
  MONITOR(
      "The thread inside the synchronized block is blocked, or no thread calls notify on the"
          + " object."),

  /** Waiting for a thread, task, scope or process to end, or for a latch or barrier. */
  JOIN("What it waits for does not end or count down; another group may show why."),

  /** Sleeping. */
  SLEEP("A polling loop or timer that nothing stops; if there are many, each call may start one."),

  /** Waiting for the network, a file or another source of bytes. */
  IO("The peer does not answer and there is no timeout, or the connection is never closed."),

  /** Parked; the stack does not say for what. */
  PARK("No thread unparks or signals it, or the signal came before the wait began."),

  /** Running or runnable. */
  RUNNING("It computes, or has just been woken; a thread that stays here loops forever."),

  /** A virtual thread that has not started, because no carrier was free. */
  NOT_STARTED("Other threads hold all carriers: they compute, or block while they are pinned.");

  private final String probableCause;

  Activity(String probableCause) {
    this.probableCause = probableCause;
  }

  /**
   * {@return one sentence that explains why a thread that should have ended is still doing this}
   */
  public String probableCause() {
    return probableCause;
  }
}
