package dev.holdfast.channel;

import static dev.holdfast.channel.ChannelFixtures.HOUR;
import static dev.holdfast.channel.ChannelFixtures.full;
import static dev.holdfast.channel.ChannelFixtures.open;
import static dev.holdfast.channel.ChannelFixtures.rest;
import static dev.holdfast.channel.LeavesNoThread.Threads.parked;
import static dev.holdfast.channel.LeavesNoThread.Threads.start;
import static dev.holdfast.channel.LeavesNoThread.Threads.waiting;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.OnThread;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;

/** Selects that meet other operations and selects. */
@LeavesNoThread
@Tag("one-carrier")
class SelectMeetingTest {

  @EachThreadKind
  void two_clauses_on_one_channel_meet_other_threads(ThreadFactory threads) {
    for (int capacity : new int[] {0, 2}) {
      Channel<Integer> channel = open(capacity);
      Select<Integer> twice = Select.of(channel.onReceive(e -> e), channel.onReceive(e -> 10 * e));
      for (int i = 1; i <= 5; i++) {
        var waits = parked(threads, channel, twice::await);
        assertEquals(2, channel.stats().waitingReceivers());
        assertTrue(channel.trySend(i));
        assertTrue(Set.of(i, 10 * i).contains(waits.value()));
        assertEquals(0, waiting(channel));
        assertEquals(0, channel.size());
      }
      for (int i = 1; i <= 5; i++) {
        Channel<Integer> full = full(capacity).channel();
        Select<Integer> sends = Select.of(full.onSend(7, () -> 7), full.onSend(8, () -> 8));
        var waits = parked(threads, full, sends::await);
        assertEquals(2, full.stats().waitingSenders());
        List<Integer> got = rest(full);
        assertEquals(waits.value(), got.getLast());
        assertEquals(capacity + 1, got.size());
        assertEquals(0, waiting(full));
      }
    }
  }

  @EachThreadKind
  void a_select_that_sends_and_receives_on_one_channel_meets_others_only(ThreadFactory threads) {
    Channel<Integer> channel = open(0);
    Select<String> both =
        Select.of(channel.onSend(1, () -> "sent"), channel.onReceive(e -> "r" + e));
    var waits = parked(threads, channel, both::await);
    assertEquals(1, channel.stats().waitingSenders());
    assertEquals(1, channel.stats().waitingReceivers());
    assertTrue(channel.trySend(5));
    assertEquals("r5", waits.value());
    waits = parked(threads, channel, both::await);
    assertEquals(1, channel.tryReceive());
    assertEquals("sent", waits.value());
    waits = parked(threads, channel, both::await);
    var other = start(threads, both::await);
    assertEquals(Set.of("sent", "r1"), Set.of(waits.value(), other.value()));
    assertEquals(0, waiting(channel));
    assertEquals(new ChannelStats(0, 0, 3, 3, 0, 0, 0), channel.stats());
  }

  @EachThreadKind
  void waiting_selects_are_served_in_order_with_other_waiters(ThreadFactory threads)
      throws Exception {
    Channel<Integer> one = open(0);
    Channel<Integer> two = open(0);
    Select<Integer> select = Select.of(one.onReceive(e -> e), two.onReceive(e -> e));
    var first = parked(threads, one, select::await);
    var second = parked(threads, one, one::receive);
    var third = parked(threads, one, select::await);
    var fourth = parked(threads, two, two::receive);
    assertEquals(3, one.stats().waitingReceivers());
    assertEquals(3, two.stats().waitingReceivers());
    two.send(1);
    assertEquals(1, first.value());
    two.send(2);
    assertEquals(2, third.value());
    one.send(3);
    assertEquals(3, second.value());
    two.send(4);
    assertEquals(4, fourth.value());
    assertFalse(one.trySend(5));
    assertEquals(0, waiting(one));
    assertEquals(0, waiting(two));
  }

  @EachThreadKind
  void two_selects_over_two_channels_in_opposite_order(ThreadFactory threads) {
    for (int round = 0; round < 50; round++) {
      Channel<Integer> one = open(0);
      Channel<Integer> two = open(0);
      Select<Integer> sends = Select.first(one.onSend(1, () -> 1), two.onSend(2, () -> 2));
      Select<Integer> receives = Select.first(two.onReceive(e -> e), one.onReceive(e -> e));
      OnThread<Integer> sender;
      OnThread<Integer> receiver;
      switch (round % 3) {
        case 0 -> {
          sender = parked(threads, one, sends::await);
          receiver = start(threads, receives::await);
        }
        case 1 -> {
          receiver = parked(threads, one, receives::await);
          sender = start(threads, sends::await);
        }
        default -> {
          sender = start(threads, sends::await);
          receiver = start(threads, receives::await);
        }
      }
      assertEquals(sender.value(), receiver.value());
      assertEquals(1, one.stats().sent() + two.stats().sent());
      assertEquals(0, waiting(one));
      assertEquals(0, waiting(two));
    }
  }

  @EachThreadKind
  void several_threads_share_one_select(ThreadFactory threads) throws Exception {
    Channel<Integer> one = open(0);
    Channel<Integer> two = open(3);
    int elements = 2000;
    Set<Integer> got = ConcurrentHashMap.newKeySet();
    var doubled = new AtomicInteger();
    Select<Boolean> select =
        Select.of(
            one.onReceiveOrNull(e -> note(e, got, doubled)),
            two.onReceiveOrNull(e -> note(e, got, doubled)),
            Select.timeout(HOUR, () -> false));
    var shared = new ArrayList<OnThread<Integer>>();
    for (int i = 0; i < 4; i++) {
      shared.add(
          start(
              threads,
              () -> {
                int count = 0;
                while (select.await()) {
                  count++;
                }
                return count;
              }));
    }
    Select<Boolean> fair = Select.of(one.onSend(-1, () -> true), two.onSend(-2, () -> true));
    assertTrue(fair.await());
    for (int i = 0; i < elements; i++) {
      (i % 2 == 0 ? one : two).send(i);
    }
    while (two.size() > 0) {
      Thread.onSpinWait();
    }
    one.close();
    two.close();
    int sum = shared.stream().mapToInt(OnThread::value).sum();
    assertEquals(elements + 1, sum);
    assertEquals(elements + 1, got.size());
    assertEquals(0, doubled.get());
    assertEquals(0, waiting(one));
    assertEquals(0, waiting(two));
  }

  private static boolean note(Integer element, Set<Integer> got, AtomicInteger doubled) {
    if (element != null && !got.add(element)) {
      doubled.incrementAndGet();
    }
    return element != null;
  }

  @EachThreadKind
  void a_loop_over_one_select(ThreadFactory threads) throws Exception {
    Channel<Integer> one = open(0);
    Channel<Integer> two = open(1);
    List<Integer> got = new ArrayList<>();
    Select<Integer> select =
        Select.first(
            one.onReceiveOrNull(e -> e), two.onReceive(e -> e), Select.timeout(HOUR, () -> null));
    var loop =
        start(
            threads,
            () -> {
              for (Integer element; (element = select.await()) != null; ) {
                got.add(element);
              }
              return got.size();
            });
    for (int i = 0; i < 1000; i++) {
      one.send(2 * i);
      two.send(2 * i + 1);
    }
    while (two.size() > 0) {
      Thread.onSpinWait();
    }
    one.close();
    assertEquals(2000, loop.value());
    List<Integer> even = got.stream().filter(e -> e % 2 == 0).toList();
    List<Integer> odd = got.stream().filter(e -> e % 2 == 1).toList();
    for (int i = 0; i < 1000; i++) {
      assertEquals(2 * i, even.get(i));
      assertEquals(2 * i + 1, odd.get(i));
    }
  }
}
