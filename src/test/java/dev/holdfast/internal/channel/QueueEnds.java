package dev.holdfast.internal.channel;

/** Shows tests the ends of a queue, and sets their spin policies. */
public final class QueueEnds {

  private QueueEnds() {}

  /** Has the threads at each end spin before they park, or not. */
  public static void spin(TwoLocks queue, boolean senders, boolean receivers) {
    queue.senders.record(senders);
    queue.receivers.record(receivers);
  }

  /** {@return how many waiters there are, without a lock} */
  public static String waiters(TwoLocks queue) {
    return queue.senders.waiting() + " senders and " + queue.receivers.waiting() + " receivers";
  }
}
