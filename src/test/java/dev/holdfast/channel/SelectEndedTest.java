package dev.holdfast.channel;

import static dev.holdfast.channel.ChannelFixtures.FOR_AGES;
import static dev.holdfast.channel.ChannelFixtures.ended;
import static dev.holdfast.channel.ChannelFixtures.full;
import static dev.holdfast.channel.ChannelFixtures.open;
import static dev.holdfast.channel.ChannelFixtures.rest;
import static dev.holdfast.channel.ChannelFixtures.subject;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.channel.ChannelFixtures.Subject;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Selects over channels that have ended. */
@LeavesNoThread
class SelectEndedTest {

  private static final Clause<String> OR_ELSE = Select.orElse(() -> "else");

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
  void a_clause_on_a_closed_channel_does_what_its_operation_does() throws Exception {
    Channel<Integer> left = full(2).channel();
    left.close();
    ended(null, () -> Select.of(sends("s", left, 9)).await());
    ended(null, () -> Select.first(sends("s", left, 9), OR_ELSE).await());
    assertEquals("r1", Select.of(receives("r", left)).await());
    assertEquals("n2", Select.first(receivesOrNull("n", left), OR_ELSE).await());
    ended(null, () -> Select.of(receives("r", left)).await());
    ended(null, () -> Select.first(receives("r", left), OR_ELSE).await());
    assertEquals("nnull", Select.of(receivesOrNull("n", left)).await());
    assertEquals("nnull", Select.first(receivesOrNull("n", left), OR_ELSE).await());
    ended(null, () -> Select.of(sends("s", left, 9)).await());
    assertEquals(2, left.stats().sent());
  }

  @Test
  void a_clause_on_a_failed_channel_throws_the_cause() {
    Subject subject = full(2);
    subject.fail();
    Channel<Integer> failed = subject.channel();
    Clause<String> soon = Select.timeout(Duration.ZERO, () -> "time");
    for (Clause<String> clause :
        List.of(sends("s", failed, 9), receives("r", failed), receivesOrNull("n", failed))) {
      ended(subject.cause(), () -> Select.of(clause).await());
      ended(subject.cause(), () -> Select.first(clause, OR_ELSE).await());
      ended(subject.cause(), () -> Select.first(soon, clause).await());
    }
  }

  @Test
  void a_clause_on_a_channel_whose_owner_has_ended() throws Exception {
    Subject subject = full(2);
    subject.life().end();
    Channel<Integer> channel = subject.channel();
    ended(null, () -> Select.of(sends("s", channel, 9)).await());
    ended(null, () -> Select.of(receives("r", channel)).await());
    assertEquals("nnull", Select.of(receivesOrNull("n", channel)).await());
    assertEquals(List.of(1, 2), subject.left());
  }

  @Test
  void an_ended_channel_is_as_ready_as_any_other() throws Exception {
    Channel<Integer> closed = open(1);
    closed.close();
    Channel<Integer> ready = full(1).channel();
    Channel<Integer> empty = open(1);
    assertEquals("a1", Select.first(receives("a", ready), receives("c", closed)).await());
    assertTrue(ready.trySend(2));
    ended(null, () -> Select.first(receives("c", closed), receives("a", ready)).await());
    ended(null, () -> Select.first(receives("e", empty), receives("c", closed)).await());
    assertEquals("cnull", Select.first(receives("e", empty), receivesOrNull("c", closed)).await());
    assertEquals(List.of(2), rest(ready));
  }

  @Test
  void a_select_over_ended_channels_fails_at_once() {
    Channel<Integer> closed = open(1);
    closed.close();
    Subject failed = subject(0);
    failed.fail();
    Clause<String> up = Select.timeout(FOR_AGES, () -> "time");
    List<Clause<String>> all =
        List.of(
            receives("c", closed),
            sends("c", closed, 1),
            up,
            receives("f", failed.channel()),
            sends("f", failed.channel(), 1));
    for (int i = 0; i < 20; i++) {
      assertThrows(ChannelClosedException.class, () -> Select.of(all).await());
      ended(null, () -> Select.first(all).await());
    }
  }

  @Test
  void the_exception_says_which_channel_and_which_clause() {
    Channel<Integer> open = open(1);
    Channel<Integer> named = Channel.open(new Life(), ChannelSpec.<Integer>of(1).named("orders"));
    Channel<Integer> unnamed = open(1);
    named.close();
    unnamed.fail(new IllegalStateException("disk full"));
    says(
        Select.of(open.onReceive(e -> e), named.onReceive(e -> e)),
        "Channel 'orders' (clause 2 of 2 of a select) is closed");
    says(
        Select.first(named.onSend(1, () -> 1), open.onReceive(e -> e)),
        "Channel 'orders' (clause 1 of 2 of a select) is closed");
    says(
        Select.of(open.onReceive(e -> e), open.onReceive(e -> e), unnamed.onReceiveOrNull(e -> e)),
        "The channel of capacity 1 (clause 3 of 3 of a select) has failed");
  }

  private static void says(Select<Integer> select, String message) {
    String thrown = assertThrows(ChannelClosedException.class, select::await).getMessage();
    assertTrue(thrown.startsWith(message), thrown);
  }
}
