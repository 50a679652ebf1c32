package dev.holdfast.channel;

import static dev.holdfast.channel.ChannelFixtures.rest;
import static dev.holdfast.channel.ChannelFixtures.subject;
import static dev.holdfast.channel.LeavesNoThread.Threads.start;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.testing.EachThreadKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import org.junit.jupiter.api.Test;

/** A stack overflow in the middle of an operation leaves no lock held. */
@LeavesNoThread
class ChannelDeepStackTest {

  private interface Operation {
    void on(Channel<Integer> channel) throws InterruptedException;
  }

  private static final Duration MICROSECOND = Duration.ofNanos(1000);

  private static final List<Operation> IMMEDIATE =
      List.of(
          channel -> channel.trySend(1),
          Channel::tryReceive,
          channel -> channel.send(2, Duration.ZERO),
          channel -> channel.receive(Duration.ZERO),
          channel -> channel.drainTo(new ArrayList<>(), 2),
          channel -> Select.of(channel.onSend(3, () -> 3), Select.orElse(() -> 0)).await(),
          channel -> Select.of(channel.onReceive(e -> e), Select.orElse(() -> 0)).await(),
          Channel::stats);

  private static final List<Operation> WAITING =
      List.of(
          channel -> channel.send(1, MICROSECOND),
          channel -> channel.receive(MICROSECOND),
          channel ->
              Select.of(channel.onReceive(e -> e), Select.timeout(MICROSECOND, () -> 0)).await(),
          channel ->
              Select.of(channel.onSend(2, () -> 2), Select.timeout(MICROSECOND, () -> 0)).await());

  /**
   * Recurses until the stack is full, and performs the operation again at each of the last levels.
   */
  @SuppressWarnings("InfiniteRecursion") // intended
  private static int dive(Operation operation, Channel<Integer> channel, int left)
      throws InterruptedException {
    try {
      left = dive(operation, channel, left);
    } catch (StackOverflowError full) {
      left = 60;
    }
    if (left > 0) {
      try {
        operation.on(channel);
      } catch (StackOverflowError full) {
        return left - 1;
      }
    }
    return left - 1;
  }

  @EachThreadKind
  void an_overflow_in_an_operation_that_does_not_wait_releases_the_locks(ThreadFactory kind)
      throws Exception {
    for (Overflow policy : Overflow.values()) {
      for (int capacity : new int[] {0, 1, 3}) {
        Channel<Integer> channel = subject(capacity, policy).channel();
        ThreadFactory threads = dive(channel, kind, IMMEDIATE);
        ChannelStats stats = start(threads, channel::stats).value();
        assertEquals(
            stats.sent(), stats.received() + stats.undelivered() + stats.size(), stats::toString);
        assertEquals(capacity, start(threads, () -> fills(channel, true)).value());
      }
    }
  }

  /**
   * On platform threads, since the JDK itself may fail if the stack overflows in the park of a
   * virtual one. An overflow during the park may leave the waiter queued.
   */
  @Test
  void an_overflow_in_an_operation_that_waits_releases_the_locks() throws Exception {
    for (int capacity : new int[] {0, 1, 3}) {
      for (Operation operation : WAITING) {
        Channel<Integer> channel = subject(capacity, Overflow.BLOCK).channel();
        ThreadFactory threads = dive(channel, Thread.ofPlatform().factory(), List.of(operation));
        assertTrue(start(threads, () -> closes(channel)).value());
      }
    }
  }

  private static ThreadFactory dive(
      Channel<Integer> channel, ThreadFactory kind, List<Operation> operations) throws Exception {
    boolean virtual = kind.newThread(() -> {}).isVirtual();
    ThreadFactory threads = virtual ? kind : task -> new Thread(null, task, "deep", 256 * 1024);
    for (int i = 0; i < 20; i++) {
      for (Operation operation : operations) {
        operation.on(channel);
      }
    }
    for (Operation operation : operations) {
      for (boolean filled : new boolean[] {false, true}) {
        start(threads, () -> fills(channel, filled)).value();
        assertTrue(start(threads, () -> dive(operation, channel, 0)).value() < 60);
      }
    }
    return threads;
  }

  private static boolean closes(Channel<Integer> channel) {
    channel.close();
    return channel.stats().waitingReceivers() == 0 && channel.isClosed();
  }

  /** Runs on a thread of its own, which hangs if a lock is still held. */
  private static int fills(Channel<Integer> channel, boolean full) {
    rest(channel);
    for (int i = 0; full && i < channel.capacity(); i++) {
      channel.trySend(i);
    }
    return channel.size();
  }
}
