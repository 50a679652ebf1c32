package dev.holdfast.channel;

import static dev.holdfast.channel.ChannelFixtures.FOR_AGES;
import static dev.holdfast.channel.ChannelFixtures.HOUR;
import static dev.holdfast.channel.ChannelFixtures.full;
import static dev.holdfast.channel.ChannelFixtures.open;
import static dev.holdfast.channel.ChannelFixtures.rest;
import static dev.holdfast.channel.LeavesNoThread.Threads.parked;
import static dev.holdfast.channel.LeavesNoThread.Threads.start;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.OnThread;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Waits at a channel: the order in which they are served, and what ends them. */
@LeavesNoThread
@Tag("one-carrier")
class ChannelWaitingTest {

  private static final int[] CAPACITIES = {0, 1, 2, 5};

  private static void nobodyWaits(Channel<?> channel) {
    assertEquals(0, channel.stats().waitingSenders());
    assertEquals(0, channel.stats().waitingReceivers());
  }

  @EachSending
  void a_send_waits_until_there_is_room(Sending by, ThreadFactory threads) {
    for (int capacity : CAPACITIES) {
      Channel<Integer> channel = full(capacity).channel();
      var sender = parked(threads, channel, () -> by.send(channel, 100));
      assertEquals(1, channel.stats().waitingSenders());
      assertEquals(capacity, channel.size());
      assertEquals(capacity == 0 ? 100 : 1, channel.tryReceive());
      assertTrue(sender.value());
      assertEquals(capacity, rest(channel).size());
      nobodyWaits(channel);
    }
  }

  @EachReceiving
  void a_receive_waits_until_there_is_an_element(Receiving by, ThreadFactory threads) {
    for (int capacity : CAPACITIES) {
      Channel<Integer> channel = open(capacity);
      var receiver = parked(threads, channel, () -> by.receive(channel));
      assertEquals(1, channel.stats().waitingReceivers());
      assertTrue(channel.trySend(7));
      assertEquals(7, receiver.value());
      assertEquals(0, channel.size());
      nobodyWaits(channel);
    }
  }

  @EachThreadKind
  void every_waiting_operation_meets_every_arriving_one(ThreadFactory threads) throws Exception {
    for (Sending sending : Sending.values()) {
      for (Receiving receiving : Receiving.values()) {
        Channel<Integer> channel = open(0);
        var sender = parked(threads, channel, () -> sending.send(channel, 1));
        assertEquals(1, receiving.receive(channel));
        assertTrue(sender.value());
        var receiver = parked(threads, channel, () -> receiving.receive(channel));
        assertTrue(sending.send(channel, 2));
        assertEquals(2, receiver.value());
        nobodyWaits(channel);
      }
    }
  }

  @EachThreadKind
  void operations_that_do_not_wait_meet_those_that_do(ThreadFactory threads) throws Exception {
    Channel<Integer> channel = open(0);
    var sender = parked(threads, channel, () -> Sending.SEND.send(channel, 1));
    assertEquals(1, channel.receive(Duration.ZERO));
    assertTrue(sender.value());
    var receiver = parked(threads, channel, channel::receive);
    assertTrue(channel.send(2, Duration.ofSeconds(-1)));
    assertEquals(2, receiver.value());
    sender = parked(threads, channel, () -> Sending.TIMED.send(channel, 3));
    var into = new ArrayList<Integer>();
    assertEquals(1, channel.drainTo(into, 5));
    assertEquals(List.of(3), into);
    assertTrue(sender.value());
  }

  @EachThreadKind
  void senders_are_served_first_in_first_out(ThreadFactory threads) {
    for (int capacity : CAPACITIES) {
      Channel<Integer> channel = full(capacity).channel();
      var senders = new ArrayList<OnThread<Boolean>>();
      var expected = new ArrayList<Integer>();
      for (int i = 1; i <= capacity; i++) {
        expected.add(i);
      }
      for (Sending by : Sending.values()) {
        int element = 100 + senders.size();
        senders.add(parked(threads, channel, () -> by.send(channel, element)));
        expected.add(element);
      }
      assertEquals(senders.size(), channel.stats().waitingSenders());
      var got = new ArrayList<Integer>();
      for (int served = 1; got.size() < expected.size(); served++) {
        got.add(channel.tryReceive());
        if (served <= senders.size()) {
          assertTrue(senders.get(served - 1).value());
          assertEquals(senders.size() - served, channel.stats().waitingSenders());
          assertEquals(capacity, channel.size());
        }
      }
      assertEquals(expected, got);
    }
  }

  @EachThreadKind
  void receivers_are_served_first_in_first_out(ThreadFactory threads) {
    for (int capacity : CAPACITIES) {
      Channel<Integer> channel = open(capacity);
      var receivers = new ArrayList<OnThread<Integer>>();
      for (Receiving by : Receiving.values()) {
        receivers.add(parked(threads, channel, () -> by.receive(channel)));
      }
      for (int i = 0; i < receivers.size(); i++) {
        assertEquals(receivers.size() - i, channel.stats().waitingReceivers());
        assertTrue(channel.trySend(i));
        assertEquals(i, receivers.get(i).value());
      }
      nobodyWaits(channel);
    }
  }

  @EachSending
  void a_send_that_times_out_makes_way_for_those_behind_it(Sending by, ThreadFactory threads) {
    for (int leaving = 0; leaving < 5; leaving++) {
      Channel<Integer> channel = open(0);
      var senders = new ArrayList<OnThread<Boolean>>();
      for (int i = 0; i < 5; i++) {
        int element = i;
        senders.add(parked(threads, channel, () -> by.send(channel, element)));
      }
      senders.get(leaving).interrupt();
      assertEquals(InterruptedException.class, senders.get(leaving).thrown().getClass());
      senders.remove(leaving);
      senders.add(parked(threads, channel, () -> by.send(channel, 5)));
      int left = leaving;
      List<Integer> expected = IntStream.rangeClosed(0, 5).filter(i -> i != left).boxed().toList();
      assertEquals(5, channel.stats().waitingSenders());
      assertEquals(expected, rest(channel));
      senders.forEach(sender -> assertTrue(sender.value()));
      nobodyWaits(channel);
    }
  }

  @EachReceiving
  void a_receive_that_times_out_makes_way_for_those_behind_it(Receiving by, ThreadFactory threads) {
    for (int leaving = 0; leaving < 5; leaving++) {
      Channel<Integer> channel = open(leaving);
      var receivers = new ArrayList<OnThread<Integer>>();
      for (int i = 0; i < 5; i++) {
        receivers.add(parked(threads, channel, () -> by.receive(channel)));
      }
      receivers.get(leaving).interrupt();
      assertEquals(InterruptedException.class, receivers.get(leaving).thrown().getClass());
      receivers.remove(leaving);
      receivers.add(parked(threads, channel, () -> by.receive(channel)));
      for (int i = 0; i < 5; i++) {
        assertTrue(channel.trySend(i));
        assertEquals(i, receivers.get(i).value());
      }
      assertFalse(channel.capacity() == 0 && channel.trySend(9));
      nobodyWaits(channel);
    }
  }

  @EachThreadKind
  void a_send_does_not_overtake_a_waiting_sender(ThreadFactory threads) throws Exception {
    Channel<Integer> channel = full(2).channel();
    var third = parked(threads, channel, () -> Sending.SEND.send(channel, 3));
    var fourth = parked(threads, channel, () -> Sending.SEND.send(channel, 4));
    assertEquals(1, channel.receive());
    assertTrue(third.value());
    assertFalse(channel.trySend(9), "there is a sender that waits");
    assertFalse(channel.send(9, Duration.ZERO), "there is a sender that waits");
    assertEquals(2, channel.receive());
    assertTrue(fourth.value());
    assertFalse(channel.trySend(9), "it is full again");
    assertEquals(List.of(3, 4), rest(channel));
  }

  @EachThreadKind
  void a_send_that_times_out_returns_false_and_has_not_happened(ThreadFactory threads) {
    for (int capacity : CAPACITIES) {
      Channel<Integer> channel = full(capacity).channel();
      long begun = System.nanoTime();
      assertFalse(start(threads, () -> channel.send(9, Duration.ofMillis(5))).value());
      assertTrue(System.nanoTime() - begun >= 5_000_000, "it came back early");
      nobodyWaits(channel);
      assertEquals(capacity, channel.stats().sent());
      assertFalse(rest(channel).contains(9));
    }
  }

  @EachThreadKind
  void a_receive_that_times_out_returns_null_and_takes_nothing(ThreadFactory threads) {
    for (int capacity : CAPACITIES) {
      Channel<Integer> channel = open(capacity);
      long begun = System.nanoTime();
      assertNull(start(threads, () -> channel.receive(Duration.ofMillis(5))).value());
      assertTrue(System.nanoTime() - begun >= 5_000_000, "it came back early");
      nobodyWaits(channel);
      assertEquals(capacity > 0, channel.trySend(1), "no receiver is left");
      assertEquals(capacity > 0 ? List.of(1) : List.of(), rest(channel));
    }
  }

  @Test
  void timeouts_of_every_length_work() throws Exception {
    List<Duration> none =
        List.of(
            Duration.ZERO,
            Duration.ofNanos(-1),
            Duration.ofSeconds(Long.MIN_VALUE),
            Duration.ofSeconds(Long.MIN_VALUE, 1));
    for (Duration timeout : none) {
      assertFalse(full(1).channel().send(9, timeout), timeout::toString);
      assertNull(open(1).receive(timeout), timeout::toString);
      assertTrue(open(1).send(9, timeout), timeout::toString);
      assertEquals(1, full(1).channel().receive(timeout), timeout::toString);
    }
    List<Duration> ages =
        List.of(
            HOUR,
            FOR_AGES,
            Duration.ofSeconds(Long.MAX_VALUE, 999_999_999),
            Duration.ofNanos(Long.MAX_VALUE),
            Duration.ofNanos(Long.MAX_VALUE).plusNanos(1));
    for (Duration timeout : ages) {
      ThreadFactory threads = Thread.ofVirtual().factory();
      Channel<Integer> channel = open(0);
      var sender = parked(threads, channel, () -> channel.send(1, timeout));
      assertEquals(1, channel.receive(timeout));
      assertTrue(sender.value());
      var receiver = parked(threads, channel, () -> channel.receive(timeout));
      assertTrue(channel.send(2, timeout));
      assertEquals(2, receiver.value());
    }
  }

  @EachThreadKind
  void for_each_handles_in_order_until_the_end(ThreadFactory threads) throws Exception {
    for (int capacity : CAPACITIES) {
      Channel<Integer> channel = open(capacity);
      var handled = new ArrayList<Integer>();
      var loop =
          start(
              threads,
              () -> {
                channel.forEach(handled::add);
                return handled.size();
              });
      for (int i = 0; i < 50; i++) {
        channel.send(i);
      }
      channel.close();
      assertEquals(50, loop.value());
      for (int i = 0; i < 50; i++) {
        assertEquals(i, handled.get(i));
      }
    }
  }

  @EachThreadKind
  void a_handler_may_use_the_channel(ThreadFactory threads) {
    Channel<Integer> channel = full(2).channel();
    var handled = new ArrayList<Integer>();
    start(
            threads,
            () -> {
              channel.forEach(element -> {
                handled.add(element);
                if (element < 9) {
                  channel.send(element + 2);
                } else {
                  channel.close();
                }
              });
              return null;
            })
        .value();
    assertEquals(List.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), handled);
  }
}
