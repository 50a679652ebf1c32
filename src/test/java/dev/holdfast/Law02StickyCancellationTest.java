package dev.holdfast;

import static dev.holdfast.testing.Blocked.forever;
import static dev.holdfast.testing.LawFixtures.PLATFORM;
import static dev.holdfast.testing.LawFixtures.await;
import static dev.holdfast.testing.LawFixtures.ending;
import static dev.holdfast.testing.LawFixtures.endingOn;
import static dev.holdfast.testing.LawFixtures.on;
import static dev.holdfast.testing.LawFixtures.play;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LawFixtures;
import dev.holdfast.testing.LawFixtures.Ended;
import dev.holdfast.testing.LawFixtures.Opponent;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Pace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Law 2: a cancelled task is interrupted again and again until it ends. */
@LeavesNothing
@Tag("one-carrier")
class Law02StickyCancellationTest {

  /** Blocks again and again; returns when that was interrupted so often. */
  private static int swallow(int times) {
    for (int swallowed = 0; ; swallowed++) {
      try {
        if (swallowed == times) {
          return swallowed;
        }
        forever();
      } catch (InterruptedException again) {
        // goes on
      }
    }
  }

  @EachThreadKind
  void a_swallowed_interrupt_is_sent_again_to_a_task(ThreadFactory factory) throws Exception {
    for (ThreadFactory children : List.of(PLATFORM, LawFixtures.VIRTUAL)) {
      var swallowed = new AtomicInteger();
      Ended ended =
          endingOn(
              factory,
              () ->
                  Scopes.named("swallowing")
                      .threads(children)
                      .call(s -> {
                        var up = new CountDownLatch(1);
                        s.fork(() -> {
                          up.countDown();
                          swallowed.set(swallow(4));
                        });
                        await(up);
                        s.cancel("test");
                        return 1;
                      }));
      assertEquals(1, ended.value());
      assertEquals(4, swallowed.get());
    }
  }

  @EachThreadKind
  void a_swallowed_interrupt_is_sent_again_to_the_body(ThreadFactory factory) throws Exception {
    Ended ended =
        endingOn(
            factory,
            () ->
                Scopes.call(s -> {
                  s.cancel("test");
                  return swallow(5);
                }));
    assertEquals(5, ended.value());
    assertFalse(ended.interrupted());
  }

  @EachThreadKind
  void a_swallowed_interrupt_is_sent_again_to_the_body_of_an_inner_scope(ThreadFactory factory)
      throws Exception {
    Pace.find(time -> {
      var inside = new AtomicBoolean();
      var swallowed = new AtomicInteger();
      Ended ended =
          endingOn(
              factory,
              () ->
                  Scopes.timeout(time)
                      .call(outer ->
                          Scopes.call(inner -> {
                            Scopes.run(innermost -> {
                              inside.set(true);
                              swallowed.set(swallow(4));
                            });
                            return 1;
                          })));
      assertInstanceOf(ScopeTimeoutException.class, ended.thrown());
      assertFalse(ended.interrupted());
      if (inside.get()) {
        assertEquals(4, swallowed.get());
      }
      return inside.get();
    });
  }

  @EachThreadKind
  void a_swallowed_interrupt_is_sent_again_to_a_task_deep_inside(ThreadFactory factory)
      throws Exception {
    var swallowed = new AtomicInteger();
    var up = new CountDownLatch(4);
    var runner =
        OnThread.start(
            factory,
            () ->
                Scopes.fanOut(
                    List.of(1, 2),
                    i ->
                        Scopes.fanOut(
                            List.of(1, 2),
                            j -> {
                              up.countDown();
                              return swallowed.addAndGet(swallow(3));
                            })));
    await(up);
    runner.interrupt();
    assertInstanceOf(InterruptedException.class, runner.ended().thrown());
    assertEquals(12, swallowed.get());
  }

  @EachThreadKind
  void losers_that_swallow_are_interrupted_until_they_end(ThreadFactory factory) throws Exception {
    var swallowed = new AtomicInteger();
    assertEquals(
        1,
        on(
            factory,
            () ->
                Scopes.race(
                    List.of(0, 1),
                    i -> {
                      if (i == 0) {
                        swallowed.set(swallow(3));
                      }
                      return i;
                    })));
    assertTrue(swallowed.get() == 3 || swallowed.get() == 0);
  }

  @EachThreadKind
  void a_shield_is_interrupted_after_its_timeout_until_it_ends(ThreadFactory factory)
      throws Exception {
    Ended ended = endingOn(factory, () -> Scopes.shield(Duration.ofMillis(2), () -> swallow(4)));
    assertInstanceOf(ScopeTimeoutException.class, ended.thrown());
    assertFalse(ended.interrupted());
  }

  @EachThreadKind
  void a_single_fork_that_was_cancelled_is_interrupted_until_it_ends(ThreadFactory factory)
      throws Exception {
    var swallowed = new AtomicInteger();
    on(
        factory,
        () ->
            Scopes.call(s -> {
              var up = new CountDownLatch(1);
              var fork =
                  s.fork(() -> {
                    up.countDown();
                    swallowed.set(swallow(4));
                  });
              await(up);
              fork.cancel();
              assertThrows(CancellationException.class, fork::join);
              assertFalse(s.isCancelled());
              return 1;
            }));
    assertEquals(4, swallowed.get());
  }

  @EachThreadKind
  void interrupts_are_sent_again_after_ten_milliseconds_and_then_at_growing_intervals(
      ThreadFactory factory) throws Exception {
    var begun = new AtomicLong();
    var at = new ArrayList<Long>();
    on(
        factory,
        () ->
            Scopes.call(s -> {
              begun.set(System.nanoTime());
              s.cancel("test");
              while (at.size() < 6) {
                try {
                  forever();
                } catch (InterruptedException e) {
                  at.add(System.nanoTime());
                }
              }
              return 1;
            }));
    for (int i = 1; i < at.size(); i++) {
      long least = 10_000_000L * ((1 << i) - 1);
      assertTrue(at.get(i) - begun.get() >= least, at::toString);
    }
  }

  @EachThreadKind
  void a_cancelled_body_is_interrupted_after_its_shield_though_it_swallowed_all_before(
      ThreadFactory factory) throws Exception {
    Ended ended =
        endingOn(
            factory,
            () ->
                Scopes.call(s -> {
                  s.cancel("test");
                  swallow(1);
                  Scopes.shield(
                      Duration.ofSeconds(10),
                      () -> {
                        assertFalse(Thread.currentThread().isInterrupted());
                        Scopes.checkpoint();
                        Scopes.run(inner -> inner.fork(() -> 1));
                        return 1;
                      });
                  assertTrue(Thread.currentThread().isInterrupted());
                  return 1;
                }));
    assertEquals(1, ended.value());
    assertFalse(ended.interrupted());
  }

  /** Something that must throw in a cancelled task, however often it is tried. */
  private interface Operation {
    void run(Scope scope, Fork<?> running, Fork<?> done) throws Exception;
  }

  private static final List<Operation> OPERATIONS =
      List.of(
          (s, running, done) -> Scopes.checkpoint(),
          (s, running, done) -> Scopes.call(inner -> 1),
          (s, running, done) -> Scopes.run(inner -> {}),
          (s, running, done) -> Scopes.fanOut(List.of(1), i -> i),
          (s, running, done) -> Scopes.fanOut(List.of(), i -> i),
          (s, running, done) -> Scopes.fanOut(() -> 1, () -> 2, Integer::sum),
          (s, running, done) -> Scopes.settle(List.of(1), i -> i),
          (s, running, done) -> Scopes.race(List.of(1), i -> i),
          (s, running, done) -> Scopes.quorum(1, List.of(1), i -> i),
          (s, running, done) -> Scopes.timeout(Duration.ofSeconds(9)).call(inner -> 1),
          (s, running, done) -> Scopes.limit(1).settle(List.of(1), i -> i),
          (s, running, done) -> running.join(),
          (s, running, done) -> done.join());

  @EachThreadKind
  void every_operation_of_a_cancelled_body_throws_however_often_that_is_swallowed(
      ThreadFactory factory) throws Exception {
    Ended ended =
        endingOn(
            factory,
            () ->
                Scopes.call(s -> {
                  var done = s.fork(() -> 1);
                  done.join();
                  var running = s.fork(() -> forever());
                  s.cancel("test");
                  refuseEverything(s, running, done);
                  for (int i = 0; i < 3; i++) {
                    assertThrows(InterruptedException.class, s::join);
                  }
                  return "all";
                }));
    assertEquals("all", ended.value(), ended::toString);
    assertFalse(ended.interrupted());
  }

  @EachThreadKind
  void every_operation_of_a_cancelled_task_throws_however_often_that_is_swallowed(
      ThreadFactory factory) throws Exception {
    var all = new AtomicBoolean();
    Ended ended =
        endingOn(
            factory,
            () ->
                Scopes.call(s -> {
                  var done = s.fork(() -> 1);
                  done.join();
                  var running = s.fork(() -> forever());
                  var up = new CountDownLatch(1);
                  s.fork(() -> {
                    up.countDown();
                    swallow(1);
                    refuseEverything(s, running, done);
                    all.set(true);
                  });
                  await(up);
                  s.cancel("test");
                  return 1;
                }));
    assertEquals(1, ended.value(), ended::toString);
    assertTrue(all.get());
  }

  private static void refuseEverything(Scope s, Fork<?> running, Fork<?> done) {
    for (int i = 0; i < 3; i++) {
      for (Operation operation : OPERATIONS) {
        InterruptedException e =
            assertThrows(InterruptedException.class, () -> operation.run(s, running, done));
        assertInstanceOf(ScopeCancelledException.class, e.getCause());
      }
    }
  }

  @EachThreadKind
  void a_fork_made_in_a_cancelled_scope_never_starts(ThreadFactory factory) throws Exception {
    var started = new AtomicInteger();
    on(
        factory,
        () ->
            Scopes.limit(1)
                .call(s -> {
                  s.cancel("test");
                  for (int i = 0; i < 100; i++) {
                    var fork = s.fork(started::incrementAndGet);
                    assertTrue(fork.isDone());
                    assertEquals(Fork.State.CANCELLED, fork.state());
                  }
                  return 1;
                }));
    assertEquals(0, started.get());
  }

  @Test
  void a_cancel_that_races_an_operation_makes_the_next_one_throw() throws Exception {
    try (var opponent = new Opponent()) {
      play(
          PLATFORM,
          10_000,
          random -> {
            int turns = random.nextInt(500);
            Ended ended =
                LawFixtures.ending(() ->
                    Scopes.call(s -> {
                      opponent.plays(turns, () -> s.cancel("test"));
                      try {
                        Scopes.fanOut(List.of(1), i -> i);
                      } catch (InterruptedException swallowed) {
                        // the next one throws again
                      }
                      opponent.hasPlayed();
                      assertThrows(InterruptedException.class, Scopes::checkpoint);
                      assertThrows(InterruptedException.class, () -> Scopes.call(inner -> 1));
                      return "both";
                    }));
            assertEquals("both", ended.value(), ended::toString);
            assertFalse(ended.interrupted());
          });
    }
  }

  @Test
  void cancelling_twice_changes_nothing() throws Exception {
    Ended ended =
        endingOn(
            PLATFORM,
            () ->
                Scopes.call(s -> {
                  s.cancel("first");
                  s.cancel("second");
                  return forever();
                }));
    var thrown = assertInstanceOf(ScopeCancelledException.class, ended.thrown());
    assertTrue(thrown.getMessage().contains("first"), thrown::toString);
  }

  @Test
  void a_cancelled_task_cannot_join_a_fork_that_ends_just_then() throws Exception {
    play(
        PLATFORM,
        50_000,
        random -> {
          int turns = random.nextInt(100);
          int others = random.nextInt(100);
          Ended ended =
              ending(() ->
                  Scopes.call(s -> {
                    var go = new java.util.concurrent.atomic.AtomicBoolean();
                    var up = new java.util.concurrent.atomic.AtomicBoolean();
                    var other =
                        s.fork(() -> {
                          up.set(true);
                          while (!go.get()) {
                            Thread.onSpinWait();
                          }
                          LawFixtures.spin(turns);
                          return 1;
                        });
                    while (!up.get()) {
                      Thread.onSpinWait();
                    }
                    s.cancel("test");
                    go.set(true);
                    LawFixtures.spin(others);
                    try {
                      return other.join();
                    } catch (InterruptedException | java.util.concurrent.CancellationException e) {
                      return "refused";
                    }
                  }));
          assertEquals("refused", ended.value(), ended::toString);
        });
  }
}
