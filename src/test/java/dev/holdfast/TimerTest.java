package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.channel.Receiver;
import dev.holdfast.internal.timer.TimerThread;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.Pace;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

@LeavesNothing
class TimerTest {

  private static final Duration LONG = Duration.ofSeconds(30);
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
  void an_action_never_overlaps_itself_and_missed_ticks_are_counted() throws Exception {
    Scopes.run(scope -> {
      var inside = new AtomicInteger();
      var overlaps = new AtomicInteger();
      var ticks = new CountDownLatch(3);
      Worker<Void> worker =
          scope.every(
              MILLI,
              () -> {
                if (inside.incrementAndGet() > 1) {
                  overlaps.incrementAndGet();
                }
                Thread.sleep(10);
                inside.decrementAndGet();
                ticks.countDown();
              });
      ticks.await();
      assertEquals(0, overlaps.get());
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
                  return Blocked.forEver();
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
            if (ticks.incrementAndGet() % 2 == 1) {
              throw new IllegalStateException("every other time");
            }
          });
      enough.await();
    });
  }

  @EachThreadKind
  void an_action_runs_after_its_delay(ThreadFactory threads) throws Exception {
    Scopes.named("after")
        .threads(threads)
        .run(scope -> {
          long begun = System.nanoTime();
          var rang = new CountDownLatch(1);
          Worker<Void> worker = scope.after(Duration.ofMillis(20), rang::countDown);
          boolean done = worker.isDone();
          assertTrue(!done || System.nanoTime() - begun >= 20_000_000);
          worker.join();
          assertTrue(worker.isDone());
          assertEquals(0, rang.getCount());
          assertTrue(System.nanoTime() - begun >= 20_000_000);
          assertEquals(1, worker.stats().ticks());
        });
  }

  @Test
  void delays_end_in_their_order() throws Exception {
    Pace.find(time -> {
      var after = new ConcurrentHashMap<Integer, Long>();
      long begun = System.nanoTime();
      Scopes.run(scope -> {
        var all = new CountDownLatch(3);
        for (int times : new int[] {3, 1, 2}) {
          scope.after(
              time.multipliedBy(times),
              () -> {
                after.put(times, System.nanoTime() - begun);
                all.countDown();
              });
        }
        all.await();
      });
      boolean inTime = true;
      for (int times = 1; times <= 3; times++) {
        assertTrue(after.get(times) >= times * time.toNanos(), after::toString);
        inTime &= after.get(times) < (times + 1) * time.toNanos();
      }
      return inTime;
    });
  }

  @Test
  void a_scope_that_ends_first_drops_the_action() throws Exception {
    var rang = new AtomicInteger();
    Worker<Void> worker = Scopes.call(scope -> scope.after("late", LONG, rang::incrementAndGet));
    assertTrue(worker.isDone());
    worker.join();
    assertEquals(0, rang.get());
    assertEquals("late", worker.name());
    assertEquals(0, worker.stats().ticks());
  }

  @Test
  void who_waits_for_an_action_that_is_dropped_goes_on() throws Exception {
    Scopes.run(scope -> {
      Worker<Void> worker = scope.after(LONG, () -> {});
      Fork<Void> waits = scope.fork(worker::join);
      worker.cancel();
      waits.join();
      assertTrue(worker.isDone());
    });
  }

  @Test
  void an_action_that_runs_when_the_scope_ends_is_stopped() throws Exception {
    var interrupted = new AtomicInteger();
    Scopes.run(scope -> {
      var up = new CountDownLatch(1);
      scope.after(
          Duration.ZERO,
          () -> {
            up.countDown();
            try {
              Blocked.forEver();
            } catch (InterruptedException e) {
              interrupted.incrementAndGet();
              throw e;
            }
          });
      up.await();
    });
    assertEquals(1, interrupted.get());
  }

  @Test
  void an_action_that_fails_after_its_delay_fails_the_scope() {
    ForkFailedException thrown =
        assertThrows(
            ForkFailedException.class,
            () ->
                Scopes.call(scope -> {
                  scope.after(
                      "alarm",
                      MILLI,
                      () -> {
                        throw new IllegalStateException("broken");
                      });
                  return Blocked.forEver();
                }));
    assertEquals("broken", thrown.getCause().getMessage());
    assertTrue(thrown.getMessage().contains("worker 'alarm'"), thrown.getMessage());
  }

  @Test
  void a_ticker_holds_the_latest_tick() throws Exception {
    Scopes.run(scope -> {
      long begun = System.nanoTime();
      Receiver<Long> ticks = scope.ticker(MILLI);
      long last = ticks.receive();
      assertTrue(last >= 1, () -> "the first tick");
      // Who is slower than the ticker finds a gap, not a queue.
      long next = last + 1;
      for (int i = 0; i < 1000 && next == last + 1; i++) {
        last = next;
        Thread.sleep(10);
        next = ticks.receive();
        assertTrue(next > last, "ticks only grow");
      }
      assertTrue(next > last + 1, "every tick was kept");
      assertTrue(next <= Duration.ofNanos(System.nanoTime() - begun).toMillis() + 1, "ahead");
    });
  }

  @Test
  void many_pending_actions_leave_nothing() throws Exception {
    Scopes.run(scope -> {
      for (int i = 0; i < 100_000; i++) {
        scope.after(LONG, () -> {});
      }
      assertEquals(1, TimerThread.alarms());
    });
  }

  @Test
  void bad_input_is_refused() throws Exception {
    Scopes.run(scope -> {
      Action nothing = () -> {};
      for (Duration bad :
          List.of(Duration.ZERO, Duration.ofNanos(-1), LONG.multipliedBy(1L << 32))) {
        assertThrows(IllegalArgumentException.class, () -> scope.every(bad, nothing));
        assertThrows(IllegalArgumentException.class, () -> scope.ticker(bad));
      }
      assertThrows(
          IllegalArgumentException.class, () -> scope.after(Duration.ofNanos(-1), nothing));
      assertThrows(IllegalArgumentException.class, () -> scope.every(" ", LONG, nothing));
      assertThrows(NullPointerException.class, () -> scope.every(LONG, null));
      assertThrows(NullPointerException.class, () -> scope.every((Restart) null, LONG, nothing));
      assertThrows(NullPointerException.class, () -> scope.after(null, nothing));
      assertThrows(NullPointerException.class, () -> scope.worker((Action) null));
      assertThrows(NullPointerException.class, () -> scope.worker((WorkerBody<Void>) null));
      assertThrows(NullPointerException.class, () -> scope.worker((String) null, nothing));
    });
    Restart restart = Restart.onFailure();
    for (double bad : new double[] {0.99, 0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThrows(IllegalArgumentException.class, () -> restart.backoff(MILLI, bad, LONG));
    }
    assertThrows(IllegalArgumentException.class, () -> restart.backoff(LONG, 1, MILLI));
    assertThrows(
        IllegalArgumentException.class, () -> restart.backoff(Duration.ofNanos(-1), 1, LONG));
    assertThrows(IllegalArgumentException.class, () -> restart.jitter(1.01));
    assertThrows(IllegalArgumentException.class, () -> restart.jitter(Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> restart.atMost(0, LONG));
    assertThrows(IllegalArgumentException.class, () -> restart.atMost(1, Duration.ZERO));
    assertThrows(IllegalStateException.class, () -> Restart.never().jitter(0.1));
  }
}
