package dev.holdfast.channel;

import static dev.holdfast.channel.ChannelFixtures.open;
import static dev.holdfast.channel.ChannelFixtures.rest;
import static dev.holdfast.channel.ChannelFixtures.subject;
import static dev.holdfast.channel.LeavesNoThread.Threads.parked;
import static dev.holdfast.channel.LeavesNoThread.Threads.start;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.channel.ChannelFixtures.Subject;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.Poll;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Capacity, size, counts and memory of a channel. */
@LeavesNoThread
class ChannelStatsTest {

  private static void is(
      Channel<?> channel,
      int size,
      int peak,
      long sent,
      long received,
      long undelivered,
      int senders,
      int receivers) {
    assertEquals(
        new ChannelStats(size, peak, sent, received, undelivered, senders, receivers),
        channel.stats());
    assertEquals(size, channel.size());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 100, 1000, 4097})
  void a_capacity_is_exact(int capacity) {
    Channel<Integer> channel = open(capacity);
    assertEquals(capacity, channel.capacity());
    for (int round = 0; round < 4; round++) {
      for (int i = 0; i < capacity; i++) {
        assertTrue(channel.trySend(i));
      }
      assertFalse(channel.trySend(-1));
      assertEquals(capacity, channel.size());
      for (int i = 0; i < capacity / 2 + round; i++) {
        boolean one = channel.tryReceive() != null;
        assertEquals(one, channel.trySend(i));
        assertFalse(channel.trySend(-1), "there was room for one only");
      }
      assertEquals(capacity, rest(channel).size());
    }
    assertEquals(capacity, channel.stats().peak());
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 5, 17, 100})
  void the_capacity_is_exact_at_every_position_of_the_ring(int capacity) {
    Channel<Integer> channel = open(capacity);
    for (int round = 0, next = 0, due = 0; round < 3 * capacity; round++) {
      while (channel.trySend(next)) {
        next++;
      }
      assertEquals(capacity, next - due);
      for (int i = 0; i <= round % capacity; i++) {
        assertEquals(due++, channel.tryReceive());
      }
      assertEquals(capacity - 1 - round % capacity, channel.size());
    }
  }

  @Test
  void a_large_capacity_takes_no_memory_until_it_is_used() {
    Channel<Integer> channel = open(ChannelSpec.MAX_CAPACITY);
    assertEquals(1 << 30, channel.capacity());
    for (int i = 0; i < 5000; i++) {
      assertTrue(channel.trySend(i));
    }
    for (int i = 0; i < 5000; i++) {
      assertEquals(i, channel.tryReceive());
    }
    assertNull(channel.tryReceive());
    is(channel, 0, 5000, 5000, 5000, 0, 0, 0);
  }

  @Test
  void all_counts_of_a_buffered_channel() {
    ThreadFactory threads = Thread.ofVirtual().factory();
    Subject subject = subject(2);
    Channel<Integer> channel = subject.channel();
    is(channel, 0, 0, 0, 0, 0, 0, 0);
    assertTrue(channel.trySend(1));
    is(channel, 1, 1, 1, 0, 0, 0, 0);
    assertEquals(1, channel.tryReceive());
    is(channel, 0, 1, 1, 1, 0, 0, 0);
    assertTrue(channel.trySend(2));
    assertTrue(channel.trySend(3));
    assertFalse(channel.trySend(4));
    is(channel, 2, 2, 3, 1, 0, 0, 0);
    var first = parked(threads, channel, () -> Sending.SEND.send(channel, 4));
    var second = parked(threads, channel, () -> Sending.SELECT.send(channel, 5));
    is(channel, 2, 2, 3, 1, 0, 2, 0);
    assertEquals(2, channel.tryReceive());
    assertTrue(first.value());
    is(channel, 2, 2, 4, 2, 0, 1, 0);
    second.interrupt();
    assertEquals(InterruptedException.class, second.thrown().getClass());
    is(channel, 2, 2, 4, 2, 0, 0, 0);
    assertEquals(2, channel.drainTo(new ArrayList<>(), 9));
    is(channel, 0, 2, 4, 4, 0, 0, 0);
    var receiver = parked(threads, channel, channel::receive);
    is(channel, 0, 2, 4, 4, 0, 0, 1);
    assertTrue(channel.trySend(6));
    assertEquals(6, receiver.value());
    is(channel, 0, 2, 5, 5, 0, 0, 0);
    assertTrue(channel.trySend(7));
    channel.fail(new IllegalStateException());
    is(channel, 0, 2, 6, 5, 1, 0, 0);
    subject.addsUp();
  }

  @Test
  void all_counts_of_a_rendezvous_channel() {
    ThreadFactory threads = Thread.ofVirtual().factory();
    Channel<Integer> channel = open(0);
    assertFalse(channel.trySend(1));
    is(channel, 0, 0, 0, 0, 0, 0, 0);
    var sender = parked(threads, channel, () -> Sending.SEND.send(channel, 1));
    is(channel, 0, 0, 0, 0, 0, 1, 0);
    assertEquals(1, channel.tryReceive());
    assertTrue(sender.value());
    is(channel, 0, 0, 1, 1, 0, 0, 0);
    var receiver = parked(threads, channel, channel::receive);
    is(channel, 0, 0, 1, 1, 0, 0, 1);
    assertTrue(channel.trySend(2));
    assertEquals(2, receiver.value());
    is(channel, 0, 0, 2, 2, 0, 0, 0);
    var last = parked(threads, channel, channel::receiveOrNull);
    channel.close();
    assertNull(last.value());
    is(channel, 0, 0, 2, 2, 0, 0, 0);
  }

  @EachThreadKind
  void a_waiting_select_counts_once_for_each_clause(ThreadFactory threads) {
    Channel<Integer> one = open(0);
    Channel<Integer> two = open(0);
    var select =
        parked(
            threads,
            one,
            () ->
                Select.of(
                        one.onReceive(e -> e),
                        one.onReceive(e -> e),
                        one.onSend(1, () -> 0),
                        two.onReceive(e -> e))
                    .await());
    is(one, 0, 0, 0, 0, 0, 1, 2);
    is(two, 0, 0, 0, 0, 0, 0, 1);
    assertTrue(two.trySend(5));
    assertEquals(5, select.value());
    is(one, 0, 0, 0, 0, 0, 0, 0);
    is(two, 0, 0, 1, 1, 0, 0, 0);
  }

  /** Reads the counts while they change. */
  @EachThreadKind
  void the_counts_are_of_one_moment(ThreadFactory threads) {
    for (int capacity : new int[] {0, 1, 3, 64}) {
      Subject subject = subject(capacity, capacity == 3 ? Overflow.DROP_OLDEST : Overflow.BLOCK);
      Channel<Integer> channel = subject.channel();
      int elements = 2000;
      var sender =
          start(
              threads,
              () -> {
                for (int i = 0; i < elements; i++) {
                  channel.send(i);
                }
                channel.close();
                return null;
              });
      var receiver =
          start(
              threads,
              () -> {
                channel.forEach(element -> {});
                return null;
              });
      while (receiver.thread().isAlive()) {
        ChannelStats s = channel.stats();
        assertEquals(s.sent(), s.received() + s.undelivered() + s.size(), s::toString);
        assertTrue(s.size() >= 0 && s.size() <= capacity, s::toString);
        assertTrue(s.peak() >= s.size() && s.peak() <= capacity, s::toString);
        assertTrue(s.waitingSenders() >= 0 && s.waitingSenders() <= 1, s::toString);
        assertTrue(s.waitingReceivers() >= 0 && s.waitingReceivers() <= 1, s::toString);
        int size = channel.size();
        assertTrue(size >= 0 && size <= capacity, () -> "size " + size);
      }
      assertNull(sender.value());
      assertNull(receiver.value());
      assertEquals(elements, channel.stats().sent());
      subject.addsUp();
    }
  }

  /** Sends an object from a frame of its own, so that this frame holds no reference to it. */
  private static WeakReference<Object> sends(Channel<Object> channel) {
    var element = new Object();
    assertTrue(channel.trySend(element));
    return new WeakReference<>(element);
  }

  private static void forgets(Overflow overflow, Consumer<Channel<Object>> then) {
    Channel<Object> channel = Channel.open(new Life(), ChannelSpec.of(4).overflow(overflow));
    List<WeakReference<Object>> sent = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      sent.add(sends(channel));
    }
    then.accept(channel);
    Poll.until(() -> {
      System.gc();
      return sent.stream().allMatch(s -> s.refersTo(null));
    });
    assertTrue(sent.stream().allMatch(s -> s.refersTo(null)), "an element is kept");
    assertEquals(4, channel.capacity());
  }

  private static void receivesFour(Channel<Object> channel) {
    for (int i = 0; i < 4; i++) {
      assertTrue(channel.tryReceive() != null);
    }
  }

  @Test
  void removed_elements_are_not_retained() {
    forgets(Overflow.BLOCK, ChannelStatsTest::receivesFour);
    forgets(Overflow.BLOCK, channel -> channel.drainTo(new ArrayList<>(), 4));
    forgets(Overflow.BLOCK, channel -> channel.fail(new IllegalStateException()));
    forgets(
        Overflow.DROP_OLDEST,
        channel -> {
          for (int i = 0; i < 4; i++) {
            channel.trySend(i);
          }
        });
  }
}
