package dev.holdfast.internal.background;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Fork;
import dev.holdfast.ForkFailedException;
import dev.holdfast.ScopeTimeoutException;
import dev.holdfast.Scopes;
import dev.holdfast.Worker;
import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.internal.scope.ScopeImpl;
import dev.holdfast.internal.timer.TimerThread;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Pace;
import dev.holdfast.testing.Poll;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

@LeavesNothing
class DelayedActionTest {

  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Duration MILLI = Duration.ofMillis(1);

  /** Its time has come and it is on its way to the host. */
  @Test
  void a_cancelled_action_does_not_begin() throws Exception {
    Scopes.run(scope -> {
      var frame = (ScopeImpl) ThreadScope.currentScope();
      var after = new DelayedAction(Workers.of(frame), null, () -> {});
      after.cancel("changed my mind");
      assertTrue(after.isDone());
      assertNull(after.task(frame, 1));
      after.awaitEnd();
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
  void a_join_of_a_dropped_action_returns() throws Exception {
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
              Blocked.forever();
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
                  return Blocked.forever();
                }));
    assertEquals("broken", thrown.getCause().getMessage());
    assertTrue(thrown.getMessage().contains("worker 'alarm'"), thrown.getMessage());
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
  void very_many_actions_that_are_due_at_once_delay_no_deadline_of_another_scope()
      throws Exception {
    var left = new AtomicInteger(20_000);
    OnThread<Void> storm =
        OnThread.run(() ->
            Scopes.run(scope -> {
              long begun = System.nanoTime();
              for (int i = left.get(); i > 0; i--) {
                long due = Math.max(0, 500_000_000L - (System.nanoTime() - begun));
                scope.after(Duration.ofNanos(due), left::getAndDecrement);
              }
              Poll.until(() -> left.get() == 0);
            }));
    long started = System.nanoTime();
    long most = 0;
    while (storm.thread().isAlive()) {
      long begun = System.nanoTime();
      assertThrows(
          ScopeTimeoutException.class,
          () -> Scopes.timeout(Duration.ofMillis(10)).run(scope -> Blocked.forever()));
      most = Math.max(most, System.nanoTime() - begun);
    }
    storm.end();
    assertEquals(0, left.get());
    // On a busy machine some deadline is late, but none by most of the storm.
    long all = Math.max(5_000_000_000L, (System.nanoTime() - started) / 2);
    assertTrue(most < all, "a deadline of 10 ms took " + most / 1_000_000 + " ms");
  }
}
