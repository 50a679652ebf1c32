package dev.holdfast.channel;

import static dev.holdfast.channel.ChannelFixtures.FOR_AGES;
import static dev.holdfast.channel.ChannelFixtures.HOUR;
import static dev.holdfast.channel.ChannelFixtures.full;
import static dev.holdfast.channel.ChannelFixtures.open;
import static dev.holdfast.channel.ChannelFixtures.rest;
import static dev.holdfast.channel.ChannelFixtures.subject;
import static dev.holdfast.channel.LeavesNoThread.Threads.waiting;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.channel.ChannelFixtures.Subject;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Selects that need not wait; {@link SelectWaitingTest} tests those that do.
 *
 * <p>Tests {@code Clause} as well.
 */
@LeavesNoThread
class SelectContractTest {

  private static final Clause<String> OR_ELSE = Select.orElse(() -> "else");

  /**
   * Of three equally likely clauses each is chosen at least 250 times, except once in 10^20 runs.
   */
  private static final int MANY = 1500;

  private static Clause<String> receives(String name, Channel<Integer> from) {
    return from.onReceive(element -> name + element);
  }

  private static Clause<String> receivesOrNull(String name, Channel<Integer> from) {
    return from.onReceiveOrNull(element -> name + element);
  }

  private static Clause<String> sends(String name, Channel<Integer> to, int element) {
    return to.onSend(element, () -> name);
  }

  @Test
  void only_the_first_ready_clause_is_performed() throws Exception {
    Channel<Integer> empty = open(1);
    Channel<Integer> two = full(2).channel();
    Channel<Integer> roomy = open(1);
    Channel<Integer> three = full(3).channel();
    Select<String> select =
        Select.first(
            receives("empty", empty),
            receives("two", two),
            sends("roomy", roomy, 7),
            receives("three", three));
    assertEquals("two1", select.await());
    assertEquals("two2", select.await());
    assertEquals("roomy", select.await());
    assertEquals("three1", select.await());
    assertEquals(List.of(7), rest(roomy));
    assertEquals("roomy", select.await());
    assertEquals(List.of(2, 3), rest(three));
    assertTrue(two.trySend(9));
    assertEquals("two9", select.await());
    assertEquals(List.of(7), rest(roomy));
    for (Channel<Integer> each : List.of(empty, two, roomy, three)) {
      assertEquals(0, waiting(each));
    }
  }

  @Test
  void a_select_takes_a_list_of_clauses() throws Exception {
    Channel<Integer> channel = full(2).channel();
    List<Clause<String>> clauses = new ArrayList<>();
    clauses.add(receives("a", channel));
    Select<String> first = Select.first(clauses);
    Select<String> fair = Select.of(clauses);
    clauses.clear();
    assertEquals("a1", first.await());
    assertEquals("a2", fair.await());
  }

  @Test
  void a_select_copies_its_array_of_clauses() throws Exception {
    Channel<Integer> channel = full(2).channel();
    @SuppressWarnings({"unchecked", "rawtypes"})
    Clause<String>[] clauses = new Clause[] {receives("a", channel)};
    Select<String> select = Select.first(clauses);
    Arrays.fill(clauses, OR_ELSE);
    assertEquals("a1", select.await());
  }

  @Test
  void clauses_may_have_different_types() throws Exception {
    Channel<String> words = Channel.open(new Life(), ChannelSpec.of(1));
    Channel<Integer> numbers = open(1);
    assertTrue(words.trySend("word"));
    Clause<Integer> length = words.onReceive(String::length);
    Clause<Double> half = numbers.onReceive(n -> n / 2.0);
    Number value = Select.<Number>of(length, half).await();
    assertEquals(4, value);
  }

  @Test
  void a_fair_select_takes_every_ready_clause_sometimes() throws Exception {
    Channel<Integer> never = open(1);
    Channel<Integer> received = open(1);
    Channel<Integer> sent = open(1);
    Channel<Integer> ending = open(1);
    ending.close();
    Select<String> select =
        Select.of(
            receives("never", never),
            receives("received", received),
            sends("sent", sent, 1),
            receives("never", never),
            receivesOrNull("ended", ending),
            Select.orElse(() -> "else"));
    int[] chosen = new int[3];
    for (int i = 0; i < MANY; i++) {
      received.trySend(0);
      sent.tryReceive();
      switch (select.await()) {
        case "received0" -> chosen[0]++;
        case "sent" -> chosen[1]++;
        case "endednull" -> chosen[2]++;
        default -> throw new AssertionError();
      }
    }
    for (int count : chosen) {
      assertTrue(count >= 250, () -> "not fair: " + Arrays.toString(chosen));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8, 40})
  void a_ready_clause_is_found_at_every_place(int clauses) throws Exception {
    List<Channel<Integer>> channels = new ArrayList<>();
    List<Clause<String>> all = new ArrayList<>();
    for (int i = 0; i < clauses; i++) {
      channels.add(open(i % 2 + 1));
      all.add(receives(i + ":", channels.get(i)));
    }
    all.add(OR_ELSE);
    Select<String> fair = Select.of(all);
    Select<String> first = Select.first(all);
    for (int i = 0; i < clauses; i++) {
      for (Select<String> select : List.of(fair, first)) {
        assertTrue(channels.get(i).trySend(7));
        assertEquals(i + ":7", select.await());
        assertEquals("else", select.await());
      }
    }
  }

  @Test
  void or_else_is_taken_only_if_no_clause_is_ready() throws Exception {
    for (int turn = 0; turn < 40; turn++) {
      Channel<Integer> one = open(1);
      Channel<Integer> full = full(1).channel();
      List<Select<String>> selects =
          List.of(
              Select.first(OR_ELSE, receives("one", one), sends("full", full, 2)),
              Select.first(receives("one", one), sends("full", full, 2), OR_ELSE),
              Select.of(OR_ELSE, receives("one", one), sends("full", full, 2)),
              Select.of(receives("one", one), OR_ELSE, sends("full", full, 2)));
      for (Select<String> select : selects) {
        assertEquals("else", select.await());
        assertTrue(one.trySend(5));
        assertEquals("one5", select.await());
        assertEquals("else", select.await());
        assertEquals(1, full.tryReceive());
        assertEquals("full", select.await());
        assertEquals("else", select.await());
        assertEquals(2, full.tryReceive());
        assertTrue(full.trySend(1));
      }
      assertEquals(0, waiting(one));
      assertEquals(0, waiting(full));
    }
  }

  @Test
  void a_zero_timeout_does_not_wait() throws Exception {
    List<Duration> none =
        List.of(Duration.ZERO, Duration.ofNanos(-1), Duration.ofSeconds(Long.MIN_VALUE));
    for (Duration timeout : none) {
      Clause<String> up = Select.timeout(timeout, () -> "time");
      Channel<Integer> channel = open(1);
      Select<String> fair = Select.of(up, receives("a", channel));
      Select<String> first = Select.first(up, receives("a", channel));
      for (Select<String> select : List.of(fair, first)) {
        for (int i = 0; i < 20; i++) {
          assertEquals("time", select.await());
          assertTrue(channel.trySend(i));
          assertEquals("a" + i, select.await(), "what is ready goes before the time");
        }
      }
      assertEquals(0, waiting(channel));
    }
  }

  @Test
  void a_ready_clause_does_not_wait_for_the_timeout() throws Exception {
    for (Duration timeout : List.of(HOUR, FOR_AGES, Duration.ofNanos(1))) {
      Channel<Integer> channel = full(1).channel();
      Clause<String> up = Select.timeout(timeout, () -> "time");
      assertEquals("a1", Select.first(up, receives("a", channel)).await());
      assertEquals("b", Select.of(up, sends("b", channel, 2)).await());
      assertEquals(List.of(2), rest(channel));
    }
  }

  @Test
  void one_channel_may_be_in_several_clauses() throws Exception {
    Channel<Integer> channel = full(2).channel();
    Clause<String> a = receives("a", channel);
    assertEquals("a1", Select.first(a, a, receives("b", channel)).await());
    String other = Select.of(a, receives("b", channel)).await();
    assertTrue(List.of("a2", "b2").contains(other), other);
    assertEquals("else", Select.of(a, a, OR_ELSE).await());
    assertEquals("s", Select.first(a, sends("s", channel, 3), sends("t", channel, 4)).await());
    assertEquals("a3", Select.first(a, sends("s", channel, 3)).await());
    assertEquals(new ChannelStats(0, 2, 3, 3, 0, 0, 0), channel.stats());
  }

  @Test
  void a_select_over_a_rendezvous_does_not_send_to_itself() throws Exception {
    Channel<Integer> channel = open(0);
    Select<String> select = Select.of(receives("r", channel), sends("s", channel, 1), OR_ELSE);
    for (int i = 0; i < 10; i++) {
      assertEquals("else", select.await());
    }
    assertEquals(new ChannelStats(0, 0, 0, 0, 0, 0, 0), channel.stats());
  }

  @Test
  void a_send_to_a_channel_that_drops_is_always_ready() throws Exception {
    for (Overflow policy : List.of(Overflow.DROP_OLDEST, Overflow.DROP_NEWEST)) {
      Subject subject = subject(1, policy).holding(1);
      assertEquals("s", Select.of(sends("s", subject.channel(), 2), OR_ELSE).await());
      assertEquals("s", Select.first(sends("s", subject.channel(), 3)).await());
      assertEquals(2, subject.left().size());
      subject.addsUp();
    }
  }

  @Test
  void a_value_may_be_null() throws Exception {
    Channel<Integer> channel = full(1).channel();
    assertNull(Select.<String>of(channel.onReceive(element -> null)).await());
    assertNull(Select.<String>of(channel.onSend(1, () -> null)).await());
    Clause<String> orElse = Select.orElse(() -> null);
    assertNull(Select.of(sends("s", channel, 1), orElse).await());
    Clause<String> up = Select.timeout(Duration.ZERO, () -> null);
    assertNull(Select.of(sends("s", channel, 1), up).await());
  }

  private static String sneakily(Exception e) {
    throw ChannelFixtures.<RuntimeException>sneaky(e);
  }

  @Test
  void a_clause_whose_function_throws_has_performed_its_operation() throws Exception {
    for (Exception bad : List.of(new IllegalStateException("bad"), new IOException("bad"))) {
      Channel<Integer> channel = full(2).channel();
      Clause<String> receive = channel.onReceive(element -> sneakily(bad));
      assertSame(bad, assertThrows(Exception.class, () -> Select.of(receive).await()));
      assertEquals(1, channel.stats().received());
      Clause<String> receiveOrNull = channel.onReceiveOrNull(element -> sneakily(bad));
      assertSame(bad, assertThrows(Exception.class, () -> Select.of(receiveOrNull).await()));
      assertEquals(2, channel.stats().received());
      Clause<String> send = channel.onSend(3, () -> sneakily(bad));
      assertSame(bad, assertThrows(Exception.class, () -> Select.of(send).await()));
      assertEquals(List.of(3), rest(channel));
      Clause<String> orElse = Select.orElse(() -> sneakily(bad));
      assertSame(bad, assertThrows(Exception.class, () -> Select.of(receive, orElse).await()));
      Clause<String> up = Select.timeout(Duration.ZERO, () -> sneakily(bad));
      assertSame(bad, assertThrows(Exception.class, () -> Select.of(receive, up).await()));
      assertEquals(0, waiting(channel));
      assertTrue(channel.trySend(4));
      assertEquals("r4", Select.of(receives("r", channel)).await());
    }
  }

  @Test
  void a_clause_may_use_its_channel_and_select_again() throws Exception {
    Channel<Integer> channel = full(1).channel();
    List<Select<Integer>> self = new ArrayList<>();
    self.add(
        Select.of(
            channel.onReceive(element -> {
              if (element == 5) {
                return element;
              }
              assertTrue(channel.trySend(element + 1));
              try {
                return self.getFirst().await();
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
            })));
    assertEquals(5, self.getFirst().await());
    assertEquals(5, channel.stats().received());
  }

  @Test
  void a_clause_may_be_in_several_selects() throws Exception {
    Channel<Integer> channel = full(3).channel();
    Clause<String> receive = receives("r", channel);
    assertEquals("r1", Select.of(receive).await());
    assertEquals("r2", Select.first(OR_ELSE, receive).await());
    assertEquals("r3", Select.of(receive, OR_ELSE).await());
    assertEquals("else", Select.of(receive, OR_ELSE).await());
    Clause<String> send = sends("s", channel, 8);
    assertEquals("s", Select.of(send).await());
    assertEquals("s", Select.of(send).await());
    assertEquals(List.of(8, 8), rest(channel));
  }
}
