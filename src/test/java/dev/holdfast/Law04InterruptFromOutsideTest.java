package dev.holdfast;

import static dev.holdfast.testing.Blocked.forever;
import static dev.holdfast.testing.LawFixtures.PLATFORM;
import static dev.holdfast.testing.LawFixtures.await;
import static dev.holdfast.testing.LawFixtures.awaitUninterruptibly;
import static dev.holdfast.testing.LawFixtures.ending;
import static dev.holdfast.testing.LawFixtures.endingOn;
import static dev.holdfast.testing.LawFixtures.play;
import static dev.holdfast.testing.LawFixtures.spin;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.timer.TimerThread;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LawFixtures;
import dev.holdfast.testing.LawFixtures.Ended;
import dev.holdfast.testing.LawFixtures.Opponent;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Poll;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Law 4: an interrupt that came from outside is never lost. */
@LeavesNothing
@Tag("one-carrier")
class Law04InterruptFromOutsideTest {

  /** Calls that succeed, so that no interrupt of Holdfast is about. */
  private static final List<Callable<?>> SUCCEEDING =
      List.of(
          () -> Scopes.call(s -> 1),
          () -> Scopes.call(s -> s.fork(() -> spun(50))),
          () -> Scopes.call(s -> s.fork(() -> spun(50)).join()),
          () ->
              Scopes.call(s -> {
                s.fork(() -> spun(50));
                s.join();
                return 1;
              }),
          () -> Scopes.limit(1).call(s -> List.of(s.fork(() -> 1), s.fork(() -> 2))),
          () -> Scopes.fanOut(List.of(1, 2), i -> spun(i)),
          () -> Scopes.limit(1).fanOut(List.of(1, 2), i -> spun(i)),
          () -> Scopes.timeout(Duration.ofHours(1)).fanOut(List.of(1), i -> spun(i)),
          () -> Scopes.fanOut(() -> 1, () -> 2, Integer::sum),
          () -> Scopes.settle(List.of(1, 2), i -> spun(i)),
          () -> Scopes.shield(Duration.ofHours(1), () -> spun(50)),
          () -> Scopes.call(s -> Scopes.fanOut(List.of(1), i -> spun(i))));

  private static int spun(int turns) {
    spin(turns);
    return turns;
  }

  @EachThreadKind
  void an_interrupt_that_races_the_return_is_reported_once(ThreadFactory factory) throws Exception {
    try (var opponent = new Opponent()) {
      play(
          factory,
          25_000,
          random -> {
            Thread owner = Thread.currentThread();
            int turns = random.nextInt(random.nextInt(4) == 0 ? 3_000 : 300);
            var call = SUCCEEDING.get(random.nextInt(SUCCEEDING.size()));
            opponent.plays(turns, () -> owner.interrupt());
            Ended ended = ending(call);
            opponent.hasPlayed();
            boolean later = Thread.interrupted();
            boolean thrown = ended.thrown() instanceof InterruptedException;
            assertTrue(thrown || ended.thrown() == null, ended::toString);
            int notices = (thrown ? 1 : 0) + (ended.interrupted() ? 1 : 0) + (later ? 1 : 0);
            assertEquals(1, notices, ended::toString);
          });
    }
  }

  @EachThreadKind
  void an_interrupt_from_before_the_call_is_kept(ThreadFactory factory) throws Exception {
    for (Callable<?> call : SUCCEEDING) {
      Ended ended =
          endingOn(
              factory,
              () -> {
                Thread.currentThread().interrupt();
                Ended inner = ending(call);
                assertTrue(inner.sawInterrupt(), inner::toString);
                assertFalse(inner.interrupted() && inner.thrown() != null, inner::toString);
                return 1;
              });
      assertNull(ended.thrown());
    }
  }

  @EachThreadKind
  void an_interrupt_while_an_aggregation_waits_ends_it(ThreadFactory factory) throws Exception {
    for (int kind = 0; kind < 6; kind++) {
      int how = kind;
      var up = new CountDownLatch(1);
      TaskFunction<Integer, Integer, InterruptedException> fn =
          i -> {
            up.countDown();
            return forever();
          };
      var runner =
          OnThread.start(
              factory,
              () ->
                  switch (how) {
                    case 0 -> Scopes.fanOut(List.of(1), fn);
                    case 1 -> Scopes.limit(1).fanOut(List.of(1, 2), fn);
                    case 2 -> Scopes.settle(List.of(1), fn);
                    case 3 -> Scopes.race(List.of(1), fn);
                    case 4 -> Scopes.quorum(1, List.of(1, 2), fn);
                    default ->
                        Scopes.timeout(Duration.ofHours(1))
                            .hedge(Duration.ofHours(1))
                            .race(List.of(1, 2), fn);
                  });
      await(up);
      runner.blocked();
      runner.interrupt();
      Ended ended = runner.ended();
      assertInstanceOf(InterruptedException.class, ended.thrown());
      assertFalse(ended.interrupted());
    }
  }

  @EachThreadKind
  void an_interrupt_while_the_tasks_of_a_failed_aggregation_end_sets_the_flag(ThreadFactory factory)
      throws Exception {
    var failure = new IllegalStateException("test");
    var let = new CountDownLatch(1);
    var up = new CountDownLatch(1);
    var failed = new CountDownLatch(1);
    var runner =
        OnThread.start(
            factory,
            () ->
                Scopes.fanOut(
                    List.of(1, 2),
                    i -> {
                      if (i == 1) {
                        up.countDown();
                        awaitUninterruptibly(let);
                        return i;
                      }
                      await(up);
                      failed.countDown();
                      throw failure;
                    }));
    await(failed);
    runner.blocked();
    Poll.until(() -> TimerThread.alarms() > 0);
    runner.interrupt();
    Poll.until(() -> !runner.thread().isInterrupted());
    let.countDown();
    Ended ended = runner.ended();
    assertSame(failure, ended.thrown());
    assertTrue(ended.interrupted());
  }

  @EachThreadKind
  void an_interrupt_of_a_body_without_forks_stays_set(ThreadFactory factory) throws Exception {
    Ended ended =
        endingOn(
            factory,
            () ->
                Scopes.call(s -> {
                  Thread.currentThread().interrupt();
                  return 1;
                }));
    assertEquals(1, ended.value());
    assertTrue(ended.interrupted());
  }

  @EachThreadKind
  void an_interrupt_that_the_body_swallowed_is_gone(ThreadFactory factory) throws Exception {
    var up = new CountDownLatch(1);
    var runner =
        OnThread.start(
            factory,
            () ->
                Scopes.call(s -> {
                  try {
                    up.countDown();
                    return forever();
                  } catch (InterruptedException swallowed) {
                    return s.fork(() -> "value").join();
                  }
                }));
    await(up);
    runner.blocked();
    runner.interrupt();
    Ended ended = runner.ended();
    assertEquals("value", ended.value(), ended::toString);
    assertFalse(ended.interrupted());
  }

  @EachThreadKind
  void an_interrupt_during_a_shield_reaches_the_code_in_it(ThreadFactory factory) throws Exception {
    var up = new CountDownLatch(1);
    var runner =
        OnThread.start(
            factory,
            () ->
                Scopes.call(s -> {
                  s.cancel("test");
                  return Scopes.shield(
                      Duration.ofSeconds(20),
                      () -> {
                        up.countDown();
                        return forever();
                      });
                }));
    await(up);
    runner.blocked();
    runner.interrupt();
    Ended ended = runner.ended();
    assertInstanceOf(ScopeCancelledException.class, ended.thrown());
  }

  @EachThreadKind
  void an_interrupt_from_outside_is_set_again_after_a_shield(ThreadFactory factory)
      throws Exception {
    Ended ended =
        endingOn(
            factory,
            () -> {
              Thread.currentThread().interrupt();
              return Scopes.shield(
                  Duration.ofSeconds(20),
                  () -> {
                    assertFalse(Thread.currentThread().isInterrupted());
                    return Scopes.fanOut(List.of(1, 2), i -> i);
                  });
            });
    assertEquals(List.of(1, 2), ended.value());
    assertTrue(ended.interrupted());
  }

  @EachThreadKind
  void an_interrupt_while_resources_close_sets_the_flag(ThreadFactory factory) throws Exception {
    Ended ended =
        endingOn(
            factory,
            () ->
                Scopes.call(s -> {
                  s.onExit(() -> Thread.currentThread().interrupt());
                  s.fork(() -> 1);
                  return 1;
                }));
    assertEquals(1, ended.value());
    assertTrue(ended.interrupted());
  }

  @EachThreadKind
  void many_interrupts_while_a_scope_ends_are_reported_as_one(ThreadFactory factory)
      throws Exception {
    var let = new CountDownLatch(1);
    var up = new CountDownLatch(1);
    var runner =
        OnThread.start(
            factory,
            () ->
                Scopes.call(s -> {
                  s.fork(() -> {
                    up.countDown();
                    awaitUninterruptibly(let);
                  });
                  return 1;
                }));
    await(up);
    for (int i = 0; i < 50; i++) {
      runner.blocked();
      runner.interrupt();
    }
    let.countDown();
    Ended ended = runner.ended();
    assertEquals(
        ended.thrown() == null, ended.interrupted(), "not as exactly one of exception and flag");
  }

  @EachThreadKind
  void an_interrupt_from_before_a_cancel_is_not_taken_for_one_of_the_library(ThreadFactory factory)
      throws Exception {
    Ended ended =
        endingOn(
            factory,
            () ->
                Scopes.call(s -> {
                  Thread.currentThread().interrupt();
                  s.cancel("test");
                  return 1;
                }));
    assertEquals(1, ended.value());
    assertTrue(ended.interrupted());
  }

  @EachThreadKind
  void an_interrupt_while_an_inner_scope_ends_for_an_outer_cancellation_is_kept(
      ThreadFactory factory) throws Exception {
    var outer = new AtomicReference<Scope>();
    var let = new CountDownLatch(1);
    var started = new CountDownLatch(1);
    var runner =
        OnThread.start(
            factory,
            () ->
                Scopes.call(o -> {
                  outer.set(o);
                  return Scopes.call(i ->
                      i.fork(() -> {
                        started.countDown();
                        awaitUninterruptibly(let);
                      }));
                }));
    await(started);
    Poll.untilIn(runner.thread(), "awaitTasks");
    outer.get().cancel("test");
    runner.blocked();
    runner.interrupt();
    Poll.until(() -> !runner.thread().isInterrupted());
    let.countDown();
    assertTrue(runner.ended().sawInterrupt(), () -> "lost");
  }

  @EachThreadKind
  void an_interrupt_from_before_a_shield_in_a_cancelled_scope_is_kept(ThreadFactory factory)
      throws Exception {
    Ended ended =
        endingOn(
            factory,
            () ->
                Scopes.call(s -> {
                  Thread.currentThread().interrupt();
                  s.cancel("test");
                  return Scopes.shield(Duration.ofSeconds(5), () -> 1);
                }));
    assertTrue(ended.sawInterrupt(), ended::toString);
  }

  @EachThreadKind
  void an_interrupt_while_a_failed_scope_ends_inside_a_cancelled_one_is_kept(ThreadFactory factory)
      throws Exception {
    var outer = new AtomicReference<Scope>();
    var let = new CountDownLatch(1);
    var started = new CountDownLatch(1);
    var runner =
        OnThread.start(
            factory,
            () ->
                Scopes.call(o -> {
                  outer.set(o);
                  try {
                    Scopes.run(i -> {
                      i.fork(() -> {
                        started.countDown();
                        awaitUninterruptibly(let);
                      });
                      await(started);
                      throw new IllegalStateException();
                    });
                  } catch (IllegalStateException expected) {
                    // goes on
                  }
                  return 1;
                }));
    await(started);
    Poll.untilIn(runner.thread(), "awaitTasks");
    outer.get().cancel("test");
    runner.interrupt();
    Poll.until(() -> !runner.thread().isInterrupted());
    let.countDown();
    assertTrue(runner.ended().sawInterrupt(), () -> "lost");
  }

  @EachThreadKind
  void an_interrupt_of_a_fork_that_waits_for_a_place_in_a_cancelled_scope_is_kept(
      ThreadFactory factory) throws Exception {
    var let = new CountDownLatch(1);
    var ready = new CountDownLatch(1);
    var runner =
        OnThread.start(
            factory,
            () ->
                Scopes.limit(1)
                    .call(s -> {
                      var up = new CountDownLatch(1);
                      s.fork(() -> {
                        up.countDown();
                        awaitUninterruptibly(let);
                      });
                      await(up);
                      s.cancel("test");
                      return Scopes.shield(
                          Duration.ofSeconds(20),
                          () -> {
                            ready.countDown();
                            s.fork(() -> 2);
                            return 1;
                          });
                    }));
    await(ready);
    runner.blocked();
    runner.interrupt();
    Poll.until(() -> !runner.thread().isInterrupted());
    let.countDown();
    assertTrue(runner.ended().sawInterrupt(), () -> "lost");
  }

  @Test
  void an_interrupt_that_comes_with_the_winner_of_a_race_is_kept() throws Exception {
    interruptsAreKept(
        300,
        300,
        others ->
            Scopes.race(
                List.of(1),
                i -> {
                  LawFixtures.spin(others);
                  return i;
                }));
  }

  @Test
  void an_interrupt_that_comes_with_a_failure_in_a_fan_out_is_kept() throws Exception {
    interruptsAreKept(
        600,
        100,
        others ->
            Scopes.limit(2)
                .fanOut(
                    List.of(1, 2, 3),
                    i -> {
                      LawFixtures.spin(others);
                      throw new IllegalStateException();
                    }));
  }

  /**
   * Interrupts the owner while it runs code.
   *
   * @param mostTurns the most turns before the interrupt
   * @param mostOthers the largest argument of the code
   */
  private static void interruptsAreKept(
      int mostTurns, int mostOthers, TaskFunction<Integer, Object, Exception> code)
      throws Exception {
    try (var opponent = new Opponent()) {
      play(
          PLATFORM,
          40_000,
          random -> {
            Thread owner = Thread.currentThread();
            int turns = random.nextInt(mostTurns);
            int others = random.nextInt(mostOthers);
            opponent.plays(turns, () -> owner.interrupt());
            Ended ended = ending(() -> code.apply(others));
            opponent.hasPlayed();
            boolean later = Thread.interrupted();
            assertTrue(later || ended.sawInterrupt(), ended::toString);
          });
    }
  }

  @Test
  void an_interrupt_that_ends_a_join_just_before_a_cancel_is_kept() throws Exception {
    try (var opponent = new Opponent()) {
      play(
          PLATFORM,
          20_000,
          random -> {
            Thread owner = Thread.currentThread();
            int turns = random.nextInt(600);
            int others = random.nextInt(100);
            Ended ended =
                ending(() ->
                    Scopes.call(s -> {
                      s.fork(() -> forever());
                      opponent.plays(
                          turns,
                          () -> {
                            owner.interrupt();
                            LawFixtures.spin(others);
                            s.cancel("test");
                          });
                      s.join();
                      return 1;
                    }));
            opponent.hasPlayed();
            boolean later = Thread.interrupted();
            assertTrue(later || ended.sawInterrupt(), ended::toString);
          });
    }
  }
}
