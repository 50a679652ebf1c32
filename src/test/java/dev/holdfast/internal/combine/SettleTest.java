package dev.holdfast.internal.combine;

import static dev.holdfast.testing.Blocked.forever;
import static dev.holdfast.testing.LawFixtures.await;
import static dev.holdfast.testing.LawFixtures.endingOn;
import static dev.holdfast.testing.LawFixtures.holds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Outcome;
import dev.holdfast.ScopeException;
import dev.holdfast.Scopes;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LawFixtures;
import dev.holdfast.testing.LawFixtures.Ended;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Pace;
import dev.holdfast.testing.Poll;
import java.io.IOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@LeavesNothing
@Tag("one-carrier")
class SettleTest {

  @EachThreadKind
  void a_value_that_comes_after_the_deadline_is_discarded(ThreadFactory threads) throws Exception {
    var discarded = new ConcurrentLinkedQueue<Object>();
    Pace.find(time -> {
      var begun = new AtomicBoolean();
      List<Outcome<String, String>> outcomes =
          Scopes.named("settle")
              .threads(threads)
              .timeout(time)
              .onDiscarded(discarded::add)
              .settle(
                  List.of("late"),
                  item -> {
                    begun.set(true);
                    try {
                      return forever();
                    } catch (InterruptedException e) {
                      return item;
                    }
                  });
      assertInstanceOf(Outcome.Unfinished.class, outcomes.getFirst());
      return begun.get();
    });
    assertEquals(List.of("late"), List.copyOf(discarded));
  }

  @EachThreadKind
  void every_item_has_its_outcome_in_order(ThreadFactory threads) throws Exception {
    var failure = new IOException("item 2");
    List<Outcome<Integer, String>> outcomes =
        Scopes.named("settle")
            .threads(threads)
            .settle(
                List.of(1, 2, 3),
                (Integer item) -> {
                  if (item == 2) {
                    throw failure;
                  }
                  return "value " + item;
                });
    assertEquals(List.of(1, 2, 3), outcomes.stream().map(Outcome::item).toList());
    var first = assertInstanceOf(Outcome.Success.class, outcomes.get(0));
    assertEquals("value 1", first.value());
    assertFalse(first.elapsed().isNegative());
    var second = assertInstanceOf(Outcome.Failure.class, outcomes.get(1));
    assertSame(failure, second.cause());
    assertThrows(UnsupportedOperationException.class, () -> outcomes.remove(0));
  }

  @Test
  void an_error_is_a_failure() throws Exception {
    var error = new AssertionError("item");
    List<Outcome<Integer, Integer>> outcomes =
        Scopes.settle(
            List.of(1),
            (Integer item) -> {
              throw error;
            });
    assertSame(error, assertInstanceOf(Outcome.Failure.class, outcomes.get(0)).cause());
  }

  @Test
  void an_item_that_failed_before_expiry_is_a_failure_and_a_late_one_is_unfinished()
      throws Exception {
    var failure = new IOException("item 1");
    Pace.find(time -> {
      List<Outcome<Integer, Integer>> outcomes =
          Scopes.timeout(time)
              .settle(
                  List.of(1, 2, 3),
                  (Integer item) -> {
                    if (item == 1) {
                      throw failure;
                    }
                    return item == 2 ? Blocked.<Integer>forever() : item;
                  });
      assertInstanceOf(Outcome.Unfinished.class, outcomes.get(1));
      return outcomes.get(0) instanceof Outcome.Failure
          && outcomes.get(2) instanceof Outcome.Success;
    });
  }

  @Test
  void a_failure_of_the_source_after_expiry_is_not_lost() throws Exception {
    Pace.find(SettleTest::isNotLost);
  }

  private static boolean isNotLost(Duration time) {
    var asked = new AtomicBoolean();
    var marker = new IllegalStateException("source");
    Iterable<Integer> source =
        () ->
            java.util.stream.Stream.generate(
                    () -> {
                      asked.set(true);
                      try {
                        return Blocked.<Integer>forever();
                      } catch (InterruptedException e) {
                        throw marker;
                      }
                    })
                .iterator();
    Throwable thrown =
        LawFixtures.ending(() -> Scopes.timeout(time).settle(source, item -> item)).thrown();
    if (asked.get()) {
      assertNotNull(thrown);
      assertSame(marker, thrown instanceof ScopeException ? thrown.getSuppressed()[0] : thrown);
    }
    return asked.get();
  }

  @EachThreadKind
  void its_caller_is_interrupted(ThreadFactory threads) {
    var started = new CountDownLatch(2);
    var call =
        OnThread.run(
            threads,
            () ->
                Scopes.settle(
                    List.of(1, 2),
                    item -> {
                      started.countDown();
                      return Blocked.forever();
                    }));
    Poll.until(() -> started.getCount() == 0);
    call.blocked().interrupt();
    assertInstanceOf(InterruptedException.class, call.thrown());
    call.leavesNoFlag();
  }

  @EachThreadKind
  void failures_of_items_are_suppressed_on_the_exception_of_a_settle(ThreadFactory factory)
      throws Exception {
    var failure = new AssertionError("item");
    var failed = new CountDownLatch(1);
    var runner =
        OnThread.start(
            factory,
            () ->
                Scopes.settle(
                    List.of(1, 2),
                    i -> {
                      if (i == 1) {
                        failed.countDown();
                        throw failure;
                      }
                      return forever();
                    }));
    await(failed);
    runner.blocked();
    runner.interrupt();
    Ended ended = runner.ended();
    assertInstanceOf(InterruptedException.class, ended.thrown());
    assertTrue(holds(ended.thrown(), failure), "the Error of an item is nowhere");
  }

  @Test
  void an_error_of_an_item_after_the_handler_has_failed_is_not_lost() {
    var failure = new IOException("handler");
    var error = new AssertionError("item");
    var late = new IllegalStateException("late");
    var started = new CountDownLatch(2);
    var thrown =
        assertThrows(
            IOException.class,
            () ->
                Scopes.settle(
                    List.of(1, 2, 3),
                    item -> {
                      if (item == 1) {
                        await(started);
                        return item;
                      }
                      started.countDown();
                      try {
                        return forever();
                      } catch (InterruptedException e) {
                        if (item == 2) {
                          throw error;
                        }
                        throw late;
                      }
                    },
                    outcome -> {
                      throw failure;
                    }));
    assertSame(failure, thrown);
    assertTrue(holds(thrown, error), "the Error of an item is nowhere");
    assertFalse(holds(thrown, late), "an exception of a cancelled item is an outcome");
  }

  @Test
  void an_interrupt_flag_that_a_handler_leaves_after_the_deadline_reaches_the_caller_only()
      throws Exception {
    var flags = new ConcurrentLinkedQueue<Boolean>();
    var outcomes =
        Scopes.timeout(Duration.ofMillis(5))
            .limit(1)
            .settle(
                List.of(1, 2, 3),
                item -> forever(),
                outcome -> {
                  if (outcome.item() != 1) { // the deadline may interrupt the handling of the first
                    flags.add(Thread.currentThread().isInterrupted());
                  }
                  Thread.currentThread().interrupt();
                });
    assertTrue(Thread.interrupted(), "the flag of the last handler is lost");
    assertEquals(3, outcomes.size());
    assertEquals(List.of(false, false), List.copyOf(flags));
  }

  @Test
  void an_error_of_the_source_after_expiry_is_not_lost() throws Exception {
    Pace.find(SettleTest::keepsWhatTheSourceThrew);
  }

  private static boolean keepsWhatTheSourceThrew(Duration time) throws Exception {
    var thrown = new AtomicBoolean();
    var broken = new AssertionError("source");
    var reported = new AtomicReference<Throwable>();
    var threads =
        Thread.ofPlatform().daemon().uncaughtExceptionHandler((t, e) -> reported.set(e)).factory();
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
                    thrown.set(true);
                    throw broken;
                  }
                }
                return true;
              }

              @Override
              public Integer next() {
                return next++;
              }
            };
    Ended ended = endingOn(threads, () -> Scopes.timeout(time).settle(source, i -> i));
    if (thrown.get()) {
      assertTrue(
          (ended.thrown() != null && holds(ended.thrown(), broken)) || reported.get() == broken,
          ended::toString);
    }
    return thrown.get();
  }

  @EachThreadKind
  void outcomes_survive_a_source_that_wraps_the_interrupt_of_the_deadline(ThreadFactory threads)
      throws Exception {
    Iterable<Integer> source =
        () ->
            new Iterator<>() {
              private int next;

              @Override
              public boolean hasNext() {
                return true;
              }

              @Override
              public Integer next() {
                if (next == 2) {
                  try {
                    return Blocked.forever();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IllegalStateException("no more pages", e);
                  }
                }
                return next++;
              }
            };
    OnThread.run(
            threads,
            () ->
                Pace.find(time -> {
                  List<Outcome<Integer, Integer>> outcomes =
                      Scopes.timeout(time).settle(source, (Integer item) -> item);
                  assertFalse(Thread.interrupted());
                  return outcomes.size() == 2
                      && outcomes.stream().allMatch(Outcome.Success.class::isInstance);
                }))
        .value();
  }
}
