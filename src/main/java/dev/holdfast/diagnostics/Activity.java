package dev.holdfast.diagnostics;

/**
 * What a thread is doing, as far as its stack and its state tell.
 *
 * @since 0.1
 */
public enum Activity {

  /** Hands something over: a channel or a queue has no room, or nobody who takes it. */
  SEND(
      "Nobody takes what is sent: the receiver has returned, failed or timed out, or is slower"
          + " than its senders."),

  /** Waits for something from a channel or a queue; so do the idle workers of an executor. */
  RECEIVE(
      "Nobody sends and nobody closes: the sender has ended without closing, or this is a worker"
          + " of a pool that is idle or was never shut down."),

  /** Waits for the first of several channels. */
  SELECT("None of the channels it waits for is served or closed, and there is no time-out."),

  /** Waits for a lock, a permit, or its turn in a guard. */
  LOCK(
      "The holder does not let go: it is blocked itself, has left without releasing, or waits for"
          + " what this one holds."),

  /** Wants to enter a monitor, or waits to be notified. */
  MONITOR(
      "Whoever is in the synchronized block is blocked there, or nobody notifies those who wait."),

  /** Waits for a thread, a task, a scope, a process or a count of them. */
  JOIN("What it waits for does not end, or does not count down: that is in another group."),

  /** Sleeps. */
  SLEEP("A loop with pauses or a timer that nobody stops; many are one started for each call."),

  /** Waits for the network, a file or another source of bytes. */
  IO("The other side does not answer and there is no time-out, or nobody closes the connection."),

  /** Is parked for a reason that the stack does not tell. */
  PARK("Nobody unparks or signals it: that was forgotten, or came before it was waited for."),

  /** Runs, or could. */
  RUNNING("It computes or has just been woken; one that stays here is in a loop without an end.");

  private final String probableCause;

  Activity(String probableCause) {
    this.probableCause = probableCause;
  }

  /** {@return a sentence on why threads that should have ended are still doing this} */
  public String probableCause() {
    return probableCause;
  }
}
