package dev.holdfast.internal.combine;

import static dev.holdfast.testing.LawFixtures.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Outcome;
import dev.holdfast.ScopeTimeoutException;
import dev.holdfast.Scopes;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Pace;
import dev.holdfast.testing.Poll;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Results that are handled as they arrive: each, and settle with a handler.
 *
 * <p>Tests {@code ItemTimeout} as well.
 */
@LeavesNothing
@Tag("one-carrier")
class AsCompletedTest {

  private static final Duration LONG = Duration.ofSeconds(20);
  private static final Duration SHORT = Duration.ofMillis(300);

  @EachThreadKind
  void results_are_handled_on_the_calling_thread_as_they_arrive(ThreadFactory threads) {
    var call =
        OnThread.start(
            threads,
            () -> {
              var second = new CountDownLatch(1);
              var arrived = new ArrayList<Integer>();
              Thread caller = Thread.currentThread();
              Scopes.named("each")
                  .threads(threads)
                  .each(
                      List.of(1, 2),
                      item -> {
                        if (item == 1) {
                          await(second);
                        }
                        return item;
                      },
                      item -> {
                        assertSame(caller, Thread.currentThread());
                        arrived.add(item);
                        second.countDown();
                      });
              return arrived;
            });
    assertEquals(List.of(2, 1), call.value());
    call.leavesNoFlag();
  }

  @Test
  void null_results_and_no_items_are_fine() throws Exception {
    var arrived = new ArrayList<String>();
    Scopes.each(List.of(1), item -> (String) null, arrived::add);
    Scopes.each(List.<Integer>of(), item -> "none", arrived::add);
    assertEquals(Arrays.asList((String) null), arrived);
  }

  @Test
  void a_result_that_has_arrived_is_handled_before_another_item_is_taken() throws Exception {
    var first = new AtomicReference<Thread>();
    var handled = new ArrayList<Integer>();
    Iterator<Integer> items =
        new Iterator<>() {
          private int next = 1;

          @Override
          public boolean hasNext() {
            if (next == 2) {
              Poll.until(() -> first.get() != null && !first.get().isAlive());
            }
            assertTrue(next < 3 || handled.contains(1), "the first result waits for an item");
            return next <= 3;
          }

          @Override
          public Integer next() {
            return next++;
          }
        };
    Scopes.limit(3)
        .each(
            () -> items,
            item -> {
              first.compareAndSet(null, Thread.currentThread());
              return item;
            },
            handled::add);
    assertEquals(Set.of(1, 2, 3), Set.copyOf(handled));
  }

  @EachThreadKind
  void the_first_failure_of_an_item_cancels_the_rest(ThreadFactory threads) {
    var failure = new IOException("marker");
    var cancelled = new AtomicBoolean();
    var started = new CountDownLatch(1);
    var call =
        OnThread.run(
            threads,
            () ->
                Scopes.each(
                    List.of(1, 2),
                    item -> {
                      if (item == 2) {
                        await(started);
                        throw failure;
                      }
                      started.countDown();
                      try {
                        return Blocked.<Integer>forever();
                      } catch (InterruptedException e) {
                        cancelled.set(true);
                        throw e;
                      }
                    },
                    item -> {}));
    assertSame(failure, call.thrown());
    assertTrue(cancelled.get());
    call.leavesNoFlag();
  }

  @EachThreadKind
  void a_failure_of_an_item_interrupts_the_handler(ThreadFactory threads) {
    var failure = new IOException("marker");
    var started = new CountDownLatch(1);
    var handling = new CountDownLatch(1);
    var call =
        OnThread.run(
            threads,
            () ->
                Scopes.each(
                    List.of(1, 2),
                    item -> {
                      if (item == 2) {
                        started.countDown();
                        await(handling);
                        throw failure;
                      }
                      await(started); // while a result waits to be handled, no item starts
                      return item;
                    },
                    item -> {
                      handling.countDown();
                      Blocked.forever();
                    }));
    assertSame(failure, call.thrown());
    call.leavesNoFlag();
  }

  @EachThreadKind
  void a_failure_of_the_handler_cancels_the_items(ThreadFactory threads) {
    var failure = new IOException("marker");
    var call =
        OnThread.run(
            threads,
            () ->
                Scopes.each(
                    List.of(1, 2),
                    item -> item == 1 ? item : Blocked.<Integer>forever(),
                    item -> {
                      throw failure;
                    }));
    assertSame(failure, call.thrown());
    call.leavesNoFlag();
  }

  @EachThreadKind
  void an_interrupt_from_outside_ends_it(ThreadFactory threads) {
    var call =
        OnThread.run(
            threads, () -> Scopes.each(List.of(1), item -> Blocked.<Integer>forever(), item -> {}));
    call.blocked();
    call.interrupt();
    assertInstanceOf(InterruptedException.class, call.thrown());
    call.leavesNoFlag();
  }

  @Test
  void a_slow_handler_bounds_the_items_in_flight() throws Exception {
    var started = new AtomicInteger();
    var most = new AtomicInteger();
    var handled = new AtomicInteger();
    Iterable<Integer> endless = () -> IntStream.iterate(0, i -> i + 1).iterator();
    var failure =
        assertThrows(
            IOException.class,
            () ->
                Scopes.limit(3)
                    .each(
                        endless,
                        item -> started.incrementAndGet(),
                        item -> {
                          most.accumulateAndGet(started.get() - handled.get(), Math::max);
                          if (handled.incrementAndGet() == 100) {
                            throw new IOException("enough");
                          }
                        }));
    assertEquals("enough", failure.getMessage());
    assertTrue(most.get() <= 3, most::toString);
  }

  @Test
  void values_that_were_not_handled_are_discarded() throws Exception {
    Queue<Object> discarded = new ConcurrentLinkedQueue<>();
    var both = new CountDownLatch(2);
    assertThrows(
        IOException.class,
        () ->
            Scopes.named("each")
                .onDiscarded(discarded::add)
                .each(
                    List.of("a", "b"),
                    item -> {
                      both.countDown();
                      Blocked.stubbornly(both); // each value arrives or comes late
                      return item;
                    },
                    item -> {
                      throw new IOException("marker");
                    }));
    assertEquals(1, discarded.size(), discarded::toString);
  }

  @EachThreadKind
  void settle_passes_every_outcome_once_and_returns_them_in_order(ThreadFactory threads) {
    var failure = new IOException("marker");
    var call =
        OnThread.run(
            threads,
            () -> {
              var passed = new ArrayList<Outcome<Integer, Integer>>();
              List<Outcome<Integer, Integer>> outcomes =
                  Scopes.settle(
                      List.of(1, 2, 3),
                      item -> {
                        if (item == 2) {
                          throw failure;
                        }
                        return item;
                      },
                      passed::add);
              assertEquals(List.of(1, 2, 3), outcomes.stream().map(Outcome::item).toList());
              assertEquals(3, passed.size());
              assertTrue(passed.containsAll(outcomes));
              assertSame(failure, Outcome.failures(outcomes).get(0).cause());
            });
    assertNull(call.thrown());
  }

  @EachThreadKind
  void after_the_deadline_the_unfinished_outcomes_are_passed_last(ThreadFactory threads) {
    var call =
        OnThread.run(
            threads,
            () -> {
              var passed = new ArrayList<Integer>();
              var outcomes =
                  Scopes.timeout(Duration.ofSeconds(1))
                      .limit(2)
                      .settle(
                          List.of(1, 2, 3, 4),
                          item -> item == 1 ? item : Blocked.<Integer>forever(),
                          outcome -> passed.add(outcome.item()));
              assertEquals(List.of(1, 2, 3, 4), outcomes.stream().map(Outcome::item).toList());
              assertEquals(4, passed.size());
              assertEquals(List.of(1, 2, 3, 4), passed.stream().sorted().toList());
              assertEquals(4, passed.get(3));
              assertEquals(List.of(1), Outcome.successes(outcomes));
              assertInstanceOf(Outcome.Unfinished.class, outcomes.get(3));
            });
    assertNull(call.thrown());
    call.leavesNoFlag();
  }

  /** Reading on could block, or never end. */
  @Test
  void a_lazy_source_is_not_read_on_after_the_deadline() throws Exception {
    var pulled = new AtomicInteger();
    Iterator<Integer> source =
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return pulled.get() < 9;
          }

          @Override
          public Integer next() {
            return pulled.incrementAndGet();
          }
        };
    var passed = new ArrayList<Outcome<Integer, Integer>>();
    var outcomes =
        Scopes.timeout(Duration.ofMillis(50))
            .limit(2)
            .settle(() -> source, item -> Blocked.<Integer>forever(), passed::add);
    assertTrue(pulled.get() <= 2, () -> pulled + " items read");
    assertEquals(pulled.get(), outcomes.size());
    assertEquals(Set.copyOf(outcomes), Set.copyOf(passed));
  }

  @Test
  void if_the_handler_fails_after_the_deadline_the_values_that_are_left_are_discarded()
      throws Exception {
    var failure = new IOException("marker");
    Pace.find(time -> {
      Queue<Object> discarded = new ConcurrentLinkedQueue<>();
      var handled = new ArrayList<Object>();
      var all = new CountDownLatch(3);
      var thrown =
          assertThrows(
              Exception.class,
              () ->
                  Scopes.timeout(time)
                      .onDiscarded(discarded::add)
                      .settle(
                          List.of("a", "b", "c"),
                          item -> {
                            all.countDown();
                            all.await(); // an item starts only while no result waits
                            return item;
                          },
                          outcome -> {
                            handled.add(outcome.item());
                            if (handled.size() > 1) {
                              throw failure;
                            }
                            Thread.sleep(time.multipliedBy(2)); // until the deadline
                          }));
      assertTrue(discarded.stream().noneMatch(handled::contains), discarded::toString);
      return thrown == failure && discarded.size() == 1;
    });
  }

  @Test
  void a_failure_of_the_outcome_handler_is_thrown() {
    var failure = new IOException("marker");
    var thrown =
        assertThrows(
            IOException.class,
            () ->
                Scopes.settle(
                    List.of(1, 2),
                    item -> item == 1 ? item : Blocked.<Integer>forever(),
                    outcome -> {
                      throw failure;
                    }));
    assertSame(failure, thrown);
  }

  @Test
  void a_lazy_source_is_read_as_results_are_handled() throws Exception {
    var pulled = new AtomicInteger();
    var most = new AtomicInteger();
    var handled = new AtomicInteger();
    Iterator<Integer> source =
        IntStream.range(0, 50).peek(i -> pulled.incrementAndGet()).boxed().iterator();
    Scopes.limit(2)
        .each(
            () -> source,
            item -> item,
            item -> {
              most.accumulateAndGet(pulled.get() - handled.get(), Math::max);
              handled.incrementAndGet();
            });
    assertEquals(50, handled.get());
    assertTrue(most.get() <= 3, most::toString); // an iterator of a stream reads one ahead
  }

  @Test
  void an_item_with_a_timeout_of_its_own_fails_alone() throws Exception {
    Pace.find(time -> {
      var outcomes =
          Scopes.named("items")
              .itemTimeout(time)
              .settle(List.of(1, 2), item -> item == 1 ? item : Blocked.<Integer>forever());
      boolean inTime = Outcome.successes(outcomes).equals(List.of(1));
      if (inTime) {
        var late =
            assertInstanceOf(
                ScopeTimeoutException.class, Outcome.failures(outcomes).get(0).cause());
        assertEquals("items", late.scope());
        assertTrue(late.getMessage().contains("items/2"), late.getMessage());
      }
      return inTime;
    });
    for (var spec : List.of(Scopes.named("a").itemTimeout(LONG))) {
      assertThrows(IllegalStateException.class, () -> spec.run(scope -> {}));
      assertThrows(IllegalStateException.class, () -> spec.call(scope -> 1));
      assertThrows(IllegalStateException.class, spec::open);
    }
  }

  @EachThreadKind
  void an_item_timeout_fails_every_combinator_that_throws(ThreadFactory threads) {
    var spec = Scopes.named("items").threads(threads).itemTimeout(SHORT);
    assertThrows(
        ScopeTimeoutException.class,
        () -> spec.fanOut(List.of(1), item -> Blocked.<Integer>forever()));
    assertThrows(
        ScopeTimeoutException.class, () -> spec.forEach(List.of(1), item -> Blocked.forever()));
    assertThrows(
        ScopeTimeoutException.class,
        () -> spec.each(List.of(1), item -> Blocked.<Integer>forever(), item -> {}));
    assertThrows(
        ScopeTimeoutException.class,
        () -> spec.race(List.of(1), item -> Blocked.<Integer>forever()));
    assertThrows(ScopeTimeoutException.class, () -> spec.fanOut(() -> Blocked.forever(), () -> {}));
  }

  @Test
  void a_value_that_came_after_the_timeout_of_its_item_is_discarded() throws Exception {
    Pace.find(time -> {
      Queue<Object> discarded = new ConcurrentLinkedQueue<>();
      var returned = new AtomicBoolean();
      Scopes.named("items")
          .itemTimeout(time)
          .onDiscarded(discarded::add)
          .settle(
              List.of("late"),
              item -> {
                try {
                  return Blocked.<String>forever();
                } catch (InterruptedException e) {
                  returned.set(true);
                  return item;
                }
              });
      assertEquals(returned.get() ? List.of("late") : List.of(), List.copyOf(discarded));
      return returned.get();
    });
  }

  @Test
  void an_interrupt_flag_that_the_last_handler_leaves_ends_the_call() {
    assertThrows(
        InterruptedException.class,
        () -> Scopes.each(List.of(1), item -> item, item -> Thread.currentThread().interrupt()));
    assertFalse(Thread.currentThread().isInterrupted());
  }

  @Test
  void the_value_of_an_unhandled_outcome_is_discarded_not_the_outcome() {
    Queue<Object> discarded = new ConcurrentLinkedQueue<>();
    var both = new CountDownLatch(2);
    Queue<Thread> workers = new ConcurrentLinkedQueue<>();
    assertThrows(
        IOException.class,
        () ->
            Scopes.named("settle")
                .onDiscarded(discarded::add)
                .settle(
                    List.of("a", "b"),
                    item -> {
                      workers.add(Thread.currentThread());
                      both.countDown();
                      both.await();
                      return item;
                    },
                    outcome -> {
                      Poll.until(() -> workers.stream().noneMatch(Thread::isAlive));
                      throw new IOException("marker");
                    }));
    assertEquals(1, discarded.size(), discarded::toString);
    assertInstanceOf(String.class, discarded.peek());
  }
}
