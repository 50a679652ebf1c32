package dev.holdfast.internal.combine;

import static dev.holdfast.testing.Blocked.forever;
import static dev.holdfast.testing.LawFixtures.PLATFORM;
import static dev.holdfast.testing.LawFixtures.ending;
import static dev.holdfast.testing.LawFixtures.endingOn;
import static dev.holdfast.testing.LawFixtures.play;
import static dev.holdfast.testing.LawFixtures.sneak;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ScopeSpec;
import dev.holdfast.ScopeTimeoutException;
import dev.holdfast.Scopes;
import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LawFixtures;
import dev.holdfast.testing.LawFixtures.Ended;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Poll;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@LeavesNothing
@Tag("one-carrier")
class RaceTest {

  private static final Duration HOUR = Duration.ofHours(1);

  /** A test that waits for the hour gets this instead. */
  private static ScopeSpec hedged() {
    return Scopes.named("race").timeout(Duration.ofSeconds(60)).hedge(HOUR);
  }

  @Test
  void a_race_of_tasks_has_the_settings_of_its_spec() {
    var late =
        assertThrows(
            ScopeTimeoutException.class,
            () ->
                Scopes.named("tasks")
                    .timeout(Duration.ofMillis(5))
                    .race(() -> Blocked.forever(), () -> Blocked.forever()));
    assertEquals("tasks", late.scope());
  }

  @EachThreadKind
  void the_first_result_wins_and_the_others_are_cancelled(ThreadFactory threads) throws Exception {
    var ended = new AtomicInteger();
    var started = new CountDownLatch(3);
    int winner =
        Scopes.named("race")
            .threads(threads)
            .race(
                List.of(1, 2, 3),
                item -> {
                  try {
                    started.countDown();
                    started.await();
                    return item == 2 ? item : Blocked.<Integer>forever();
                  } finally {
                    ended.incrementAndGet();
                  }
                });
    assertEquals(2, winner);
    assertEquals(3, ended.get());
  }

  @Test
  void a_null_can_win() throws Exception {
    Object winner = Scopes.race(List.of(1), item -> null);
    assertNull(winner);
  }

  @EachThreadKind
  void a_failure_loses_against_a_result(ThreadFactory threads) throws Exception {
    int winner =
        Scopes.named("race")
            .threads(threads)
            .race(
                List.of(1, 2, 3),
                item -> {
                  if (item == 3) {
                    return item;
                  }
                  throw new IOException("contender " + item);
                });
    assertEquals(3, winner);
  }

  @EachThreadKind
  void if_all_fail_the_first_failure_is_thrown_with_the_others(ThreadFactory threads) {
    var first = new CountDownLatch(1);
    var thrown =
        assertThrows(
            IOException.class,
            () ->
                Scopes.named("race")
                    .threads(threads)
                    .race(
                        List.of(1, 2, 3),
                        item -> {
                          if (item == 1) {
                            first.countDown();
                            throw new IOException("1");
                          }
                          first.await();
                          throw new IOException("" + item);
                        }));
    assertEquals(2, thrown.getSuppressed().length);
  }

  @Test
  void an_error_does_not_stop_the_race_but_is_not_lost() {
    var error = new AssertionError("contender");
    var call =
        OnThread.start(
            Thread.ofVirtual().uncaughtExceptionHandler((t, e) -> {}).factory(),
            () ->
                Scopes.<Integer, Object, Exception>race(
                    List.of(1),
                    item -> {
                      throw error;
                    }));
    assertSame(error, call.thrown());
  }

  @Test
  void the_deadline_of_a_race_passes() {
    var thrown =
        assertThrows(
            ScopeTimeoutException.class,
            () ->
                Scopes.named("race")
                    .timeout(Duration.ofMillis(30))
                    .race(List.of(1, 2), item -> Blocked.forever()));
    assertTrue(thrown.getMessage().contains("'race'"), thrown.getMessage());
  }

  @Test
  void its_caller_is_interrupted() {
    var call = OnThread.run(() -> Scopes.race(List.of(1, 2), item -> Blocked.forever()));
    call.blocked().interrupt();
    assertInstanceOf(InterruptedException.class, call.thrown());
    call.leavesNoFlag();
  }

  // --- hedging ---

  @Test
  void a_hedged_race_starts_one() throws Exception {
    var started = new ConcurrentLinkedQueue<Integer>();
    int winner =
        hedged()
            .race(
                List.of(1, 2, 3),
                item -> {
                  started.add(item);
                  return item;
                });
    assertEquals(1, winner);
    assertEquals(List.of(1), List.copyOf(started));
  }

  @EachThreadKind
  void the_next_starts_after_the_delay(ThreadFactory threads) throws Exception {
    var both = new CountDownLatch(2);
    long start = System.nanoTime();
    int winner =
        Scopes.named("race")
            .timeout(Duration.ofSeconds(60))
            .hedge(Duration.ofMillis(100))
            .threads(threads)
            .race(
                List.of(1, 2),
                item -> {
                  both.countDown();
                  both.await();
                  return item == 2 ? item : Blocked.<Integer>forever();
                });
    assertEquals(2, winner);
    assertTrue(System.nanoTime() - start >= 100_000_000, "did not wait for the delay");
  }

  @EachThreadKind
  void the_next_starts_when_one_has_failed(ThreadFactory threads) throws Exception {
    var waiting = new CountDownLatch(1);
    var call =
        OnThread.start(
            threads,
            () ->
                hedged()
                    .race(
                        List.of(1, 2),
                        item -> {
                          if (item == 2) {
                            return item;
                          }
                          waiting.await();
                          throw new IOException("contender 1");
                        }));
    call.blocked();
    waiting.countDown();
    assertEquals(2, call.value());
  }

  @Test
  void the_next_starts_though_the_failure_came_before_the_wait() throws Exception {
    var failed = new CountDownLatch(1);
    var ending = new AtomicInteger();
    // The source is slow: the first contender has failed and ended before it returns the next.
    Iterable<Integer> slow =
        () ->
            new Iterator<>() {
              private int next = 1;

              @Override
              public boolean hasNext() {
                if (next == 2) {
                  Poll.until(() -> failed.getCount() == 0 && ThreadScope.count() == 1);
                  ending.incrementAndGet();
                }
                return next <= 2;
              }

              @Override
              public Integer next() {
                return next++;
              }
            };
    int winner =
        hedged()
            .race(
                slow,
                item -> {
                  if (item == 2) {
                    return item;
                  }
                  failed.countDown();
                  throw new IOException("contender 1");
                });
    assertEquals(2, winner);
  }

  @Test
  void the_next_starts_at_once_whenever_the_failure_comes() throws Exception {
    // If one were missed, the round would last an hour.
    var random = new Random(7);
    for (int round = 0; round < 500; round++) {
      int spin = random.nextInt(3000);
      int winner =
          hedged()
              .race(
                  List.of(1, 2, 3),
                  item -> {
                    for (int i = 0; i < spin; i++) {
                      Thread.onSpinWait();
                    }
                    if (item == 3) {
                      return item;
                    }
                    throw new IOException("contender " + item);
                  });
      assertEquals(3, winner);
    }
  }

  /** One failure lets one contender start early, not all that are left. */
  @Test
  void a_failure_is_replaced_once() throws Exception {
    var started = new AtomicInteger();
    var call =
        OnThread.start(
            Thread.ofVirtual().factory(),
            () ->
                hedged()
                    .race(
                        List.of(1, 2, 3),
                        item -> {
                          started.incrementAndGet();
                          if (item == 1) {
                            throw new IOException("contender 1");
                          }
                          return Blocked.<Integer>forever();
                        }));
    Poll.until(() -> started.get() == 2);
    Poll.untilIn(call.thread(), "awaitFailureOr");
    call.blocked();
    assertEquals(2, started.get());
    call.interrupt();
    assertInstanceOf(InterruptedException.class, call.thrown());
    assertEquals(2, started.get());
  }

  @Test
  void a_hedged_race_that_all_lose_ends_without_a_delay() {
    var call =
        OnThread.run(() ->
            hedged()
                .race(
                    List.of(1, 2, 3),
                    item -> {
                      throw new IOException("contender " + item);
                    }));
    assertInstanceOf(IOException.class, call.thrown());
    assertEquals(2, call.thrown().getSuppressed().length);
  }

  @Test
  void a_limit_holds_in_a_race() throws Exception {
    var running = new AtomicInteger();
    int winner =
        Scopes.limit(2)
            .race(
                List.of(1, 2, 3, 4, 5, 6),
                item -> {
                  try {
                    assertTrue(running.incrementAndGet() <= 2);
                    if (item == 6) {
                      return item;
                    }
                    throw new IOException("contender " + item);
                  } finally {
                    running.decrementAndGet();
                  }
                });
    assertEquals(6, winner);
  }

  @Test
  void an_error_of_a_loser_is_reported_after_many_failures() throws Exception {
    var error = new AssertionError("contender");
    var reported = new AtomicReference<Throwable>();
    var threads =
        Thread.ofPlatform().daemon().uncaughtExceptionHandler((t, e) -> reported.set(e)).factory();
    OnThread.start(
            threads,
            () ->
                Scopes.limit(1)
                    .race(
                        IntStream.range(0, 50).boxed().toList(),
                        i -> {
                          if (i < 40) {
                            throw new IllegalStateException();
                          }
                          if (i == 40) {
                            throw error;
                          }
                          return i;
                        }))
        .value();
    assertSame(error, reported.get());
  }

  @Test
  void a_winner_is_returned_though_the_source_failed_because_it_was_interrupted() throws Exception {
    Iterable<Integer> source =
        () ->
            new Iterator<>() {
              private int next;

              @Override
              public boolean hasNext() {
                if (next == 1) {
                  try {
                    forever();
                  } catch (InterruptedException e) {
                    throw sneak(new ClosedByInterruptException());
                  }
                }
                return true;
              }

              @Override
              public Integer next() {
                return next++;
              }
            };
    Ended ended = endingOn(PLATFORM, () -> Scopes.race(source, i -> i));
    assertNull(ended.thrown());
    assertEquals(0, ended.value());
  }

  @EachThreadKind
  void a_hedged_race_starts_the_next_contender_at_once_when_one_has_failed(ThreadFactory factory)
      throws Exception {
    play(
        factory,
        3_000,
        random -> {
          int turns = random.nextInt(300);
          Ended ended =
              ending(() ->
                  Scopes.timeout(Duration.ofSeconds(20))
                      .hedge(Duration.ofHours(1))
                      .race(
                          List.of(0, 1, 2, 3),
                          i -> {
                            LawFixtures.spin(turns);
                            if (i < 3) {
                              throw new IllegalStateException("test");
                            }
                            return i;
                          }));
          assertEquals(3, ended.value(), ended::toString);
        });
  }
}
