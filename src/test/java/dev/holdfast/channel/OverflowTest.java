package dev.holdfast.channel;

import static dev.holdfast.channel.ChannelFixtures.ended;
import static dev.holdfast.channel.ChannelFixtures.rest;
import static dev.holdfast.channel.ChannelFixtures.subject;
import static dev.holdfast.channel.LeavesNoThread.Threads.parked;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.channel.ChannelFixtures.Subject;
import dev.holdfast.testing.EachThreadKind;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Overflow policies. */
@LeavesNoThread
class OverflowTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 17})
  void dropping_the_oldest(int capacity) {
    Subject subject = subject(capacity, Overflow.DROP_OLDEST);
    for (int i = 1; i <= capacity + 40; i++) {
      assertTrue(subject.channel().trySend(i));
      assertEquals(Math.min(i, capacity), subject.channel().size());
      assertEquals(Math.max(0, i - capacity), subject.left().size());
    }
    for (int i = 1; i <= 40; i++) {
      assertEquals(i, subject.left().get(i - 1));
    }
    assertEquals(41, subject.channel().tryReceive());
    subject.addsUp();
    assertEquals(capacity - 1, rest(subject.channel()).size());
    assertEquals(40, subject.left().size());
    subject.addsUp();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 17})
  void dropping_the_newest(int capacity) {
    Subject subject = subject(capacity, Overflow.DROP_NEWEST);
    for (int i = 1; i <= capacity + 40; i++) {
      assertTrue(subject.channel().trySend(i));
      assertEquals(Math.min(i, capacity), subject.channel().size());
    }
    for (int i = 1; i <= 40; i++) {
      assertEquals(capacity + i, subject.left().get(i - 1));
    }
    subject.addsUp();
    List<Integer> rest = rest(subject.channel());
    assertEquals(capacity, rest.size());
    assertEquals(1, rest.getFirst());
    assertEquals(40, subject.left().size());
    subject.addsUp();
  }

  @ParameterizedTest
  @EnumSource
  void an_overflow_policy_applies_to_every_kind_of_send(Sending by) throws Exception {
    Subject oldest = subject(2, Overflow.DROP_OLDEST).holding(1, 2);
    assertTrue(by.send(oldest.channel(), 3));
    assertEquals(List.of(1), oldest.left());
    assertEquals(List.of(2, 3), rest(oldest.channel()));
    oldest.addsUp();
    Subject newest = subject(2, Overflow.DROP_NEWEST).holding(1, 2);
    assertTrue(by.send(newest.channel(), 3));
    assertEquals(List.of(3), newest.left());
    assertEquals(List.of(1, 2), rest(newest.channel()));
    newest.addsUp();
  }

  @EachThreadKind
  void a_rendezvous_drops_the_new_element_unless_a_receiver_waits(ThreadFactory threads)
      throws Exception {
    for (Overflow policy : List.of(Overflow.DROP_OLDEST, Overflow.DROP_NEWEST)) {
      Subject subject = subject(0, policy);
      int element = 1;
      for (Sending by : Sending.values()) {
        assertTrue(by.send(subject.channel(), element));
        assertEquals(element, subject.left().getLast());
        element++;
        for (Receiving receiving : Receiving.values()) {
          var receiver =
              parked(threads, subject.channel(), () -> receiving.receive(subject.channel()));
          assertTrue(by.send(subject.channel(), 100));
          assertEquals(100, receiver.value());
        }
      }
      assertEquals(Sending.values().length, subject.left().size());
      assertEquals(0, subject.channel().size());
      subject.addsUp();
    }
  }

  @EachThreadKind
  void nothing_is_dropped_while_a_receiver_waits(ThreadFactory threads) {
    for (Overflow policy : Overflow.values()) {
      Subject subject = subject(2, policy);
      var first = parked(threads, subject.channel(), subject.channel()::receive);
      var second = parked(threads, subject.channel(), subject.channel()::receive);
      for (int i = 1; i <= 4; i++) {
        assertTrue(subject.channel().trySend(i));
      }
      assertEquals(1, first.value());
      assertEquals(2, second.value());
      assertEquals(List.of(3, 4), rest(subject.channel()));
      assertEquals(List.of(), subject.left());
    }
  }

  @Test
  void a_closed_channel_drops_nothing() {
    for (Overflow policy : Overflow.values()) {
      Subject subject = subject(2, policy).holding(1, 2);
      subject.channel().close();
      ended(null, () -> subject.channel().trySend(3));
      ended(null, () -> subject.channel().send(3));
      assertEquals(List.of(1, 2), rest(subject.channel()));
      assertEquals(List.of(), subject.left());
    }
  }
}
