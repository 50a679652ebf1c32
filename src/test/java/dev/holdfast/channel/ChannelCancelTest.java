package dev.holdfast.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Outcome;
import dev.holdfast.Scopes;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Poll;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** The ways to end a channel early, and clauses that are switched off. */
@LeavesNothing
@Tag("one-carrier")
class ChannelCancelTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  @EachThreadKind
  void a_consumer_that_stops_early_frees_its_producer(ThreadFactory threads) {
    var call =
        OnThread.run(
            threads,
            () ->
                Scopes.run(scope -> {
                  var ended = new AtomicBoolean();
                  Receiver<Integer> numbers =
                      scope.produce(
                          1,
                          out -> {
                            try {
                              for (int i = 0; ; i++) {
                                out.send(i);
                              }
                            } finally {
                              ended.set(true);
                            }
                          });
                  assertEquals(0, numbers.receive());
                  numbers.cancel();
                  Poll.until(ended::get); // while the body goes on
                  assertNull(numbers.receiveOrNull());
                  assertTrue(numbers.isEnded());
                }));
    assertNull(call.thrown());
    call.leavesNoFlag();
  }

  @Test
  void what_a_cancelled_channel_holds_is_undelivered() throws Exception {
    List<Integer> lost = new ArrayList<>();
    Scopes.run(scope -> {
      Channel<Integer> channel = scope.channel(ChannelSpec.<Integer>of(3).onUndelivered(lost::add));
      channel.send(1);
      channel.send(2);
      channel.close();
      channel.cancel(); // drops the rest of a closed channel
      channel.cancel();
      assertTrue(channel.isEnded());
      assertThrows(ChannelClosedException.class, () -> channel.trySend(3));
      var stats = channel.stats();
      assertEquals(2, stats.undelivered());
      assertEquals(stats.sent(), stats.received() + stats.undelivered() + stats.size());
    });
    assertEquals(List.of(1, 2), lost);
  }

  @EachThreadKind
  void a_waiting_receiver_sees_the_end(ThreadFactory threads) {
    var call =
        OnThread.run(
            threads,
            () ->
                Scopes.run(scope -> {
                  Channel<Integer> channel = scope.channel(1);
                  var fork = scope.fork(() -> channel.receiveOrNull());
                  Poll.until(() -> channel.stats().waitingReceivers() == 1);
                  channel.cancel();
                  assertNull(fork.join(LONG));
                }));
    assertNull(call.thrown());
  }

  @Test
  void the_first_close_decides_whether_there_is_a_cause() throws Exception {
    var cause = new IOException("marker");
    Scopes.run(scope -> {
      Channel<Integer> without = scope.channel(2);
      without.send(1);
      without.close();
      without.close(cause);
      without.fail(cause);
      assertEquals(1, without.receive());
      assertNull(without.tryReceive());
      assertNull(without.receiveOrNull());
      assertNull(assertThrows(ChannelClosedException.class, without::receive).getCause());
      Channel<Integer> with = scope.channel(2);
      with.close(cause);
      with.close(new IOException("too late"));
      assertSame(cause, assertThrows(ChannelClosedException.class, with::receive).getCause());
    });
  }

  @Test
  void a_select_in_a_cancelled_scope_evaluates_no_condition() throws Exception {
    var asked = new AtomicInteger();
    Scopes.run(scope -> {
      Channel<Integer> channel = scope.channel(1);
      var select = Select.of(channel.onReceive(e -> e).when(() -> asked.incrementAndGet() < 0));
      scope.cancel("enough");
      assertThrows(InterruptedException.class, select::await);
    });
    assertEquals(0, asked.get());
  }

  @EachThreadKind
  void after_a_close_with_a_cause_the_buffer_drains_first(ThreadFactory threads) {
    var cause = new IOException("marker");
    var call =
        OnThread.run(
            threads,
            () ->
                Scopes.run(scope -> {
                  Channel<Integer> channel = scope.channel(2);
                  channel.send(1);
                  channel.close(cause);
                  channel.fail(new IOException("too late"));
                  channel.close();
                  assertThrows(ChannelClosedException.class, () -> channel.send(2));
                  assertFalse(channel.isEnded());
                  assertEquals(1, channel.receive());
                  assertTrue(channel.isEnded());
                  for (var receive :
                      List.<Executable>of(
                          channel::receive,
                          channel::receiveOrNull,
                          channel::tryReceive,
                          () -> channel.receive(LONG),
                          () -> channel.drainTo(new ArrayList<>(), 1),
                          () -> Select.of(channel.onReceiveOrNull(e -> e)).await())) {
                    var thrown = assertThrows(ChannelClosedException.class, receive);
                    assertSame(cause, thrown.getCause());
                  }
                }));
    assertNull(call.thrown());
  }

  @EachThreadKind
  void a_close_with_a_cause_wakes_waiting_receivers(ThreadFactory threads) {
    var cause = new IOException("marker");
    var call =
        OnThread.run(
            threads,
            () ->
                Scopes.named("isolated")
                    .isolated()
                    .run(scope -> {
                      Channel<Integer> channel = scope.channel(0);
                      var fork = scope.fork(() -> channel.receive());
                      Poll.until(() -> channel.stats().waitingReceivers() == 1);
                      channel.close(cause);
                      var failed = assertInstanceOf(Outcome.Failure.class, fork.outcome());
                      assertSame(cause, failed.cause().getCause());
                    }));
    assertNull(call.thrown());
  }

  @Test
  void an_empty_channel_has_not_ended() throws Exception {
    Scopes.run(scope -> {
      Channel<Integer> channel = scope.channel(1);
      assertNull(channel.tryReceive());
      assertFalse(channel.isEnded());
      channel.close();
      assertNull(channel.tryReceive());
      assertTrue(channel.isEnded());
    });
  }

  @EachThreadKind
  void a_clause_that_is_switched_off_takes_no_part(ThreadFactory threads) {
    var call =
        OnThread.run(
            threads,
            () ->
                Scopes.run(scope -> {
                  Channel<String> orders = scope.channel(1);
                  Channel<String> commands = scope.channel(1);
                  var paused = new AtomicBoolean(true);
                  var select =
                      Select.<String>of(
                          orders.<String>onReceive(e -> e).when(() -> !paused.get()),
                          commands.onReceive(e -> e));
                  orders.send("order");
                  commands.send("resume");
                  assertEquals("resume", select.await());
                  paused.set(false);
                  assertEquals("order", select.await());
                }));
    assertNull(call.thrown());
  }

  @EachThreadKind
  void a_select_with_a_clause_switched_off_is_cancelled_like_any_other(ThreadFactory threads) {
    var call =
        OnThread.run(
            threads,
            () ->
                Scopes.run(scope -> {
                  Channel<String> orders = scope.channel(1);
                  Channel<String> commands = scope.channel(1);
                  orders.send("order");
                  Select.<String>of(
                          orders.<String>onReceive(e -> e).when(() -> false),
                          commands.onReceive(e -> e))
                      .await();
                }));
    call.blocked();
    call.interrupt();
    assertInstanceOf(InterruptedException.class, call.thrown());
    call.leavesNoFlag();
  }

  @Test
  void conditions_are_evaluated_once_for_each_await_and_may_be_nested() throws Exception {
    Scopes.run(scope -> {
      Channel<String> channel = scope.channel(1);
      var asked = new AtomicInteger();
      var select =
          Select.<String>first(
              channel
                  .<String>onReceive(e -> e)
                  .when(() -> true)
                  .when(() -> asked.incrementAndGet() > 0),
              Select.<String>orElse(() -> "nothing").when(() -> true));
      assertEquals("nothing", select.await());
      channel.send("element");
      assertEquals("element", select.await());
      assertEquals(2, asked.get());
      var off = Select.<String>of(channel.<String>onReceive(e -> e).when(() -> false));
      assertThrows(IllegalStateException.class, off::await);
      for (boolean inner : List.of(true, false)) {
        var nested = channel.<String>onReceive(e -> e).when(() -> inner).when(() -> !inner);
        assertThrows(IllegalStateException.class, Select.<String>of(nested)::await);
      }
    });
  }

  @Test
  void a_select_in_order_with_conditions_stays_in_order() throws Exception {
    Scopes.run(scope -> {
      Channel<String> first = scope.channel(50);
      Channel<String> second = scope.channel(50);
      var select =
          Select.<String>first(
              first.<String>onReceive(e -> e).when(() -> true), second.onReceive(e -> e));
      for (int i = 0; i < 50; i++) {
        first.send("first");
        second.send("second");
      }
      for (int i = 0; i < 50; i++) {
        assertEquals("first", select.await());
      }
    });
  }

  @Test
  void a_select_whose_operations_are_all_off_is_refused_despite_a_timeout() throws Exception {
    Scopes.run(scope -> {
      Channel<String> channel = scope.channel(1);
      var select =
          Select.<String>of(
              channel.<String>onReceive(e -> e).when(() -> false), Select.orElse(() -> "none"));
      assertThrows(IllegalStateException.class, select::await);
    });
  }
}
