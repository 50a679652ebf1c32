package dev.holdfast;

import static dev.holdfast.testing.LawFixtures.ending;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.channel.Channel;
import dev.holdfast.internal.timer.TimerThread;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LawFixtures;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.Poll;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** Tests {@code Readiness}, {@code Restart}, {@code WorkerTask} and {@code Workers} as well. */
@LeavesNothing
class WorkerTest {

  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Restart AT_ONCE =
      Restart.onFailure().backoff(Duration.ZERO, 1, Duration.ZERO);

  private final List<String> log = Collections.synchronizedList(new ArrayList<>());

  @EachThreadKind
  void the_scope_stops_a_worker_when_body_and_forks_are_done(ThreadFactory threads)
      throws Exception {
    var forked = new CountDownLatch(1);
    String value =
        Scopes.named("stops")
            .threads(threads)
            .call(scope -> {
              var up = new CountDownLatch(1);
              scope.worker(() -> {
                up.countDown();
                try {
                  Blocked.forever();
                } finally {
                  log.add("worker");
                }
              });
              scope.fork(() -> {
                forked.await();
                log.add("fork");
              });
              up.await();
              forked.countDown();
              return "done";
            });
    assertEquals("done", value);
    assertEquals(List.of("fork", "worker"), log);
  }

  @Test
  void channels_are_open_while_workers_stop() throws Exception {
    List<Integer> got = Collections.synchronizedList(new ArrayList<>());
    Scopes.named("flush")
        .grace(LONG)
        .run(scope -> {
          Channel<Integer> out = scope.channel(1);
          scope.consume(out, 1, got::add);
          var up = new CountDownLatch(1);
          scope.worker((Worker<Void> self) -> {
            up.countDown();
            while (!self.stopping()) {
              Thread.sleep(1);
            }
            out.send(1);
            out.send(2);
          });
          up.await();
        });
    assertEquals(List.of(1, 2), got);
  }

  @Test
  void a_worker_that_ends_in_its_grace_is_not_interrupted() throws Exception {
    Scopes.named("grace")
        .grace(LONG)
        .run(scope -> {
          var up = new CountDownLatch(1);
          scope.worker((Worker<Void> self) -> {
            up.countDown();
            while (!self.stopping()) {
              LockSupport.parkNanos(100_000);
            }
            assertFalse(Thread.currentThread().isInterrupted());
            log.add("clean");
          });
          up.await();
        });
    assertEquals(List.of("clean"), log);
  }

  @Test
  void a_worker_that_does_not_end_in_its_grace_is_interrupted() throws Exception {
    Scopes.named("grace")
        .grace(Duration.ofMillis(20))
        .run(scope -> {
          var up = new CountDownLatch(1);
          scope.worker(() -> {
            up.countDown();
            try {
              Blocked.forever();
            } catch (InterruptedException e) {
              log.add("interrupted");
              throw e;
            }
          });
          up.await();
        });
    assertEquals(List.of("interrupted"), log);
  }

  @EachThreadKind
  void a_worker_that_fails_fails_its_scope(ThreadFactory threads) {
    var cause = new IllegalStateException("broken");
    ForkFailedException thrown =
        assertThrows(
            ForkFailedException.class,
            () ->
                Scopes.named("fails")
                    .threads(threads)
                    .call(scope -> {
                      scope.worker(
                          "pump",
                          () -> {
                            throw cause;
                          });
                      return Blocked.forever();
                    }));
    assertSame(cause, thrown.getCause());
    assertTrue(thrown.getMessage().contains("worker 'pump'"), thrown.getMessage());
  }

  @Test
  void a_worker_is_stopped_alone() throws Exception {
    Scopes.run(scope -> {
      Worker<Void> worker = scope.worker((Action) Blocked::forever);
      worker.stop();
      worker.join();
      assertTrue(worker.isDone());
      assertTrue(worker.stopping());
      assertFalse(scope.isCancelled());
      Worker<Void> other = scope.worker((Action) Blocked::forever);
      other.cancel();
      other.join();
      assertTrue(other.isDone());
      assertFalse(scope.isCancelled());
    });
  }

  @Test
  void a_worker_restarts_after_a_failure() throws Exception {
    Scopes.run(scope -> {
      var starts = new AtomicInteger();
      Worker<Void> worker =
          scope.worker(
              AT_ONCE,
              () -> {
                if (starts.incrementAndGet() < 4) {
                  throw new IllegalStateException("once more");
                }
              });
      worker.join();
      assertEquals(4, starts.get());
      assertEquals(4, worker.stats().starts());
    });
  }

  @Test
  void a_worker_that_fails_too_often_fails_its_scope() {
    var starts = new AtomicInteger();
    ForkFailedException thrown =
        assertThrows(
            ForkFailedException.class,
            () ->
                Scopes.call(scope -> {
                  scope.worker(
                      AT_ONCE.atMost(3, LONG),
                      () -> {
                        throw new IllegalStateException("" + starts.incrementAndGet());
                      });
                  return Blocked.forever();
                }));
    assertEquals(4, starts.get());
    assertEquals("4", thrown.getCause().getMessage());
  }

  @Test
  void a_worker_that_always_restarts_ends_when_it_is_stopped() throws Exception {
    Scopes.run(scope -> {
      var starts = new CountDownLatch(3);
      Worker<Void> worker =
          scope.worker(
              Restart.always()
                  .backoff(Duration.ofMillis(1), 1, Duration.ofMillis(1))
                  .atMost(1000, Duration.ofMillis(1)),
              starts::countDown);
      starts.await();
      worker.stop();
      worker.join();
      assertTrue(worker.isDone());
    });
  }

  @Test
  void an_error_does_not_restart_a_worker() {
    var starts = new AtomicInteger();
    var error = new AssertionError("bug");
    ForkFailedException thrown =
        assertThrows(
            ForkFailedException.class,
            () ->
                Scopes.call(scope -> {
                  scope.worker(
                      AT_ONCE,
                      () -> {
                        starts.incrementAndGet();
                        throw error;
                      });
                  return Blocked.forever();
                }));
    assertSame(error, thrown.getCause());
    assertEquals(1, starts.get());
  }

  @Test
  void a_pause_before_a_restart_ends_with_the_scope() throws Exception {
    Scopes.run(scope -> {
      scope.worker(
          Restart.onFailure().backoff(LONG, 1, LONG),
          () -> {
            throw new IllegalStateException("broken");
          });
      // Not earlier: a worker that fails after it was asked to stop fails its scope.
      Poll.until(() -> scope.toString().contains("its next turn"));
    });
  }

  @EachThreadKind
  void a_published_value_is_returned_to_all_waiting_threads(ThreadFactory threads)
      throws Exception {
    Scopes.named("ready")
        .threads(threads)
        .run(scope -> {
          var go = new CountDownLatch(1);
          Worker<Integer> worker =
              scope.worker(self -> {
                go.await();
                self.ready(8080);
                Blocked.forever();
              });
          Fork<Integer> waits = scope.fork(worker::awaitReady);
          go.countDown();
          assertEquals(8080, worker.awaitReady());
          assertEquals(8080, waits.join());
        });
  }

  @Test
  void awaiting_a_worker_that_is_never_ready_ends_with_the_worker() throws Exception {
    Scopes.named("isolated")
        .isolated()
        .run(scope -> {
          Worker<Integer> returns = scope.worker(self -> {});
          CancellationException ended =
              assertThrows(CancellationException.class, returns::awaitReady);
          assertTrue(ended.getMessage().contains("ready"), ended.getMessage());

          Worker<Integer> fails =
              scope.worker(self -> {
                throw new IllegalStateException("broken");
              });
          assertEquals(
              "broken",
              assertThrows(ForkFailedException.class, fails::awaitReady).getCause().getMessage());
          assertThrows(ForkFailedException.class, fails::join);

          Worker<Integer> stopped = scope.worker(self -> Blocked.forever());
          stopped.stop();
          assertThrows(CancellationException.class, stopped::awaitReady);
        });
  }

  @Test
  void awaiting_a_worker_obeys_the_deadline() {
    LawFixtures.Ended ended =
        ending(() ->
            Scopes.timeout(Duration.ofMillis(30))
                .call(scope -> {
                  Worker<Integer> never = scope.worker(self -> Blocked.forever());
                  return never.awaitReady();
                }));
    assertInstanceOf(ScopeTimeoutException.class, ended.thrown());
  }

  @Test
  void a_worker_does_not_wait_for_itself() throws Exception {
    Scopes.named("isolated")
        .isolated()
        .run(scope -> {
          Worker<Integer> worker = scope.worker(Worker::join);
          assertInstanceOf(
              IllegalStateException.class,
              assertThrows(ForkFailedException.class, worker::join).getCause());
        });
  }

  @Test
  void a_worker_of_a_cancelled_scope_is_not_started() throws Exception {
    Scopes.call(scope -> {
      scope.cancel("enough");
      Worker<Void> worker = scope.worker(() -> log.add("started"));
      assertTrue(worker.isDone());
      Worker<Void> after = scope.after(Duration.ZERO, () -> log.add("rang"));
      after.stop();
      return 0;
    });
    assertEquals(List.of(), log);
  }

  @Test
  void a_failure_while_it_stops_fails_the_scope() {
    ForkFailedException thrown =
        assertThrows(
            ForkFailedException.class,
            () ->
                Scopes.named("late")
                    .grace(LONG)
                    .call(scope -> {
                      var up = new CountDownLatch(1);
                      scope.worker((Worker<Void> self) -> {
                        up.countDown();
                        while (!self.stopping()) {
                          LockSupport.parkNanos(100_000);
                        }
                        throw new IllegalStateException("could not flush");
                      });
                      up.await();
                      return "done";
                    }));
    assertEquals("could not flush", thrown.getCause().getMessage());
  }

  @Test
  void only_the_owner_starts_workers() throws Exception {
    Scopes.run(scope -> {
      Fork<String> fork =
          scope.fork(() ->
              assertThrows(
                      WrongThreadException.class, () -> scope.worker((Action) Blocked::forever))
                  .getMessage());
      assertTrue(fork.join().contains("open a scope of its own"), fork.join());
    });
  }

  @Test
  void after_the_end_nothing_is_started() throws Exception {
    var kept = new AtomicReference<Scope>();
    Worker<Void> ended =
        Scopes.call(scope -> {
          kept.set(scope);
          return scope.worker((Action) Blocked::forever);
        });
    assertTrue(ended.isDone());
    ended.stop();
    ended.cancel();
    ended.join();
    assertThrows(ScopeClosedException.class, () -> kept.get().worker((Action) Blocked::forever));
    assertThrows(ScopeClosedException.class, () -> kept.get().every(LONG, () -> {}));
    assertThrows(ScopeClosedException.class, () -> kept.get().after(LONG, () -> {}));
    assertThrows(ScopeClosedException.class, () -> kept.get().ticker(LONG));
    assertThrows(ScopeClosedException.class, () -> kept.get().executor());
  }

  @Test
  void awaiting_an_uninterruptible_worker_ends_when_it_is_cancelled() throws Exception {
    var release = new CountDownLatch(1);
    Scopes.named("deaf")
        .grace(LONG)
        .run(scope -> {
          Worker<Integer> deaf = scope.worker(self -> LawFixtures.awaitUninterruptibly(release));
          deaf.cancel();
          assertThrows(CancellationException.class, deaf::awaitReady);
          release.countDown();
        });
  }

  @Test
  void awaiting_a_worker_that_cannot_become_ready_is_refused() throws Exception {
    Scopes.run(scope -> {
      List<Worker<Void>> workers =
          List.of(
              scope.worker((Action) Blocked::forever),
              scope.every(LONG, () -> {}),
              scope.after(LONG, () -> {}));
      for (Worker<Void> worker : workers) {
        assertThrows(IllegalStateException.class, worker::awaitReady);
        assertThrows(IllegalStateException.class, () -> worker.ready(null));
      }
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
  void a_failed_worker_of_an_isolated_scope_is_reported_at_once() throws Exception {
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
  void a_restarted_worker_has_to_become_ready_again() throws Exception {
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
                Blocked.forever();
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
    assertTrue(
        "done".equals(ended.value()) || ended.thrown() instanceof StackOverflowError,
        () -> "" + ended);
  }

  @SuppressWarnings("InfiniteRecursion") // it is meant
  private static void deep(Scope scope) {
    try {
      deep(scope);
    } catch (StackOverflowError full) {
      scope.worker((Action) Blocked::forever);
    }
  }

  @EachThreadKind
  void workers_use_their_grace_at_the_same_time(ThreadFactory threads) throws Exception {
    var asked = new CyclicBarrier(3);
    var together = new AtomicInteger();
    Scopes.named("grace")
        .grace(LONG)
        .threads(threads)
        .run(scope -> {
          for (int i = 0; i < 3; i++) {
            scope.worker((Worker<Void> worker) -> {
              Poll.until(worker::stopping);
              asked.await(); // opens only if all three have been asked
              together.incrementAndGet();
            });
          }
        });
    assertEquals(3, together.get());
  }
}
