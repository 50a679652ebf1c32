package dev.holdfast.channel;

import static dev.holdfast.channel.ChannelFixtures.ended;
import static dev.holdfast.channel.ChannelFixtures.full;
import static dev.holdfast.channel.ChannelFixtures.rest;
import static dev.holdfast.channel.ChannelFixtures.subject;
import static dev.holdfast.channel.LeavesNoThread.Threads.parked;
import static dev.holdfast.channel.LeavesNoThread.Threads.start;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.channel.ChannelFixtures.Subject;
import dev.holdfast.internal.util.Throwables;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.OnThread;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Elements that will not be received: overflow, failure, the end of the owner. */
@LeavesNoThread
class ChannelUndeliveredTest {

  private final Throwable cause = new IllegalArgumentException("cause");

  /** An operation that drops an element or all of them. */
  enum Ending {
    FAIL,
    END,
    CLOSE_AND_END;

    void of(Channel<?> channel, Life life, Throwable cause) {
      switch (this) {
        case FAIL -> channel.fail(cause);
        case END -> life.end();
        case CLOSE_AND_END -> {
          channel.close();
          life.end();
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void what_is_left_is_handed_over_once_and_the_oldest_first(Ending how) {
    for (Overflow policy : Overflow.values()) {
      for (int capacity : new int[] {1, 2, 5, 17}) {
        Subject subject = subject(capacity, policy);
        var expected = new ArrayList<Integer>();
        for (int i = 0; i < capacity; i++) {
          subject.channel().trySend(-i);
        }
        // So that the oldest element is not in the first slot.
        for (int i = 0; i < capacity; i++) {
          subject.channel().tryReceive();
          subject.channel().trySend(i);
          expected.add(i);
        }
        how.of(subject.channel(), subject.life(), cause);
        assertEquals(expected, subject.left());
        how.of(subject.channel(), subject.life(), cause);
        subject.channel().fail(new IllegalStateException());
        subject.channel().close();
        subject.life().end();
        assertEquals(expected, subject.left());
        assertEquals(0, subject.channel().size());
        subject.addsUp();
      }
    }
  }

  @EachThreadKind
  void what_was_not_sent_is_not_handed_over(ThreadFactory threads) {
    for (Ending how : Ending.values()) {
      Subject subject = full(2);
      var interrupted =
          parked(threads, subject.channel(), () -> Sending.SEND.send(subject.channel(), 8));
      interrupted.interrupt();
      assertSame(InterruptedException.class, interrupted.thrown().getClass());
      var waiting =
          parked(threads, subject.channel(), () -> Sending.SEND.send(subject.channel(), 9));
      how.of(subject.channel(), subject.life(), cause);
      ended(how == Ending.FAIL ? cause : null, waiting.thrown());
      assertEquals(List.of(1, 2), subject.left());
      subject.addsUp();
    }
  }

  /** A channel of capacity 3 that holds 1, 2 and 3, with a callback. */
  private static Channel<Integer> holding(Life life, Overflow policy, Consumer<Integer> callback) {
    ChannelSpec<Integer> spec = ChannelSpec.<Integer>of(3).overflow(policy).onUndelivered(callback);
    Channel<Integer> channel = Channel.open(life, spec);
    for (int i = 1; i <= 3; i++) {
      assertTrue(channel.trySend(i));
    }
    return channel;
  }

  @EachThreadKind
  void the_thread_that_ends_it_hands_over_the_elements(ThreadFactory threads) {
    for (Ending how : Ending.values()) {
      var by = new ArrayList<Thread>();
      var life = new Life();
      Channel<Integer> channel =
          holding(life, Overflow.BLOCK, element -> by.add(Thread.currentThread()));
      var ending =
          start(
              threads,
              () -> {
                how.of(channel, life, cause);
                return Thread.currentThread();
              });
      assertEquals(List.of(ending.value(), ending.value(), ending.value()), by);
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_callback_that_throws_gets_all_elements_before_its_exception_is_thrown(Ending how) {
    List<Throwable> bad = List.of(new IllegalStateException("1"), new AssertionError("3"));
    var life = new Life();
    var left = new ArrayList<Integer>();
    Channel<Integer> channel =
        holding(
            life,
            Overflow.BLOCK,
            element -> {
              left.add(element);
              if (element == 1) {
                throw (IllegalStateException) bad.get(0);
              } else if (element == 3) {
                throw (AssertionError) bad.get(1);
              }
            });
    var thrown = assertThrows(Throwable.class, () -> how.of(channel, life, cause));
    assertSame(bad.get(0), thrown);
    assertEquals(List.of(bad.get(1)), Arrays.asList(thrown.getSuppressed()));
    assertEquals(List.of(1, 2, 3), left);
    assertTrue(channel.isClosed());
    assertEquals(0, channel.size());
    assertEquals(3, channel.stats().undelivered());
    how.of(channel, life, cause);
    assertEquals(List.of(1, 2, 3), left);
  }

  @Test
  void an_exception_that_a_callback_throws_first_each_time_collects_no_more_than_enough() {
    var constant = new IllegalStateException("a constant");
    List<Throwable> reported =
        OnThread.reportedBy(() -> {
          for (int i = 0; i < 100; i++) {
            var life = new Life();
            Channel<Integer> channel =
                holding(
                    life,
                    Overflow.BLOCK,
                    element -> {
                      throw element == 1 ? constant : new IllegalArgumentException("fresh");
                    });
            assertSame(
                constant, assertThrows(Throwable.class, () -> Ending.END.of(channel, life, null)));
          }
        });
    assertEquals(Throwables.MOST_SUPPRESSED, constant.getSuppressed().length);
    assertEquals(200 - Throwables.MOST_SUPPRESSED, reported.size());
  }

  @Test
  void a_callback_may_throw_the_same_thing_again_and_again() {
    var same = new IllegalStateException("the same");
    var life = new Life();
    Channel<Integer> channel =
        holding(
            life,
            Overflow.BLOCK,
            element -> {
              throw same;
            });
    assertSame(same, assertThrows(IllegalStateException.class, () -> channel.fail(cause)));
    assertEquals(3, channel.stats().undelivered());
  }

  @EachThreadKind
  void a_waiting_thread_is_woken_though_the_callback_throws(ThreadFactory threads) {
    for (Ending how : Ending.values()) {
      var life = new Life();
      var bad = new IllegalStateException("bad");
      Channel<Integer> channel =
          holding(
              life,
              Overflow.BLOCK,
              element -> {
                throw bad;
              });
      var first = parked(threads, channel, () -> Sending.SEND.send(channel, 8));
      var second = parked(threads, channel, () -> Sending.SELECT.send(channel, 9));
      assertSame(
          bad, assertThrows(IllegalStateException.class, () -> how.of(channel, life, cause)));
      ended(how == Ending.FAIL ? cause : null, first.thrown());
      ended(how == Ending.FAIL ? cause : null, second.thrown());
    }
  }

  @ParameterizedTest
  @EnumSource
  void the_send_that_dropped_throws_the_exception_of_the_callback(Sending by) {
    for (Overflow policy : List.of(Overflow.DROP_OLDEST, Overflow.DROP_NEWEST)) {
      var bad = new IllegalStateException("bad");
      Channel<Integer> channel =
          holding(
              new Life(),
              policy,
              element -> {
                throw bad;
              });
      assertSame(bad, assertThrows(IllegalStateException.class, () -> by.send(channel, 4)));
      assertSame(bad, assertThrows(IllegalStateException.class, () -> channel.trySend(5)));
      assertEquals(new ChannelStats(3, 3, 5, 0, 2, 0, 0), channel.stats());
      assertEquals(
          policy == Overflow.DROP_OLDEST ? List.of(3, 4, 5) : List.of(1, 2, 3), rest(channel));
    }
  }

  @EachThreadKind
  void the_callback_is_called_without_a_lock(ThreadFactory threads) {
    for (Overflow policy : Overflow.values()) {
      var life = new Life();
      var seen = new ArrayList<Integer>();
      var self = new ArrayList<Channel<Integer>>();
      Channel<Integer> channel =
          holding(
              life,
              policy,
              element -> {
                Channel<Integer> it = self.getFirst();
                seen.add(it.size());
                seen.add(start(threads, () -> it.stats().size()).value());
                it.close();
                it.fail(cause);
                if (!it.isClosed()) {
                  seen.add(-1);
                }
                start(threads, () -> assertThrows(ChannelClosedException.class, () -> it.send(9)))
                    .value();
              });
      self.add(channel);
      if (policy == Overflow.BLOCK) {
        channel.fail(cause);
        assertEquals(List.of(0, 0, 0, 0, 0, 0), seen);
      } else {
        assertTrue(channel.trySend(4));
        assertEquals(List.of(3, 3), seen);
        assertEquals(3, rest(channel).size());
      }
      life.end();
    }
  }

  @Test
  void a_callback_that_sends_what_was_dropped_elsewhere() {
    var overflow = ChannelFixtures.open(10);
    ChannelSpec<Integer> spec =
        ChannelSpec.<Integer>of(2).overflow(Overflow.DROP_OLDEST).onUndelivered(overflow::trySend);
    Channel<Integer> channel = Channel.open(new Life(), spec);
    for (int i = 1; i <= 5; i++) {
      channel.trySend(i);
    }
    channel.fail(cause);
    assertEquals(List.of(1, 2, 3, 4, 5), rest(overflow));
  }

  @Test
  void without_a_callback_it_is_only_counted() {
    for (Overflow policy : List.of(Overflow.DROP_OLDEST, Overflow.DROP_NEWEST)) {
      var life = new Life();
      Channel<Integer> channel = Channel.open(life, ChannelSpec.<Integer>of(2).overflow(policy));
      for (int i = 1; i <= 5; i++) {
        assertTrue(channel.trySend(i));
      }
      assertEquals(3, channel.stats().undelivered());
      life.end();
      assertEquals(new ChannelStats(0, 2, 5, 0, 5, 0, 0), channel.stats());
      assertNull(channel.tryReceive());
    }
  }
}
