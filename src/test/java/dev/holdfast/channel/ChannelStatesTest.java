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

/** The truth table of {@link Channel}: what each operation does in each state. */
@LeavesNoThread
class ChannelStatesTest {

  /** How a channel of capacity 3 gets closed while it holds 1, 2 and 3. */
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

  /** How a channel gets closed and empty. */
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

  /** How a channel fails. */
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
  void an_open_one_sends_and_receives_in_order(int capacity) throws Exception {
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
  void an_open_one_with_room_takes(Sending by) throws Exception {
    Channel<Integer> channel = open(2);
    assertTrue(by.send(channel, 1));
    assertTrue(by.send(channel, 2));
    assertEquals(List.of(1, 2), rest(channel));
  }

  @ParameterizedTest
  @EnumSource
  void an_open_one_with_elements_gives(Receiving by) throws Exception {
    Channel<Integer> channel = full(2).channel();
    assertEquals(1, by.receive(channel));
    assertEquals(2, by.receive(channel));
    assertEquals(0, channel.size());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 16})
  void a_full_one_takes_nothing_without_waiting(int capacity) throws Exception {
    Channel<Integer> channel = full(capacity).channel();
    assertFalse(channel.trySend(9));
    assertFalse(channel.send(9, Duration.ZERO));
    assertFalse(channel.send(9, Duration.ofNanos(-1)));
    assertEquals(capacity, rest(channel).size());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 16})
  void an_empty_one_gives_nothing_without_waiting(int capacity) throws Exception {
    Channel<Integer> channel = open(capacity);
    assertNull(channel.tryReceive());
    assertNull(channel.receive(Duration.ZERO));
    assertNull(channel.receive(Duration.ofNanos(-1)));
    assertEquals(0, channel.drainTo(new ArrayList<>(), 10));
  }

  @ParameterizedTest
  @EnumSource
  void a_closed_one_takes_nothing_though_there_is_room(Left how) {
    Channel<Integer> channel = how.get().channel();
    takesNothing(channel, null);
    assertEquals(1, channel.tryReceive());
    takesNothing(channel, null);
    assertEquals(List.of(2, 3), rest(channel));
    takesNothing(channel, null);
  }

  @ParameterizedTest
  @EnumSource
  void a_closed_one_gives_what_is_left(Receiving by) throws Exception {
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
  void a_closed_one_gives_what_is_left_to_forms_that_do_not_wait() throws Exception {
    Channel<Integer> channel = Left.CLOSED.get().channel();
    assertEquals(1, channel.tryReceive());
    assertEquals(2, channel.receive(Duration.ZERO));
    var into = new ArrayList<Integer>();
    assertEquals(1, channel.drainTo(into, 10));
    assertEquals(List.of(3), into);
  }

  @ParameterizedTest
  @EnumSource
  void a_closed_one_has_all_that_is_left_handled(Left how) throws Exception {
    var handled = new ArrayList<Integer>();
    how.get().channel().forEach(handled::add);
    assertEquals(List.of(1, 2, 3), handled);
  }

  @ParameterizedTest
  @EnumSource
  void a_closed_and_empty_one(Empty how) throws Exception {
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
  void a_failed_one(Failed how) {
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
  void failing_hands_over_what_is_left_and_closing_does_not() {
    assertEquals(List.of(1, 2, 3), Failed.WITH_ELEMENTS.get().left());
    assertEquals(List.of(), Left.CLOSED_THEN_FAILED.get().left());
  }

  @Test
  void it_is_closed_once_it_was_closed_or_has_failed_or_its_life_has_ended() {
    assertFalse(open(1).isClosed());
    assertTrue(Left.CLOSED.get().channel().isClosed());
    assertTrue(Failed.EMPTY.get().channel().isClosed());
    assertTrue(Empty.ITS_LIFE_ENDED.get().channel().isClosed());
  }

  @Test
  void who_is_refused_learns_the_name_of_the_channel() {
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
  void whoever_is_refused_gets_an_exception_of_his_own() {
    Subject subject = Failed.EMPTY.get();
    assertNotEquals(
        ended(subject.cause(), subject.channel()::receive),
        ended(subject.cause(), subject.channel()::receive));
  }

  @Test
  void what_has_ended_gets_no_channel() {
    var life = new Life();
    life.end();
    var thrown =
        assertThrows(
            IllegalStateException.class, () -> Channel.open(life, ChannelSpec.<Integer>of(1)));
    assertSame(IllegalStateException.class, thrown.getClass());
  }

  @Test
  void the_channels_of_one_life_end_with_it() {
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
