package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.background.DelayedAction;
import dev.holdfast.internal.background.Workers;
import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.internal.scope.ScopeImpl;
import dev.holdfast.internal.timer.Alarm;
import dev.holdfast.internal.timer.TimerQueue;
import dev.holdfast.internal.timer.TimerThread;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.LawFixtures;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Poll;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** What once went wrong with workers, timers and the executor. */
@LeavesNothing
class WorkerRegressionTest {

  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Duration SHORT = Duration.ofMillis(50);

  @Test
  void an_executor_in_a_try_block_of_a_cancelled_scope_ends() {
    assertThrows(
        ScopeTimeoutException.class,
        () ->
            Scopes.timeout(SHORT)
                .run(scope -> {
                  try (ExecutorService executor = scope.executor()) {
                    executor.execute(() -> {
                      try {
                        Blocked.forEver();
                      } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                      }
                    });
                  }
                }));
  }

  @Test
  void closing_an_executor_of_a_cancelled_scope_does_not_spin() throws Exception {
    var times = ManagementFactory.getThreadMXBean();
    var up = new CountDownLatch(1);
    var let = new CountDownLatch(1);
    OnThread<Void> owner =
        OnThread.start(
            Thread.ofPlatform().factory(),
            () -> {
              Scopes.run(scope -> {
                try (ExecutorService executor = scope.executor()) {
                  executor.execute(() -> {
                    up.countDown();
                    LawFixtures.awaitDeaf(let);
                  });
                  up.await();
                  scope.cancel("enough");
                }
              });
              return null;
            });
    try {
      Poll.untilIn(owner.thread(), "close");
      Poll.untilBlocked(owner.thread());
      long before = times.getThreadCpuTime(owner.thread().threadId());
      Thread.sleep(300);
      long spent = times.getThreadCpuTime(owner.thread().threadId()) - before;
      assertTrue(spent < 100_000_000, () -> spent + " ns in 300 ms");
    } finally {
      let.countDown();
      owner.end();
    }
  }

  @Test
  void a_future_that_throws_when_it_is_cancelled_does_not_keep_the_scope() throws Exception {
    var caught = new AtomicInteger();
    ThreadFactory threads =
        Thread.ofVirtual().uncaughtExceptionHandler((t, e) -> caught.incrementAndGet()).factory();
    List<Future<Integer>> futures = new ArrayList<>();
    Scopes.limit(1)
        .threads(threads)
        .run(scope -> {
          var service =
              new ExecutorCompletionService<Integer>(scope.executor(), new ArrayBlockingQueue<>(1));
          for (int i = 0; i < 4; i++) {
            futures.add(service.submit(Blocked::forEver));
          }
          scope.cancel("enough");
        });
    assertTrue(caught.get() > 0);
    assertEquals(4, futures.size());
  }

  @Test
  void a_host_that_cannot_be_started_is_no_host() throws Exception {
    var broken = new AtomicBoolean(true);
    ThreadFactory threads =
        task -> broken.getAndSet(false) ? null : LawFixtures.VIRTUAL.newThread(task);
    int value =
        Scopes.named("host")
            .threads(threads)
            .call(scope -> {
              assertThrows(RejectedExecutionException.class, scope::executor);
              return scope.executor().submit(() -> 42).get();
            });
    assertEquals(42, value);
  }

  @Test
  void a_factory_that_drops_what_the_executor_runs_fails_the_scope() {
    var made = new AtomicInteger();
    ThreadFactory drops =
        task ->
            made.incrementAndGet() == 1
                ? LawFixtures.VIRTUAL.newThread(task)
                : LawFixtures.VIRTUAL.newThread(() -> {});
    for (ScopeSpec spec : List.of(Scopes.named("drops"), Scopes.named("drops").isolated())) {
      made.set(0);
      var future = new AtomicReference<Future<Integer>>();
      assertThrows(
          ForkFailedException.class,
          () ->
              spec.threads(drops)
                  .run(scope -> {
                    future.set(scope.executor().submit(() -> 1));
                    Blocked.forEver();
                  }));
      assertTrue(future.get().isDone());
    }
  }

  @Test
  void an_executor_asked_for_in_a_cancelled_scope_refuses() throws Exception {
    Scopes.run(scope -> {
      scope.cancel("enough");
      ExecutorService executor = scope.executor();
      assertThrows(RejectedExecutionException.class, () -> executor.execute(() -> {}));
      assertTrue(executor.isTerminated());
    });
  }

  @Test
  void many_actions_at_once_hold_up_no_deadline() throws Exception {
    int many = 10_000;
    var timers = new TimerQueue();
    var rang = new AtomicInteger();
    var go = new CountDownLatch(1);
    var between = new AtomicInteger(-1);
    long now = System.nanoTime();
    TimerThread.set(alarm(() -> LawFixtures.awaitDeaf(go)), now); // until all are set
    for (int i = 0; i < many; i++) {
      timers.set(
          new TimerQueue.Timer() {
            @Override
            public void ring() {
              rang.incrementAndGet();
            }

            @Override
            public void drop() {}
          },
          now + 1);
    }
    TimerThread.set(alarm(() -> between.set(rang.get())), now + 2);
    go.countDown();
    Poll.until(() -> rang.get() == many && between.get() >= 0);
    assertEquals(many, rang.get());
    assertTrue(between.get() >= 0 && between.get() < many, () -> "after " + between);
    timers.close();
  }

  private static Alarm alarm(Runnable rings) {
    return new Alarm() {
      @Override
      public void ring() {
        rings.run();
      }
    };
  }

  @Test
  void a_worker_that_feeds_the_executor_does_not_keep_the_scope() throws Exception {
    Scopes.run(scope -> {
      ExecutorService executor = scope.executor();
      var fed = new CountDownLatch(3);
      scope.every(
          Duration.ofMillis(1),
          () -> {
            // So long that there is always one.
            executor.execute(() -> LockSupport.parkNanos(20_000_000));
            fed.countDown();
          });
      fed.await();
    });
  }

  @Test
  void waiting_for_a_deaf_worker_ends_when_it_is_cancelled() throws Exception {
    var release = new CountDownLatch(1);
    Scopes.named("deaf")
        .grace(LONG)
        .run(scope -> {
          Worker<Integer> deaf = scope.worker(self -> LawFixtures.awaitDeaf(release));
          deaf.cancel();
          assertThrows(CancellationException.class, deaf::awaitReady);
          release.countDown();
        });
  }

  @Test
  void what_cannot_become_ready_is_not_waited_for() throws Exception {
    Scopes.run(scope -> {
      List<Worker<Void>> workers =
          List.of(
              scope.worker((Action) Blocked::forEver),
              scope.every(LONG, () -> {}),
              scope.after(LONG, () -> {}));
      for (Worker<Void> worker : workers) {
        assertThrows(IllegalStateException.class, worker::awaitReady);
        assertThrows(IllegalStateException.class, () -> worker.ready(null));
      }
    });
  }

  /** Its time has come and it is on its way to the host. */
  @Test
  void an_action_that_was_cancelled_does_not_begin() throws Exception {
    Scopes.run(scope -> {
      var frame = (ScopeImpl) ThreadScope.currentFrame();
      var after = new DelayedAction(Workers.of(frame), null, () -> {});
      after.cancel("changed my mind");
      assertTrue(after.isDone());
      assertNull(after.task(frame, 1));
      after.awaitEnd();
    });
  }

  @Test
  void ticks_that_are_always_late_end_with_the_scope() throws Exception {
    var release = new CountDownLatch(1);
    Scopes.named("late")
        .run(scope -> {
          Worker<Void> worker = scope.every(Duration.ofNanos(1), () -> {});
          scope.fork(() -> LawFixtures.awaitDeaf(release));
          scope.cancel("enough");
          Poll.until(worker::isDone);
          boolean ended = worker.isDone();
          release.countDown();
          assertTrue(ended);
        });
  }

  @Test
  void two_stops_set_one_alarm() throws Exception {
    for (int i = 0; i < LawFixtures.rounds(3000); i++) {
      Scopes.named("stops")
          .grace(LONG)
          .run(scope -> {
            Worker<Void> worker =
                scope.worker((Worker<Void> self) -> {
                  while (!self.stopping()) {
                    LockSupport.parkNanos(100_000);
                  }
                });
            scope.fork(worker::stop);
            worker.stop();
          });
    }
    Poll.until(() -> TimerThread.alarms() == 0);
    assertEquals(0, TimerThread.alarms());
  }

  @Test
  void a_failed_worker_of_an_isolated_scope_is_heard_of_at_once() throws Exception {
    var caught = new AtomicReference<Throwable>();
    var failure = new IllegalStateException("broken");
    ThreadFactory threads =
        Thread.ofVirtual().uncaughtExceptionHandler((t, e) -> caught.set(e)).factory();
    Scopes.named("isolated")
        .isolated()
        .threads(threads)
        .run(scope -> {
          scope.every(
              Duration.ofMillis(1),
              () -> {
                throw failure;
              });
          Poll.until(() -> caught.get() != null);
          assertSame(failure, caught.get());
          assertFalse(scope.isCancelled());
        });
  }

  @Test
  void a_time_out_names_no_thread_of_the_library() {
    ScopeTimeoutException thrown =
        assertThrows(
            ScopeTimeoutException.class,
            () ->
                Scopes.named("orders")
                    .timeout(SHORT)
                    .run(scope -> {
                      scope.executor().submit(() -> 1).get();
                      Blocked.forEver();
                    }));
    assertFalse(thrown.getMessage().contains("orders/host"), thrown.getMessage());
  }

  @Test
  void a_ticker_can_be_closed_and_must_not_be_too_quick() throws Exception {
    Scopes.run(scope -> {
      var ticker = scope.ticker(Duration.ofMillis(1));
      assertTrue(ticker.receive() >= 1);
      ticker.close();
      Poll.until(() -> TimerThread.alarms() == 0);
      assertEquals(0, TimerThread.alarms());
      assertThrows(IllegalArgumentException.class, () -> scope.ticker(Duration.ofNanos(999_999)));
    });
  }

  @Test
  void a_worker_that_is_started_again_has_to_be_ready_again() throws Exception {
    Scopes.run(scope -> {
      var fail = new CountDownLatch(1);
      var ready = new CountDownLatch(1);
      var runs = new AtomicInteger();
      Worker<Integer> worker =
          scope.worker(
              Restart.onFailure().backoff(Duration.ZERO, 1, Duration.ZERO),
              self -> {
                if (runs.incrementAndGet() == 1) {
                  self.ready(1);
                  fail.await();
                  throw new IllegalStateException("once");
                }
                ready.await();
                self.ready(2);
                Blocked.forEver();
              });
      assertEquals(1, worker.awaitReady());
      fail.countDown();
      Poll.until(() -> runs.get() == 2);
      Fork<Integer> waits = scope.fork(worker::awaitReady);
      ready.countDown();
      assertEquals(2, waits.join());
    });
  }

  @Test
  void a_worker_on_a_full_stack_is_refused_or_runs() throws Exception {
    LawFixtures.Ended ended =
        LawFixtures.endingOn(
            task -> new Thread(null, task, "deep", 256 * 1024),
            () ->
                Scopes.call(scope -> {
                  deep(scope);
                  return "done";
                }));
    // From JDK 25 on who has caught one can no longer fork.
    assertTrue(
        "done".equals(ended.value())
            || ended.thrown() instanceof StackOverflowError
            || ended.thrown().getClass().getSimpleName().equals("StructureViolationException"),
        () -> "" + ended);
  }

  @SuppressWarnings("InfiniteRecursion") // it is meant
  private static void deep(Scope scope) {
    try {
      deep(scope);
    } catch (StackOverflowError full) {
      scope.worker((Action) Blocked::forEver);
    }
  }
}
