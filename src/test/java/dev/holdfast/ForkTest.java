package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.channel.Channel;
import dev.holdfast.channel.Select;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LawFixtures;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Poll;
import dev.holdfast.testing.Warnings;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Joins with a timeout and outcomes of forks. */
@LeavesNothing
@Tag("one-carrier")
class ForkTest {

  @RegisterExtension final Warnings warnings = new Warnings();

  private static final Duration SHORT = Duration.ofMillis(20);
  private static final Duration LONG = Duration.ofSeconds(20);

  @EachThreadKind
  void a_join_in_time_returns_the_value(ThreadFactory threads) {
    var call =
        OnThread.start(
            threads,
            () ->
                Scopes.call(scope -> {
                  Fork<String> fork = scope.fork(() -> "value");
                  return fork.join(LONG) + fork.join(Duration.ZERO);
                }));
    assertEquals("valuevalue", call.value());
  }

  @EachThreadKind
  void a_join_that_times_out_names_the_fork_and_leaves_it_running(ThreadFactory threads) {
    var call =
        OnThread.start(
            threads,
            () ->
                Scopes.call(scope -> {
                  var go = new CountDownLatch(1);
                  Fork<String> fork =
                      scope.fork(
                          "slow",
                          () -> {
                            go.await();
                            return "value";
                          });
                  var late = assertThrows(ScopeTimeoutException.class, () -> fork.join(SHORT));
                  assertEquals("slow", late.scope());
                  assertEquals(SHORT, late.timeout());
                  assertEquals(1, late.running().size());
                  assertTrue(late.getMessage().contains("'slow'"), late.getMessage());
                  assertThrows(ScopeTimeoutException.class, () -> fork.join(Duration.ZERO));
                  assertEquals(Fork.State.RUNNING, fork.state());
                  go.countDown();
                  return fork.join(LONG);
                }));
    assertEquals("value", call.value());
    call.leavesNoFlag();
  }

  @Test
  void a_join_refuses_a_negative_timeout() throws Exception {
    Scopes.run(scope -> {
      Fork<Integer> fork = scope.fork(() -> 1);
      assertThrows(IllegalArgumentException.class, () -> fork.join(Duration.ofNanos(-1)));
      assertThrows(NullPointerException.class, () -> fork.join(null));
    });
  }

  @EachThreadKind
  void an_interrupt_from_outside_ends_a_join_with_a_timeout(ThreadFactory threads) {
    var forked = new AtomicReference<Fork<?>>();
    var ready = new CountDownLatch(1);
    var owner =
        OnThread.run(
            threads,
            () ->
                Scopes.run(scope -> {
                  forked.set(scope.fork(() -> Blocked.forever()));
                  ready.countDown();
                  forked.get().join(LONG);
                }));
    owner.blocked();
    owner.interrupt();
    assertInstanceOf(InterruptedException.class, owner.thrown());
    owner.leavesNoFlag();
    assertEquals(Fork.State.CANCELLED, forked.get().state());
  }

  @EachThreadKind
  void in_a_cancelled_task_join_with_a_timeout_and_outcome_throw(ThreadFactory threads) {
    var call =
        OnThread.run(
            threads,
            () ->
                Scopes.run(outer -> {
                  Fork<Integer> done = outer.fork(() -> 1);
                  done.join();
                  Fork<Integer> running = outer.fork(() -> Blocked.forever());
                  var checked = new CountDownLatch(1);
                  var begun = new CountDownLatch(1);
                  Fork<?> cancelled =
                      outer.fork(() -> {
                        begun.countDown();
                        try {
                          Blocked.forever();
                        } catch (InterruptedException swallowed) {
                          assertThrows(InterruptedException.class, () -> done.join(LONG));
                          assertThrows(InterruptedException.class, () -> running.join(LONG));
                          assertThrows(InterruptedException.class, done::outcome);
                          assertThrows(InterruptedException.class, running::outcome);
                          checked.countDown();
                        }
                      });
                  LawFixtures.await(begun);
                  cancelled.cancel();
                  LawFixtures.await(checked);
                  running.cancel();
                }));
    assertNull(call.thrown());
    call.leavesNoFlag();
  }

  @EachThreadKind
  void the_deadline_of_the_caller_ends_a_join_with_a_longer_timeout(ThreadFactory threads) {
    var call =
        OnThread.run(
            threads,
            () ->
                Scopes.named("mine")
                    .timeout(SHORT)
                    .run(scope -> scope.fork(() -> Blocked.forever()).join(LONG)));
    var thrown = assertInstanceOf(ScopeTimeoutException.class, call.thrown());
    assertEquals("mine", thrown.scope());
    call.leavesNoFlag();
  }

  @EachThreadKind
  void an_outcome_is_what_a_fork_ended_with(ThreadFactory threads) {
    var call =
        OnThread.run(
            threads,
            () ->
                Scopes.named("isolated")
                    .isolated()
                    .run(scope -> {
                      Fork<String> good = scope.fork(() -> "value");
                      var failure = new IOException("marker");
                      Fork<String> bad =
                          scope.fork(() -> {
                            throw failure;
                          });
                      Fork<String> endless = scope.fork(() -> Blocked.forever());
                      var success = assertInstanceOf(Outcome.Success.class, good.outcome());
                      assertSame(good, success.item());
                      assertEquals("value", success.value());
                      var failed = assertInstanceOf(Outcome.Failure.class, bad.outcome());
                      assertSame(bad, failed.item());
                      assertSame(failure, failed.cause());
                      assertTrue(failed.elapsed().compareTo(LONG) < 0);
                      endless.cancel();
                      var unfinished =
                          assertInstanceOf(Outcome.Unfinished.class, endless.outcome());
                      assertSame(endless, unfinished.item());
                    }));
    assertNull(call.thrown());
  }

  @Test
  void an_outcome_waits_for_the_end_and_measures_the_run() throws Exception {
    Outcome<?, String> outcome =
        Scopes.call(scope ->
            scope
                .fork(() -> {
                  Thread.sleep(20);
                  return "value";
                })
                .outcome());
    var success = assertInstanceOf(Outcome.Success.class, outcome);
    assertTrue(success.elapsed().toMillis() >= 20, success::toString);
    Duration measured = success.elapsed();
    assertEquals(measured, ((Outcome.Success<?, String>) outcome).elapsed());
  }

  @Test
  void a_failure_that_was_returned_as_an_outcome_is_not_reported() throws Exception {
    var reported = new AtomicReference<Throwable>();
    Scopes.named("quiet")
        .isolated()
        .threads(Thread.ofVirtual().uncaughtExceptionHandler((t, e) -> reported.set(e)).factory())
        .run(scope -> {
          Fork<Object> bad =
              scope.fork(() -> {
                throw new IOException("marker");
              });
          assertInstanceOf(Outcome.Failure.class, bad.outcome());
        });
    assertNull(reported.get());
  }

  @Test
  void a_failure_that_no_thread_joined_is_logged_and_passed_to_the_handler() throws Exception {
    var reported = new AtomicReference<Throwable>();
    Scopes.isolated()
        .threads(Thread.ofVirtual().uncaughtExceptionHandler((t, e) -> reported.set(e)).factory())
        .run(scope ->
            scope.fork(
                "bad",
                () -> {
                  throw new IOException("marker");
                }));
    var logged = warnings.only();
    assertTrue(logged.getMessage().contains("'bad'"), logged.getMessage());
    assertSame(reported.get(), logged.getThrown());
  }

  @Test
  void after_the_end_of_the_scope_join_and_outcome_return_at_once() throws Exception {
    var kept = new AtomicReference<Fork<Integer>>();
    var never = new AtomicReference<Fork<Integer>>();
    Scopes.run(scope -> {
      kept.set(scope.fork(() -> 7));
      scope.join();
      scope.cancel("enough");
      never.set(scope.fork(() -> 8));
    });
    assertEquals(7, kept.get().join(Duration.ZERO));
    assertInstanceOf(Outcome.Success.class, kept.get().outcome());
    assertInstanceOf(Outcome.Unfinished.class, never.get().outcome());
    assertThrows(CancellationException.class, () -> never.get().join(Duration.ZERO));
  }

  @Test
  void a_fork_cannot_wait_for_itself() {
    var thrown =
        assertThrows(
            ForkFailedException.class,
            () ->
                Scopes.run(scope -> {
                  var self = new AtomicReference<Fork<?>>();
                  var set = new CountDownLatch(1);
                  self.set(
                      scope.fork(() -> {
                        LawFixtures.await(set);
                        assertThrows(IllegalStateException.class, () -> self.get().outcome());
                        self.get().join(LONG);
                      }));
                  set.countDown();
                }));
    assertInstanceOf(IllegalStateException.class, thrown.getCause());
  }

  @EachThreadKind
  void a_select_takes_a_fork_that_ends(ThreadFactory threads) {
    var call =
        OnThread.start(
            threads,
            () ->
                Scopes.call(scope -> {
                  Channel<String> channel = scope.channel(1);
                  var go = new CountDownLatch(1);
                  Fork<String> fork =
                      scope.fork(() -> {
                        go.await();
                        return "fork";
                      });
                  Select<String> select =
                      Select.first(channel.onReceive(e -> e), fork.onJoin(value -> value));
                  channel.send("channel");
                  String first = select.await();
                  Thread owner = Thread.currentThread();
                  scope.fork(() -> {
                    Poll.untilBlocked(owner);
                    go.countDown();
                  });
                  return first + " " + select.await() + " " + select.await();
                }));
    assertEquals("channel fork fork", call.value());
  }

  @EachThreadKind
  void a_select_over_a_fork_throws_what_a_join_throws(ThreadFactory threads) {
    var failure = new IOException("marker");
    var call =
        OnThread.run(
            threads,
            () ->
                Scopes.isolated()
                    .run(scope -> {
                      Fork<String> bad =
                          scope.fork(() -> {
                            throw failure;
                          });
                      var thrown =
                          assertThrows(
                              ForkFailedException.class,
                              () -> Select.of(bad.onJoin(value -> value)).await());
                      assertSame(failure, thrown.getCause());
                      Fork<String> endless = scope.fork(() -> Blocked.forever());
                      Select<String> select = Select.of(endless.onJoin(value -> value));
                      endless.cancel();
                      assertThrows(CancellationException.class, select::await);
                    }));
    assertNull(call.thrown());
    call.leavesNoFlag();
  }

  @EachThreadKind
  void a_select_over_a_fork_is_interrupted_and_times_out(ThreadFactory threads) {
    var call =
        OnThread.run(
            threads,
            () ->
                Scopes.run(scope -> {
                  Fork<String> endless = scope.fork(() -> Blocked.forever());
                  assertEquals(
                      "late",
                      Select.of(
                              endless.onJoin(value -> value),
                              Select.<String>timeout(Duration.ofMillis(5), () -> "late"))
                          .await());
                  Select.of(endless.onJoin(value -> value)).await();
                }));
    Poll.until(() -> Poll.isIn(call.thread(), "park"));
    call.blocked();
    call.interrupt();
    assertInstanceOf(InterruptedException.class, call.thrown());
    call.leavesNoFlag();
  }

  @Test
  void forks_that_end_at_the_same_moment_as_they_are_selected_are_not_missed() throws Exception {
    for (int i = 0; i < 500; i++) {
      int round = i;
      int value =
          Scopes.call(scope -> {
            Fork<Integer> fork = scope.fork(() -> round);
            return Select.<Integer>of(fork.onJoin(v -> v)).await();
          });
      assertEquals(round, value);
    }
  }

  @Test
  void a_value_that_was_discarded_is_no_outcome() throws Exception {
    var discarded = new ArrayList<Object>();
    Fork<String> fork =
        Scopes.named("discarding")
            .onDiscarded(discarded::add)
            .call(scope -> scope.fork(() -> "value"));
    assertEquals(List.of("value"), discarded);
    assertThrows(ScopeClosedException.class, fork::outcome);
  }
}
