package dev.holdfast;

import static dev.holdfast.testing.LawFixtures.PLATFORM;
import static dev.holdfast.testing.LawFixtures.await;
import static dev.holdfast.testing.LawFixtures.endingOn;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.util.DeadlineAccess;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LawFixtures.Ended;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Pace;
import dev.holdfast.testing.Poll;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Tests {@code Deadline}, {@code DeadlineAccess} and {@code DeadlineAlarm} as well. */
@LeavesNothing
@Tag("one-carrier")
class Law09TimeoutIsNotCancellationTest {

  private static final Duration SHORT = Duration.ofMillis(20);
  private static final Duration LONG = Duration.ofSeconds(20);

  private static ScopeTimeoutException timesOut(OnThread.Code code) {
    var call = OnThread.run(code);
    var thrown = assertInstanceOf(ScopeTimeoutException.class, call.thrown());
    call.leavesNoFlag();
    return thrown;
  }

  private static void awaitExpiry(Deadline deadline) {
    Poll.until(deadline::isExpired);
  }

  // --- the scope that set it converts it ---

  @EachThreadKind
  void the_scope_that_set_the_deadline_converts_it(ThreadFactory threads) {
    var inside = new AtomicReference<Throwable>();
    var call =
        OnThread.run(
            threads,
            () ->
                Scopes.named("outer")
                    .timeout(SHORT)
                    .run(outer -> {
                      try {
                        Scopes.named("inner").timeout(LONG).run(inner -> Blocked.forever());
                      } catch (Throwable t) {
                        inside.set(t);
                        throw t;
                      }
                    }));
    var thrown = assertInstanceOf(ScopeTimeoutException.class, call.thrown());
    assertEquals(SHORT, thrown.timeout());
    assertTrue(thrown.getMessage().contains("'outer'"), thrown.getMessage());
    assertInstanceOf(InterruptedException.class, inside.get());
    call.leavesNoFlag();
  }

  @EachThreadKind
  void an_inner_timeout_replaced_by_a_fallback_leaves_the_outer_alone(ThreadFactory threads) {
    var call =
        OnThread.start(
            threads,
            () ->
                Scopes.timeout(LONG)
                    .call(outer -> {
                      Fork<Integer> sibling = outer.fork(() -> 1);
                      int value;
                      try {
                        value = Scopes.timeout(SHORT).call(inner -> Blocked.forever());
                      } catch (ScopeTimeoutException e) {
                        value = 2;
                      }
                      Scopes.checkpoint();
                      assertFalse(outer.isCancelled());
                      return value + sibling.join() + outer.fork(() -> 4).join();
                    }));
    assertEquals(7, call.value());
    call.leavesNoFlag();
  }

  @Test
  void an_inner_timeout_in_a_task_leaves_the_outer_alone() throws Exception {
    List<Integer> values =
        Scopes.timeout(LONG)
            .fanOut(
                List.of(1, 2, 3),
                item -> {
                  try {
                    return Scopes.timeout(SHORT).call(inner -> Blocked.<Integer>forever());
                  } catch (ScopeTimeoutException e) {
                    return -item;
                  }
                });
    assertEquals(List.of(-1, -2, -3), values);
  }

  @Test
  void an_inner_timeout_that_is_not_caught_is_a_failure() {
    var thrown =
        assertThrows(
            ForkFailedException.class,
            () ->
                Scopes.timeout(LONG)
                    .run(outer -> {
                      outer.fork(() -> Scopes.timeout(SHORT).call(inner -> Blocked.forever()));
                      Blocked.forever();
                    }));
    assertEquals(SHORT, assertInstanceOf(ScopeTimeoutException.class, thrown.getCause()).timeout());
  }

  @Test
  void an_inner_timeout_while_the_inner_body_waits_for_a_place_of_the_outer() throws Exception {
    var release = new CountDownLatch(1);
    int value =
        Scopes.limit(1)
            .call(outer -> {
              outer.fork(() -> release.await());
              try {
                Scopes.timeout(SHORT)
                    .run(inner -> {
                      outer.fork(() -> {});
                      Scopes.checkpoint();
                    });
              } catch (ScopeTimeoutException e) {
                release.countDown();
              }
              assertFalse(outer.isCancelled(), "the inner timeout cancelled the outer scope");
              return 3;
            });
    assertEquals(3, value);
  }

  @Test
  void a_cancellation_is_not_a_timeout() {
    assertThrows(
        ScopeCancelledException.class,
        () ->
            Scopes.timeout(LONG)
                .run(scope -> {
                  scope.cancel("enough");
                  Blocked.forever();
                }));
  }

  @Test
  void a_spec_counts_from_each_start() throws Exception {
    ScopeSpec spec = Scopes.timeout(LONG);
    Deadline first = spec.call(scope -> Scopes.deadline());
    awaitExpiry(Deadline.after(Duration.ofMillis(1)));
    Deadline second = spec.call(scope -> Scopes.deadline());
    assertSame(first, first.earliest(second));
    assertTrue(DeadlineAccess.nanos(second) - DeadlineAccess.nanos(first) >= 1_000_000);
  }

  @Test
  void the_earlier_of_timeout_and_deadline_counts() {
    var soon = Deadline.after(SHORT);
    assertEquals(
        SHORT,
        timesOut(() -> Scopes.timeout(LONG).deadline(soon).run(s -> Blocked.forever())).timeout());
    var late = Deadline.after(LONG);
    assertEquals(
        SHORT,
        timesOut(() -> Scopes.timeout(SHORT).deadline(late).run(s -> Blocked.forever())).timeout());
  }

  @Test
  void a_deadline_that_has_passed_ends_a_scope_at_once() {
    var past = Deadline.after(Duration.ofNanos(1));
    awaitExpiry(past);
    timesOut(() -> Scopes.named("late").deadline(past).run(scope -> Blocked.forever()));
  }

  // --- results from before expiry ---

  @EachThreadKind
  void a_result_that_was_ready_before_expiry_wins(ThreadFactory threads) throws Exception {
    // All work has ended and a closer is slow.
    Pace.find(time -> {
      var ready = new AtomicBoolean();
      var ended =
          OnThread.start(() ->
              Scopes.timeout(time)
                  .threads(threads)
                  .call(scope -> {
                    Deadline deadline = Scopes.deadline();
                    scope.onExit(() -> {
                      ready.set(!deadline.isExpired());
                      awaitExpiry(deadline);
                    });
                    return scope.fork(() -> "ready").join();
                  }));
      ended.end();
      if (ready.get()) {
        assertEquals("ready", ended.value());
      }
      return ready.get();
    });
  }

  @EachThreadKind
  void a_failure_from_before_expiry_wins(ThreadFactory threads) throws Exception {
    var marker = new IllegalStateException("marker");
    Pace.find(time -> {
      var failed = new AtomicBoolean();
      var ended =
          OnThread.run(() ->
              Scopes.timeout(time)
                  .threads(threads)
                  .run(scope -> {
                    Deadline deadline = Scopes.deadline();
                    scope.fork(() -> {
                      throw marker;
                    });
                    Poll.until(scope::isCancelled);
                    failed.set(!deadline.isExpired());
                    awaitExpiry(deadline);
                  }));
      Throwable thrown = ended.thrown();
      if (failed.get()) {
        assertSame(marker, assertInstanceOf(ForkFailedException.class, thrown).getCause());
      }
      return failed.get();
    });
  }

  @Test
  void a_body_that_swallows_the_expiry_is_timed_out() {
    timesOut(() ->
        Scopes.timeout(SHORT)
            .call(scope -> {
              try {
                return Blocked.forever();
              } catch (InterruptedException e) {
                return "too late";
              }
            }));
  }

  @Test
  void a_call_returns_its_value_or_throws_a_timeout() {
    int values = 0;
    int timeouts = 0;
    for (int round = 0; round < 400; round++) {
      long nanos = 30_000 + 1_000L * round;
      try {
        assertEquals(
            List.of(1, 2), Scopes.timeout(Duration.ofNanos(nanos)).fanOut(List.of(1, 2), i -> i));
        values++;
      } catch (ScopeTimeoutException e) {
        assertEquals(0, e.getSuppressed().length);
        timeouts++;
      } catch (InterruptedException e) {
        throw new AssertionError("a timeout was thrown as an interrupt", e);
      }
      assertFalse(Thread.currentThread().isInterrupted());
    }
    assertEquals(400, values + timeouts);
  }

  // --- settle ---

  @Test
  void settle_converts_its_own_expiry() throws Exception {
    Pace.find(time -> {
      List<Outcome<Integer, Integer>> outcomes =
          Scopes.timeout(time)
              .limit(2)
              .settle(
                  List.of(1, 2, 3, 4),
                  (Integer item) -> item == 1 ? item : Blocked.<Integer>forever());
      assertEquals(4, outcomes.size());
      for (int i = 1; i < 4; i++) {
        assertInstanceOf(Outcome.Unfinished.class, outcomes.get(i));
        assertEquals(i + 1, outcomes.get(i).item());
      }
      return outcomes.get(0) instanceof Outcome.Success;
    });
  }

  @Test
  void settle_does_not_convert_the_outer_expiry() {
    timesOut(() ->
        Scopes.named("outer")
            .timeout(SHORT)
            .run(outer -> {
              Scopes.timeout(LONG).settle(List.of(1), item -> Blocked.forever());
              throw new AssertionError("settle returned");
            }));
  }

  @Test
  void settle_does_not_convert_a_timeout_of_its_source() {
    var own = timesOut(() -> Scopes.timeout(SHORT).run(scope -> Blocked.forever()));
    Iterable<Integer> source =
        () ->
            new Iterator<>() {
              @Override
              public boolean hasNext() {
                throw own;
              }

              @Override
              public Integer next() {
                throw own;
              }
            };
    assertSame(
        own,
        assertThrows(
            ScopeTimeoutException.class, () -> Scopes.timeout(LONG).settle(source, item -> item)));
  }

  @Test
  void settle_takes_a_timeout_inside_a_task_as_its_failure() throws Exception {
    List<Outcome<Integer, Integer>> outcomes =
        Scopes.timeout(LONG)
            .settle(
                List.of(1),
                (Integer item) -> Scopes.timeout(SHORT).call(scope -> Blocked.<Integer>forever()));
    var failure = assertInstanceOf(Outcome.Failure.class, outcomes.get(0));
    assertInstanceOf(ScopeTimeoutException.class, failure.cause());
  }

  // --- Scopes.deadline() ---

  private static boolean isAbout(Duration expected, Deadline deadline) {
    Duration left = deadline.remaining();
    return left.compareTo(expected) <= 0 && left.compareTo(expected.minusSeconds(9)) > 0;
  }

  @Test
  void there_is_no_deadline_outside() {
    assertSame(Deadline.NONE, Scopes.deadline());
    assertFalse(Deadline.NONE.isExpired());
    assertEquals(Integer.MAX_VALUE, Deadline.NONE.remaining().toSeconds());
  }

  @Test
  void the_nearest_enclosing_deadline_that_comes_first() throws Exception {
    Scopes.run(scope -> assertSame(Deadline.NONE, Scopes.deadline()));
    Scopes.timeout(LONG)
        .run(outer -> {
          Deadline around = Scopes.deadline();
          assertTrue(isAbout(LONG, around));
          assertSame(around, outer.fork(() -> Scopes.deadline()).join(), "in a task");
          Scopes.run(inner -> assertSame(around, Scopes.deadline(), "in a nested scope"));
          Scopes.timeout(Duration.ofHours(1))
              .run(inner -> assertSame(around, Scopes.deadline(), "under a later one"));
          Scopes.timeout(Duration.ofSeconds(10))
              .run(inner -> {
                Deadline nearer = Scopes.deadline();
                assertTrue(isAbout(Duration.ofSeconds(10), nearer));
                assertSame(nearer, inner.fork(() -> Scopes.deadline()).join());
                assertSame(around, outer.fork(() -> Scopes.deadline()).join(), "a task of outer");
              });
          assertSame(around, Scopes.deadline(), "after a nested scope");
        });
    assertSame(Deadline.NONE, Scopes.deadline());
  }

  @Test
  void a_shield_has_its_own() throws Exception {
    Scopes.timeout(Duration.ofSeconds(10))
        .run(scope -> {
          Deadline around = Scopes.deadline();
          Scopes.shield(
              Duration.ofSeconds(100),
              () -> {
                Deadline own = Scopes.deadline();
                assertTrue(isAbout(Duration.ofSeconds(100), own));
                Scopes.run(inner -> assertSame(own, Scopes.deadline()));
                return Scopes.call(inner -> {
                  assertSame(own, inner.fork(() -> Scopes.deadline()).join());
                  return null;
                });
              });
          assertSame(around, Scopes.deadline());
        });
  }

  @Test
  void a_closer_has_none() throws Exception {
    var seen = new AtomicReference<Deadline>();
    var nested = new AtomicReference<Deadline>();
    Scopes.timeout(LONG)
        .run(scope ->
            scope.onExit(() -> {
              seen.set(Scopes.deadline());
              Scopes.run(inner -> nested.set(Scopes.deadline()));
            }));
    assertSame(Deadline.NONE, seen.get());
    assertSame(Deadline.NONE, nested.get());
  }

  @Test
  void a_task_forked_in_the_outer_scope_outlives_the_inner_deadline() throws Exception {
    Pace.find(time -> {
      Fork<Boolean> fork =
          Scopes.call(outer -> {
            var release = new CountDownLatch(1);
            var started = new AtomicReference<Fork<Boolean>>();
            try {
              Scopes.timeout(time)
                  .run(inner -> {
                    started.set(
                        outer.fork(() -> {
                          release.await();
                          return true;
                        }));
                    Blocked.forever();
                  });
            } catch (ScopeTimeoutException e) {
              release.countDown();
            }
            return started.get();
          });
      return fork != null && fork.join();
    });
  }

  // --- the exception ---

  /**
   * Threads that wait until they are interrupted, and whether all of them did before a deadline.
   */
  private static final class Waiting {

    final List<Thread> threads = new CopyOnWriteArrayList<>();
    volatile boolean inTime;

    void here() throws InterruptedException {
      threads.add(Thread.currentThread());
      new CountDownLatch(1).await();
    }

    void until(int count) throws InterruptedException {
      Deadline deadline = Scopes.deadline();
      Poll.until(() -> deadline.isExpired() || areWaiting(count));
      inTime = !deadline.isExpired();
      new CountDownLatch(1).await();
    }

    private boolean areWaiting(int count) {
      return threads.size() == count
          && threads.stream().allMatch(thread -> Poll.isIn(thread, "await"));
    }
  }

  @Test
  void the_exception_names_scope_timeout_and_what_was_running() throws Exception {
    Pace.find(time -> {
      var waiting = new Waiting();
      var thrown =
          timesOut(() ->
              Scopes.named("orders")
                  .timeout(time)
                  .run(scope -> {
                    scope.fork("slow", waiting::here);
                    scope.fork("done", () -> {}).join();
                    scope.fork(() ->
                        Scopes.named("deep")
                            .run(inner -> {
                              inner.fork("deeper", waiting::here);
                              waiting.here();
                            }));
                    waiting.until(3);
                  }));
      assertEquals(time, thrown.timeout());
      if (waiting.inTime) {
        hasAll(thrown.toString(), time);
        isShort(thrown);
      }
      return waiting.inTime;
    });
  }

  @Test
  void what_was_running_does_not_change() {
    var running = new ArrayList<>(List.of("slow"));
    var thrown = new ScopeTimeoutException("late", "orders", Duration.ZERO, running);
    running.clear();
    assertEquals(List.of("slow"), thrown.running());
    assertThrows(UnsupportedOperationException.class, () -> thrown.running().clear());
  }

  /** A message for a response has one line, names the scope, and shows no stack. */
  private static void isShort(ScopeTimeoutException thrown) {
    String message = thrown.getMessage();
    assertEquals(1, message.lines().count(), message);
    assertTrue(message.contains("'orders'"), message);
    assertTrue(message.contains("; and 1 more"), message);
    assertFalse(message.contains(".java:"), message);
    assertEquals("orders", thrown.scope());
    assertEquals(4, thrown.running().size(), thrown.running()::toString);
  }

  private static void hasAll(String message, Duration time) {
    assertTrue(message.contains("'orders'"), message);
    assertTrue(message.contains(time.toString()), message);
    assertTrue(message.contains("its body"), message);
    assertTrue(Pattern.compile("slow, for \\d+ ms\\R +at ").matcher(message).find(), message);
    assertTrue(Pattern.compile("deeper, for \\d+ ms\\R +at ").matcher(message).find(), message);
    assertTrue(Pattern.compile("orders/3, for \\d+ ms\\R +at ").matcher(message).find(), message);
    assertTrue(message.contains("CountDownLatch.await"), message);
    assertTrue(message.contains("Waiting.here("), message);
    assertFalse(message.contains("done, for"), message);
  }

  @Test
  void the_exception_names_a_fan_out_and_every_task_that_was_running() throws Exception {
    Pace.find(time -> {
      var waiting = new Waiting();
      var thrown =
          timesOut(() ->
              Scopes.named("quotes")
                  .timeout(time)
                  .fanOut(
                      IntStream.rangeClosed(1, 25).boxed().toList(),
                      item -> {
                        if (item == 25) {
                          waiting.until(24);
                        }
                        waiting.here();
                        return item;
                      }));
      String message = thrown.toString();
      assertTrue(message.contains("'quotes'"), message);
      assertTrue(thrown.getMessage().length() < 400, thrown.getMessage());
      for (int i = 1; i <= 25 && waiting.inTime; i++) {
        assertTrue(message.contains("quotes/" + i + ", for "), message);
      }
      return waiting.inTime;
    });
  }

  @Test
  void an_inner_timeout_while_the_outer_scope_forks_at_its_limit_ends_the_inner_only()
      throws Exception {
    var done = new CountDownLatch(1);
    Ended ended =
        endingOn(
            PLATFORM,
            () ->
                Scopes.limit(1)
                    .call(outer -> {
                      outer.fork(() -> await(done));
                      try {
                        Scopes.timeout(Duration.ofMillis(5)).run(inner -> outer.fork(() -> 1));
                      } catch (ScopeTimeoutException expected) {
                        done.countDown();
                      }
                      return "value";
                    }));
    assertNull(ended.thrown());
    assertEquals("value", ended.value());
  }
}
