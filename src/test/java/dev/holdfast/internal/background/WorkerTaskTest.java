package dev.holdfast.internal.background;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Fork;
import dev.holdfast.ForkFailedException;
import dev.holdfast.Guard;
import dev.holdfast.Restart;
import dev.holdfast.ScopeCancelledException;
import dev.holdfast.ScopeException;
import dev.holdfast.ScopeSpec;
import dev.holdfast.Scopes;
import dev.holdfast.Worker;
import dev.holdfast.WorkerBody;
import dev.holdfast.channel.Channel;
import dev.holdfast.channel.Select;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Poll;
import dev.holdfast.testing.Warnings;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Workers are asked to stop.
 *
 * <p>Tests {@code StopActions} as well.
 */
@LeavesNothing
class WorkerTaskTest {

  private static final Duration LONG = Duration.ofMinutes(5);

  @RegisterExtension private final Warnings warnings = new Warnings();

  private final List<String> log = Collections.synchronizedList(new ArrayList<>());
  private final CountDownLatch up = new CountDownLatch(1);
  private final CountDownLatch go = new CountDownLatch(1);
  private final AtomicReference<Thread> thread = new AtomicReference<>();

  @AfterEach
  void release() {
    go.countDown();
  }

  /** A wait of a worker. */
  private interface Wait {
    void run() throws Exception;
  }

  private static ScopeSpec patient(ThreadFactory threads) {
    return Scopes.named("service").grace(LONG).threads(threads);
  }

  /** Runs a wait in a worker, which is asked to stop once it waits, with a grace of minutes. */
  private void isEndedByTheRequest(ThreadFactory threads, Wait wait) throws Exception {
    patient(threads)
        .run(scope -> {
          Worker<Void> worker =
              scope.worker(
                  "w",
                  (Worker<Void> self) -> {
                    thread.set(Thread.currentThread());
                    up.countDown();
                    try {
                      wait.run();
                      log.add("returned");
                    } catch (InterruptedException e) {
                      log.add(e.getMessage());
                      assertFalse(Thread.currentThread().isInterrupted());
                      throw e;
                    }
                  });
          up.await();
          Poll.untilBlocked(thread.get());
          worker.stop();
          worker.join();
        });
    assertEquals(1, log.size(), log.toString());
    assertFalse(log.contains("returned"));
  }

  @EachThreadKind
  void a_receive_is_ended(ThreadFactory threads) throws Exception {
    Scopes.run(outer -> {
      Channel<String> channel = outer.channel(0);
      isEndedByTheRequest(threads, channel::receive);
      assertEquals(0, channel.stats().waitingReceivers(), "it has left the channel");
    });
  }

  @EachThreadKind
  void a_timed_receive_is_ended(ThreadFactory threads) throws Exception {
    Scopes.run(outer -> {
      Channel<String> channel = outer.channel(1);
      isEndedByTheRequest(threads, () -> channel.receive(LONG));
    });
  }

  @EachThreadKind
  void a_select_is_ended(ThreadFactory threads) throws Exception {
    Scopes.run(outer -> {
      Channel<String> one = outer.channel(0);
      Channel<String> two = outer.channel(0);
      isEndedByTheRequest(threads, Select.of(one.onReceive(e -> e), two.onReceive(e -> e))::await);
    });
  }

  @EachThreadKind
  void a_join_of_a_fork_is_ended(ThreadFactory threads) throws Exception {
    Scopes.run(outer -> {
      Fork<?> fork = outer.fork(() -> go.await());
      isEndedByTheRequest(threads, fork::join);
      go.countDown();
    });
  }

  @EachThreadKind
  void a_join_of_its_own_scope_is_ended(ThreadFactory threads) throws Exception {
    isEndedByTheRequest(
        threads,
        () ->
            Scopes.run(inner -> {
              inner.fork(() -> Blocked.forever());
              inner.join();
            }));
  }

  @EachThreadKind
  void a_wait_for_a_limit_is_ended(ThreadFactory threads) throws Exception {
    isEndedByTheRequest(
        threads,
        () ->
            Scopes.limit(1)
                .run(inner -> {
                  inner.fork(() -> Blocked.forever());
                  inner.fork(() -> log.add("never"));
                  inner.join();
                }));
  }

  @EachThreadKind
  void a_wait_for_a_guard_is_ended(ThreadFactory threads) throws Exception {
    Guard guard = Guard.named("door").maxConcurrent(1).waitingUpTo(LONG);
    guard.run(scope -> isEndedByTheRequest(threads, () -> guard.run(inner -> log.add("never"))));
  }

  @EachThreadKind
  void the_pause_of_a_periodic_worker_is_ended(ThreadFactory threads) throws Exception {
    patient(threads).run(scope -> scope.every(LONG, () -> log.add("never")));
    assertEquals(List.of(), log);
  }

  @EachThreadKind
  void the_delay_before_a_restart_is_ended(ThreadFactory threads) throws Exception {
    patient(threads)
        .run(scope -> {
          scope.worker(
              Restart.always().backoff(LONG, 1, LONG),
              () -> {
                thread.set(Thread.currentThread());
                up.countDown();
              });
          up.await();
          Poll.untilBlocked(thread.get());
        });
  }

  @EachThreadKind
  void a_wait_that_is_entered_after_the_request_is_ended_once(ThreadFactory threads)
      throws Exception {
    patient(threads)
        .run(scope -> {
          var ended = new CountDownLatch(1);
          Channel<String> channel = scope.channel(0);
          Worker<Void> worker =
              scope.worker((Worker<Void> self) -> {
                up.countDown();
                Blocked.stubbornly(go);
                assertThrows(InterruptedException.class, channel::receive);
                ended.countDown();
                log.add(channel.receive());
              });
          up.await();
          worker.stop();
          go.countDown();
          ended.await();
          channel.send("after");
          worker.join();
        });
    assertEquals(List.of("after"), log);
  }

  @EachThreadKind
  void a_worker_that_has_seen_the_request_may_wait_again(ThreadFactory threads) throws Exception {
    patient(threads)
        .run(scope -> {
          Channel<String> channel = scope.channel(0);
          Worker<Void> looks =
              scope.worker((Worker<Void> self) -> {
                Poll.until(self::stopping);
                log.add(channel.receive());
              });
          looks.stop();
          channel.send("looked");
          looks.join();
          Worker<Void> waits =
              scope.worker((Worker<Void> self) -> {
                self.awaitStop();
                log.add(channel.receive());
              });
          waits.stop();
          channel.send("waited");
          waits.join();
        });
    assertEquals(List.of("looked", "waited"), log);
  }

  @EachThreadKind
  void a_send_is_not_ended(ThreadFactory threads) throws Exception {
    patient(threads)
        .run(scope -> {
          Channel<String> channel = scope.channel(0);
          Worker<Void> worker =
              scope.worker(() -> {
                thread.set(Thread.currentThread());
                up.countDown();
                channel.send("kept");
              });
          up.await();
          Poll.untilBlocked(thread.get());
          worker.stop();
          assertFalse(Poll.holdsWithin(Duration.ofMillis(50), worker::isDone));
          assertEquals("kept", channel.receive());
        });
  }

  @EachThreadKind
  void a_fan_out_and_a_shield_are_not_ended(ThreadFactory threads) throws Exception {
    patient(threads)
        .run(scope -> {
          Channel<String> channel = scope.channel(0);
          Worker<Void> worker =
              scope.worker(() -> {
                up.countDown();
                log.addAll(Scopes.fanOut(List.of("a"), item -> item + channel.receive()));
                log.add(Scopes.shield(LONG, channel::receive));
                assertThrows(InterruptedException.class, channel::receive);
              });
          up.await();
          worker.stop();
          channel.send("b");
          channel.send("shielded");
          worker.join();
        });
    assertEquals(List.of("ab", "shielded"), log);
  }

  @EachThreadKind
  void a_worker_that_swallows_the_request_is_interrupted_after_its_grace(ThreadFactory threads)
      throws Exception {
    Scopes.named("service")
        .grace(Duration.ofMillis(50))
        .threads(threads)
        .run(scope -> {
          Channel<String> channel = scope.channel(0);
          scope.worker(() -> {
            up.countDown();
            assertThrows(InterruptedException.class, channel::receive);
            InterruptedException later = assertThrows(InterruptedException.class, channel::receive);
            log.add(later.getMessage());
          });
          up.await();
        });
    assertTrue(log.getFirst().contains("was cancelled"), log.toString());
  }

  @Test
  void only_a_worker_that_was_asked_may_end_with_an_interrupt() {
    var thrown =
        assertThrows(
            ForkFailedException.class,
            () ->
                Scopes.run(scope ->
                    scope
                        .worker(() -> {
                          throw new InterruptedException("own");
                        })
                        .join()));
    assertInstanceOf(InterruptedException.class, thrown.getCause());
  }

  @EachThreadKind
  void await_stop_returns_when_the_worker_is_asked(ThreadFactory threads) throws Exception {
    patient(threads)
        .run(scope -> {
          Worker<Void> worker =
              scope.worker((Worker<Void> self) -> {
                self.awaitStop();
                assertFalse(Thread.currentThread().isInterrupted());
                self.awaitStop(); // at once
                log.add("asked");
              });
          var other = OnThread.run(threads, worker::awaitStop);
          Poll.untilIn(other.thread(), "awaitStop");
          worker.stop();
          worker.join();
          other.leavesNoFlag().value();
          worker.awaitStop(); // it has ended
        });
    assertEquals(List.of("asked"), log);
  }

  @EachThreadKind
  void await_stop_returns_without_a_grace_too(ThreadFactory threads) throws Exception {
    Scopes.named("hasty")
        .threads(threads)
        .run(scope -> {
          scope.worker((Worker<Void> self) -> {
            up.countDown();
            self.awaitStop();
            self.awaitStop();
            Poll.until(() -> Thread.currentThread().isInterrupted()); // its grace has passed
            log.add("asked");
          });
          up.await();
        });
    assertEquals(List.of("asked"), log);
  }

  /** Cancels a scope when its worker is up. */
  private void cancel(ScopeSpec spec, WorkerBody<Void> body) throws Exception {
    spec.run(scope -> {
      scope.worker(body);
      up.await();
      scope.cancel("enough");
      scope.join();
    });
  }

  @EachThreadKind
  void await_stop_throws_in_a_cancelled_scope(ThreadFactory threads) {
    assertThrows(
        ScopeCancelledException.class,
        () ->
            cancel(
                patient(threads),
                self -> {
                  up.countDown();
                  assertThrows(InterruptedException.class, self::awaitStop);
                  log.add("cancelled");
                }));
    assertEquals(List.of("cancelled"), log);
  }

  @EachThreadKind
  void an_action_on_stop_runs_once_and_unblocks_the_worker(ThreadFactory threads) throws Exception {
    patient(threads)
        .run(scope -> {
          Worker<Void> worker =
              scope.worker((Worker<Void> self) -> {
                self.onStop(() -> {
                  log.add("action");
                  go.countDown();
                });
                up.countDown();
                Blocked.stubbornly(go);
              });
          up.await();
          worker.stop();
          worker.stop();
          worker.join();
          worker.cancel();
        });
    assertEquals(List.of("action"), log);
  }

  @EachThreadKind
  void without_a_grace_an_action_runs_before_the_first_interrupt(ThreadFactory threads)
      throws Exception {
    Scopes.named("hasty")
        .threads(threads)
        .run(scope -> {
          scope.worker((Worker<Void> self) -> {
            self.onStop(go::countDown);
            up.countDown();
            go.await();
            log.add("unblocked");
          });
          up.await();
        });
    assertEquals(List.of("unblocked"), log);
  }

  @EachThreadKind
  void an_action_on_stop_runs_when_the_scope_is_cancelled(ThreadFactory threads) {
    assertThrows(
        ScopeCancelledException.class,
        () ->
            cancel(
                patient(threads),
                self -> {
                  self.onStop(go::countDown);
                  up.countDown();
                  Blocked.stubbornly(go);
                  log.add("unblocked");
                }));
    assertEquals(List.of("unblocked"), log);
  }

  @EachThreadKind
  void an_action_registered_after_the_request_runs_at_once(ThreadFactory threads) throws Exception {
    patient(threads)
        .run(scope -> {
          Worker<Void> worker =
              scope.worker((Worker<Void> self) -> {
                self.awaitStop();
                self.onStop(() -> log.add("own"));
                log.add("then");
                up.countDown();
                Blocked.stubbornly(go);
              });
          worker.stop();
          up.await();
          worker.onStop(() -> log.add("from outside"));
          go.countDown();
          worker.join();
          worker.onStop(() -> log.add("never")); // it has ended
        });
    assertEquals(List.of("own", "then", "from outside"), log);
  }

  @EachThreadKind
  void in_a_cancelled_worker_registering_an_action_runs_it_and_throws(ThreadFactory threads)
      throws Exception {
    Scopes.named("hasty")
        .threads(threads)
        .run(scope -> {
          Worker<Void> worker =
              scope.worker((Worker<Void> self) -> {
                up.countDown();
                Blocked.stubbornly(go);
                assertThrows(
                    ScopeCancelledException.class, () -> self.onStop(() -> log.add("action")));
              });
          up.await();
          worker.cancel();
          go.countDown();
        });
  }

  @EachThreadKind
  void the_worker_ends_after_its_action(ThreadFactory threads) throws Exception {
    patient(threads)
        .run(scope -> {
          var acting = new CountDownLatch(1);
          Worker<Void> worker =
              scope.worker((Worker<Void> self) -> {
                self.onStop(() -> {
                  acting.countDown();
                  Blocked.stubbornly(go);
                  log.add("action");
                });
                self.awaitStop();
              });
          Poll.until(() -> worker.stats().starts() == 1);
          worker.stop();
          acting.await();
          assertFalse(Poll.holdsWithin(Duration.ofMillis(50), worker::isDone));
          go.countDown();
          worker.join();
          assertEquals(List.of("action"), log);
        });
  }

  @Test
  void an_action_that_hangs_is_named_and_delays_no_other_worker() throws Exception {
    var otherUp = new CountDownLatch(1);
    var running =
        OnThread.run(() ->
            Scopes.named("service")
                .run(scope -> {
                  scope.worker(
                      "hangs",
                      (Worker<Void> self) -> {
                        self.onStop(() -> Blocked.stubbornly(go));
                        up.countDown();
                        self.awaitStop();
                      });
                  scope.worker(
                      "other",
                      (Worker<Void> self) -> {
                        otherUp.countDown();
                        self.awaitStop();
                        log.add("ended");
                      });
                  up.await();
                  otherUp.await();
                }));
    Poll.until(() -> log.contains("ended"));
    warnings.awaitNaming("hangs", "stubbornly");
    go.countDown();
    running.value();
  }

  @Test
  void the_exception_of_an_action_is_thrown_at_the_end_of_the_scope() {
    var marker = new IOException("cannot stop");
    var thrown =
        assertThrows(
            ScopeException.class,
            () ->
                Scopes.run(scope -> {
                  scope.worker((Worker<Void> self) -> {
                    self.onStop(() -> {
                      throw marker;
                    });
                    up.countDown();
                    self.awaitStop();
                  });
                  up.await();
                }));
    assertSame(marker, thrown.getCause());
  }

  @Test
  void a_restart_drops_the_actions_of_the_run_that_has_ended() throws Exception {
    var starts = new AtomicInteger();
    patient(Thread.ofVirtual().factory())
        .run(scope -> {
          scope.worker(
              Restart.onFailure().backoff(Duration.ZERO, 1, Duration.ZERO),
              (Worker<Void> self) -> {
                int start = starts.incrementAndGet();
                self.onStop(() -> log.add("action " + start));
                if (start < 3) {
                  throw new IOException("broken");
                }
                up.countDown();
                self.awaitStop();
              });
          up.await();
        });
    assertEquals(List.of("action 3"), log);
  }

  @Test
  void the_action_of_a_timer_has_no_action_on_stop() throws Exception {
    Scopes.run(scope -> {
      Worker<Void> timer = scope.after(LONG, () -> log.add("never"));
      assertThrows(IllegalStateException.class, () -> timer.onStop(() -> log.add("never")));
      timer.stop();
      timer.awaitStop(); // at once
    });
    assertEquals(List.of(), log);
  }
}
