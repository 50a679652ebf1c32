package dev.holdfast.channel;

import static dev.holdfast.channel.ChannelFixtures.HOUR;
import static dev.holdfast.channel.ChannelFixtures.ended;
import static dev.holdfast.channel.ChannelFixtures.full;
import static dev.holdfast.channel.ChannelFixtures.open;
import static dev.holdfast.channel.ChannelFixtures.rest;
import static dev.holdfast.channel.ChannelFixtures.subject;
import static dev.holdfast.channel.LeavesNoThread.Threads.start;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.channel.ChannelFixtures.Subject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The truth table of {@link Channel}: what each operation does in each state.
 *
 * <p>Tests {@code Channel}, {@code ChannelSpec}, {@code RingChannel} and {@code TwoLockQueue} as
 * well.
 */
@LeavesNoThread
class ChannelStatesTest {

  /** The ways to close a channel of capacity 3 that holds 1, 2 and 3. */
  enum Left {
    CLOSED,
    CLOSED_TWICE,
    CLOSED_THEN_FAILED;

    Subject get() {
      Subject subject = full(3);
      subject.channel().close();
      if (this == CLOSED_TWICE) {
        subject.channel().close();
      } else if (this == CLOSED_THEN_FAILED) {
        subject.fail();
      }
      return subject;
    }
  }

  /** The ways to get a closed and empty channel. */
  enum Empty {
    CLOSED,
    CLOSED_WITHOUT_BUFFER,
    DRAINED,
    DRAINED_THEN_FAILED,
    ITS_LIFE_ENDED,
    CLOSED_THEN_ITS_LIFE_ENDED,
    ITS_LIFE_ENDED_THEN_FAILED,
    ITS_LIFE_ENDED_TWICE;

    Subject get() {
      Subject subject = this == CLOSED_WITHOUT_BUFFER ? subject(0) : subject(3);
      Channel<Integer> channel = subject.channel();
      if (this != CLOSED && this != CLOSED_WITHOUT_BUFFER) {
        subject.holding(1, 2, 3);
      }
      switch (this) {
        case CLOSED, CLOSED_WITHOUT_BUFFER -> channel.close();
        case DRAINED, DRAINED_THEN_FAILED -> {
          channel.close();
          assertEquals(List.of(1, 2, 3), rest(channel));
          if (this == DRAINED_THEN_FAILED) {
            subject.fail();
          }
        }
        case ITS_LIFE_ENDED -> subject.life().end();
        case CLOSED_THEN_ITS_LIFE_ENDED -> {
          channel.close();
          subject.life().end();
        }
        case ITS_LIFE_ENDED_THEN_FAILED -> {
          subject.life().end();
          subject.fail();
        }
        case ITS_LIFE_ENDED_TWICE -> {
          subject.life().end();
          subject.life().end();
        }
      }
      return subject;
    }
  }

  /** The ways to fail a channel. */
  enum Failed {
    EMPTY,
    WITH_ELEMENTS,
    WITHOUT_BUFFER,
    FAILED_TWICE,
    FAILED_THEN_CLOSED,
    FAILED_THEN_ITS_LIFE_ENDED;

    Subject get() {
      Subject subject = this == WITHOUT_BUFFER ? subject(0) : subject(3);
      if (this != EMPTY && this != WITHOUT_BUFFER) {
        subject.holding(1, 2, 3);
      }
      subject.fail();
      switch (this) {
        case FAILED_TWICE -> subject.channel().fail(new IllegalStateException("another"));
        case FAILED_THEN_CLOSED -> subject.channel().close();
        case FAILED_THEN_ITS_LIFE_ENDED -> subject.life().end();
        default -> {}
      }
      return subject;
    }
  }

  private static void takesNothing(Channel<Integer> channel, Throwable cause) {
    for (Sending by : Sending.values()) {
      ended(cause, () -> by.send(channel, 9));
    }
    ended(cause, () -> channel.trySend(9));
    ended(cause, () -> channel.send(9, Duration.ZERO));
    ended(cause, () -> channel.send(9, Duration.ofSeconds(-1)));
    ended(cause, () -> Select.first(channel.onSend(9, () -> 1), Select.orElse(() -> 2)).await());
    assertTrue(channel.isClosed());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 17, 64, 1000})
  void an_open_channel_receives_in_the_order_of_the_sends(int capacity) throws Exception {
    Channel<Integer> channel = open(capacity);
    var expected = new ArrayList<Integer>();
    for (int round = 0, next = 0; round < 5; round++) {
      expected.clear();
      for (int i = 0; i < capacity; i++) {
        assertEquals(i, channel.size());
        expected.add(next);
        switch (next % 3) {
          case 0 -> channel.send(next);
          case 1 -> assertTrue(channel.trySend(next));
          default -> assertTrue(channel.send(next, Duration.ZERO));
        }
        next++;
      }
      assertEquals(capacity, channel.size());
      assertEquals(expected, rest(channel));
    }
    assertFalse(channel.isClosed());
  }

  @ParameterizedTest
  @EnumSource
  void an_open_channel_with_room_accepts_a_send(Sending by) throws Exception {
    Channel<Integer> channel = open(2);
    assertTrue(by.send(channel, 1));
    assertTrue(by.send(channel, 2));
    assertEquals(List.of(1, 2), rest(channel));
  }

  @ParameterizedTest
  @EnumSource
  void an_open_channel_with_elements_satisfies_a_receive(Receiving by) throws Exception {
    Channel<Integer> channel = full(2).channel();
    assertEquals(1, by.receive(channel));
    assertEquals(2, by.receive(channel));
    assertEquals(0, channel.size());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 16})
  void a_full_channel_refuses_a_send_that_must_not_wait(int capacity) throws Exception {
    Channel<Integer> channel = full(capacity).channel();
    assertFalse(channel.trySend(9));
    assertFalse(channel.send(9, Duration.ZERO));
    assertFalse(channel.send(9, Duration.ofNanos(-1)));
    assertEquals(capacity, rest(channel).size());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 16})
  void an_empty_channel_yields_nothing_to_a_receive_that_must_not_wait(int capacity)
      throws Exception {
    Channel<Integer> channel = open(capacity);
    assertNull(channel.tryReceive());
    assertNull(channel.receive(Duration.ZERO));
    assertNull(channel.receive(Duration.ofNanos(-1)));
    assertEquals(0, channel.drainTo(new ArrayList<>(), 10));
  }

  @ParameterizedTest
  @EnumSource
  void a_closed_channel_refuses_sends_even_if_there_is_room(Left how) {
    Channel<Integer> channel = how.get().channel();
    takesNothing(channel, null);
    assertEquals(1, channel.tryReceive());
    takesNothing(channel, null);
    assertEquals(List.of(2, 3), rest(channel));
    takesNothing(channel, null);
  }

  @ParameterizedTest
  @EnumSource
  void a_closed_channel_yields_its_remaining_elements(Receiving by) throws Exception {
    for (Left how : Left.values()) {
      Subject subject = how.get();
      assertEquals(1, by.receive(subject.channel()));
      assertEquals(2, by.receive(subject.channel()));
      assertEquals(3, by.receive(subject.channel()));
      assertEquals(List.of(), subject.left());
      assertTrue(subject.channel().isClosed());
    }
  }

  @Test
  void a_closed_channel_yields_its_remaining_elements_without_waiting() throws Exception {
    Channel<Integer> channel = Left.CLOSED.get().channel();
    assertEquals(1, channel.tryReceive());
    assertEquals(2, channel.receive(Duration.ZERO));
    var into = new ArrayList<Integer>();
    assertEquals(1, channel.drainTo(into, 10));
    assertEquals(List.of(3), into);
  }

  @ParameterizedTest
  @EnumSource
  void for_each_handles_the_remaining_elements_of_a_closed_channel(Left how) throws Exception {
    var handled = new ArrayList<Integer>();
    how.get().channel().forEach(handled::add);
    assertEquals(List.of(1, 2, 3), handled);
  }

  @ParameterizedTest
  @EnumSource
  void every_operation_on_a_closed_and_empty_channel(Empty how) throws Exception {
    Subject subject = how.get();
    Channel<Integer> channel = subject.channel();
    takesNothing(channel, null);
    ended(null, channel::receive);
    ended(null, () -> channel.receive(HOUR));
    ended(null, () -> channel.receive(Duration.ZERO));
    assertNull(channel.receiveOrNull());
    assertNull(channel.tryReceive());
    assertEquals(0, channel.drainTo(new ArrayList<>(), 1));
    assertEquals(0, channel.drainTo(new ArrayList<>(), 0));
    channel.forEach(element -> {
      throw new AssertionError(element);
    });
    for (Receiving by : Receiving.values()) {
      by.sawTheEnd(start(Thread.ofVirtual().factory(), () -> by.receive(channel)));
    }
    assertEquals(0, channel.size());
    assertEquals(0, LeavesNoThread.Threads.waiting(channel));
    subject.addsUp();
  }

  @ParameterizedTest
  @EnumSource
  void every_operation_on_a_failed_channel(Failed how) {
    Subject subject = how.get();
    Channel<Integer> channel = subject.channel();
    takesNothing(channel, subject.cause());
    for (Receiving by : Receiving.values()) {
      ended(subject.cause(), () -> by.receive(channel));
    }
    ended(subject.cause(), channel::tryReceive);
    ended(subject.cause(), () -> channel.receive(Duration.ZERO));
    ended(subject.cause(), () -> channel.receive(Duration.ofDays(-1)));
    ended(subject.cause(), () -> channel.drainTo(new ArrayList<>(), 1));
    ended(subject.cause(), () -> channel.drainTo(new ArrayList<>(), 0));
    ended(
        subject.cause(),
        () -> Select.first(channel.onReceiveOrNull(e -> e), Select.orElse(() -> 2)).await());
    assertTrue(channel.isClosed());
    assertEquals(0, channel.size());
    assertEquals(0, LeavesNoThread.Threads.waiting(channel));
    subject.addsUp();
  }

  @Test
  void failing_passes_remaining_elements_to_the_callback_and_closing_does_not() {
    assertEquals(List.of(1, 2, 3), Failed.WITH_ELEMENTS.get().left());
    assertEquals(List.of(), Left.CLOSED_THEN_FAILED.get().left());
  }

  @Test
  void is_closed_after_a_close_a_failure_or_the_end_of_the_owner() {
    assertFalse(open(1).isClosed());
    assertTrue(Left.CLOSED.get().channel().isClosed());
    assertTrue(Failed.EMPTY.get().channel().isClosed());
    assertTrue(Empty.ITS_LIFE_ENDED.get().channel().isClosed());
  }

  @Test
  void a_closed_channel_exception_names_the_channel() {
    for (Subject gone : List.of(Empty.CLOSED.get(), Failed.EMPTY.get())) {
      for (Sending by : Sending.values()) {
        var thrown = assertThrows(ChannelClosedException.class, () -> by.send(gone.channel(), 1));
        assertTrue(thrown.getMessage().contains("subject"), thrown.getMessage());
      }
      var thrown = assertThrows(ChannelClosedException.class, () -> gone.channel().receive());
      assertTrue(thrown.getMessage().contains("subject"), thrown.getMessage());
    }
    Channel<Integer> nameless = open(7);
    nameless.close();
    var thrown = assertThrows(ChannelClosedException.class, () -> nameless.trySend(1));
    assertTrue(thrown.getMessage().contains("7"), thrown.getMessage());
  }

  @Test
  void each_refused_operation_gets_its_own_exception() {
    Subject subject = Failed.EMPTY.get();
    assertNotEquals(
        ended(subject.cause(), subject.channel()::receive),
        ended(subject.cause(), subject.channel()::receive));
  }

  @Test
  void an_owner_that_has_ended_gets_no_channel() {
    var life = new Life();
    life.end();
    var thrown =
        assertThrows(
            IllegalStateException.class, () -> Channel.open(life, ChannelSpec.<Integer>of(1)));
    assertSame(IllegalStateException.class, thrown.getClass());
  }

  @Test
  void the_channels_of_an_owner_end_with_it() {
    var life = new Life();
    List<Channel<Integer>> channels =
        List.of(
            Channel.open(life, ChannelSpec.of(0)),
            Channel.open(life, ChannelSpec.of(1)),
            Channel.open(life, ChannelSpec.of(2)));
    life.end();
    channels.forEach(channel -> ended(null, () -> channel.trySend(1)));
  }
}
