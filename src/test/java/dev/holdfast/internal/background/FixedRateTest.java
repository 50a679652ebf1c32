package dev.holdfast.internal.background;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ForkFailedException;
import dev.holdfast.Restart;
import dev.holdfast.Scopes;
import dev.holdfast.Worker;
import dev.holdfast.WorkerStats;
import dev.holdfast.simulation.Simulated;
import dev.holdfast.simulation.Simulation;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LawFixtures;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.Poll;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

@LeavesNothing
class FixedRateTest {

  private static final Duration MILLI = Duration.ofMillis(1);

  @EachThreadKind
  void an_action_runs_at_a_fixed_rate(ThreadFactory threads) throws Exception {
    Scopes.named("every")
        .threads(threads)
        .run(scope -> {
          var ticks = new CountDownLatch(5);
          Worker<Void> worker = scope.every(MILLI, ticks::countDown);
          ticks.await();
          assertTrue(worker.stats().ticks() >= 5, worker.stats()::toString);
          assertEquals(1, worker.stats().starts());
        });
  }

  @Test
  void ticks_run_one_after_another_on_one_thread_and_missed_ticks_are_counted() throws Exception {
    Scopes.run(scope -> {
      Queue<Thread> threads = new ConcurrentLinkedQueue<>();
      var second = new CountDownLatch(2);
      Worker<Void> worker =
          scope.every(
              MILLI,
              () -> {
                threads.add(Thread.currentThread());
                long begun = System.nanoTime();
                if (second.getCount() == 2) { // hold the first tick for twelve periods
                  Poll.until(() -> System.nanoTime() - begun >= 12 * MILLI.toNanos());
                }
                second.countDown();
              });
      second.await();
      worker.stop();
      assertEquals(1, Set.copyOf(threads).size(), threads::toString);
      assertTrue(worker.stats().missed() >= 10, worker.stats()::toString);
    });
  }

  @Test
  void an_action_that_fails_fails_the_scope_or_follows_the_restart() throws Exception {
    ForkFailedException thrown =
        assertThrows(
            ForkFailedException.class,
            () ->
                Scopes.call(scope -> {
                  scope.every(
                      MILLI,
                      () -> {
                        throw new IllegalStateException("broken");
                      });
                  return Blocked.forever();
                }));
    assertEquals("broken", thrown.getCause().getMessage());

    Scopes.run(scope -> {
      var ticks = new AtomicInteger();
      var enough = new CountDownLatch(5);
      scope.every(
          Restart.onFailure().backoff(Duration.ZERO, 1, Duration.ZERO),
          MILLI,
          () -> {
            enough.countDown();
            int tick = ticks.incrementAndGet();
            if (tick == 1 || tick == 3) {
              throw new IllegalStateException("twice");
            }
          });
      enough.await();
    });
  }

  @Test
  void ticks_that_are_always_late_end_with_the_scope() throws Exception {
    var release = new CountDownLatch(1);
    Scopes.named("late")
        .run(scope -> {
          Worker<Void> worker = scope.every(Duration.ofNanos(1), () -> {});
          scope.fork(() -> LawFixtures.awaitUninterruptibly(release));
          scope.cancel("enough");
          try {
            Poll.until(worker::isDone);
          } finally {
            release.countDown();
          }
        });
  }

  @Simulated(seeds = 20)
  void after_a_late_tick_the_schedule_goes_on_where_it_would_be(Simulation simulation)
      throws Exception {
    List<Long> millis = new ArrayList<>();
    Scopes.run(scope -> {
      Worker<Void> worker =
          scope.every(
              Duration.ofMillis(10),
              () -> {
                millis.add(simulation.elapsed().toMillis());
                if (millis.size() == 2) {
                  Scopes.sleep(
                      Duration.ofMillis(
                          35)); // delays the tick at 30, and misses those at 40 and 50
                }
              });
      Scopes.sleep(Duration.ofMillis(85));
      worker.stop();
      assertEquals(2, worker.stats().missed());
    });
    assertEquals(List.of(10L, 20L, 55L, 60L, 70L, 80L), millis);
  }

  @Test
  void a_missed_tick_is_counted_once_and_not_made_up_for() throws Exception {
    Scopes.run(scope -> {
      long begun = System.nanoTime();
      var ticks = new CountDownLatch(5);
      Worker<Void> worker =
          scope.every(
              MILLI,
              () -> {
                if (ticks.getCount() == 5) { // hold the first tick for twelve periods
                  Poll.until(() -> System.nanoTime() - begun >= 13 * MILLI.toNanos());
                }
                ticks.countDown();
              });
      ticks.await();
      worker.stop();
      worker.join();
      WorkerStats stats = worker.stats();
      long periods = (System.nanoTime() - begun) / MILLI.toNanos();
      assertTrue(stats.ticks() + stats.missed() <= periods, () -> stats + " in " + periods);
    });
  }
}
