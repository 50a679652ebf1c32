package dev.holdfast.internal.background;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.holdfast.Action;
import dev.holdfast.Fork;
import dev.holdfast.ForkFailedException;
import dev.holdfast.Restart;
import dev.holdfast.ScopeSpec;
import dev.holdfast.Scopes;
import dev.holdfast.Worker;
import dev.holdfast.channel.Clause;
import dev.holdfast.channel.Select;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Poll;
import dev.holdfast.testing.Warnings;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Selects that wait for the end of workers and timers; {@code ForkTest} has those for forks. */
@LeavesNothing
@Tag("one-carrier")
class JoinSignalTest {

  private static final Duration LONG = Duration.ofMinutes(5);
  private static final Duration SHORT = Duration.ofMillis(5);

  @RegisterExtension private final Warnings warnings = new Warnings();

  private final CountDownLatch go = new CountDownLatch(1);

  private static ScopeSpec on(ThreadFactory threads) {
    return Scopes.named("select").threads(threads);
  }

  private static String first(Worker<?> worker, Duration timeout) throws InterruptedException {
    return Select.first(worker.onJoin(() -> "ended"), Select.timeout(timeout, () -> "late"))
        .await();
  }

  @EachThreadKind
  void a_select_waits_for_a_fork_a_worker_and_a_time(ThreadFactory threads) throws Exception {
    on(threads)
        .run(scope -> {
          Thread owner = Thread.currentThread();
          Worker<Void> worker = scope.worker(() -> go.await());
          Fork<String> fork = scope.fork(() -> Blocked.forever());
          Select<String> select =
              Select.of(
                  fork.onJoin(value -> value),
                  worker.onJoin(() -> "worker"),
                  Select.timeout(LONG, () -> "late"));
          scope.fork(() -> {
            Poll.untilIn(owner, "await");
            Poll.untilBlocked(owner);
            go.countDown();
          });
          assertEquals("worker", select.await());
          assertEquals("worker", select.await(), "it is ready from then on");
          assertEquals("late", Select.first(fork.onJoin(v -> v), late()).await());
          fork.cancel();
        });
  }

  private static Clause<String> late() {
    return Select.timeout(SHORT, () -> "late");
  }

  @EachThreadKind
  void a_worker_that_was_stopped_or_cancelled_has_ended(ThreadFactory threads) throws Exception {
    on(threads)
        .run(scope -> {
          Worker<Void> stopped = scope.worker((Worker<Void> self) -> self.awaitStop());
          Worker<Void> cancelled = scope.worker(() -> Blocked.forever());
          assertEquals("late", first(stopped, SHORT));
          stopped.stop();
          cancelled.cancel();
          assertEquals("ended", first(stopped, LONG));
          assertEquals("ended", first(cancelled, LONG));
        });
  }

  @EachThreadKind
  void a_worker_that_is_started_again_has_not_ended(ThreadFactory threads) throws Exception {
    on(threads)
        .run(scope -> {
          Worker<Void> worker =
              scope.worker(
                  Restart.always().backoff(SHORT, 1, SHORT).atMost(1_000, SHORT), () -> {});
          Poll.until(() -> worker.stats().starts() >= 3);
          assertEquals("late", first(worker, SHORT));
          worker.stop();
          assertEquals("ended", first(worker, LONG));
        });
  }

  @EachThreadKind
  void a_select_throws_the_failure_of_a_worker_or_timer(ThreadFactory threads) throws Exception {
    var failure = new IOException("marker");
    Action fails =
        () -> {
          go.await();
          throw failure;
        };
    on(threads)
        .isolated()
        .run(scope -> {
          Worker<Void> worker = scope.worker(fails);
          Worker<Void> timer = scope.after(Duration.ZERO, fails);
          go.countDown();
          for (Worker<Void> failed : List.of(worker, timer)) {
            var thrown = assertThrows(ForkFailedException.class, () -> first(failed, LONG));
            assertSame(failure, thrown.getCause());
          }
        });
    Poll.until(() -> warnings.count() > 0); // the log names the first of a burst
  }

  @EachThreadKind
  void a_timer_ends_when_its_action_has_run(ThreadFactory threads) throws Exception {
    on(threads)
        .run(scope -> {
          Worker<Void> timer = scope.after(Duration.ofMillis(20), () -> go.await());
          assertEquals("late", first(timer, SHORT)); // before it has begun
          Poll.until(() -> timer.stats().ticks() == 1);
          assertEquals("late", first(timer, SHORT));
          go.countDown();
          assertEquals("ended", first(timer, LONG));
        });
  }

  @EachThreadKind
  void a_timer_that_is_dropped_has_ended(ThreadFactory threads) throws Exception {
    var left = new AtomicReference<Worker<Void>>();
    var waits =
        on(threads)
            .call(scope -> {
              Worker<Void> timer = scope.after(LONG, () -> {});
              Thread owner = Thread.currentThread();
              scope.fork(() -> {
                Poll.untilIn(owner, "await");
                Poll.untilBlocked(owner);
                timer.cancel();
              });
              assertEquals("ended", first(timer, LONG));
              Worker<Void> dropped = scope.after(LONG, () -> {});
              left.set(dropped);
              var other = OnThread.start(threads, () -> first(dropped, LONG));
              Poll.untilIn(other.thread(), "await");
              other.blocked();
              return other; // the end of the scope drops the action
            });
    assertEquals("ended", waits.value());
    assertEquals("ended", first(left.get(), Duration.ZERO));
  }

  @EachThreadKind
  void an_interrupt_ends_the_select_and_leaves_the_worker_running(ThreadFactory threads)
      throws Exception {
    Scopes.run(scope -> {
      Worker<Void> worker = scope.worker(() -> Blocked.forever());
      var other = OnThread.run(threads, () -> first(worker, LONG));
      Poll.untilIn(other.thread(), "await");
      other.blocked();
      other.interrupt();
      assertInstanceOf(InterruptedException.class, other.thrown());
      other.leavesNoFlag();
      assertEquals("late", first(worker, SHORT));
    });
  }

  @Test
  void an_end_at_the_same_moment_as_the_select_is_not_missed() throws Exception {
    for (int i = 0; i < 300; i++) {
      Scopes.run(scope -> {
        Worker<Void> timer = scope.after(Duration.ZERO, () -> {});
        Worker<Void> dropped = scope.after(LONG, () -> {});
        Worker<Void> worker = scope.worker(() -> {});
        scope.fork(() -> dropped.cancel());
        for (Worker<Void> ends : List.of(timer, dropped, worker)) {
          assertEquals("ended", Select.of(ends.onJoin(() -> "ended")).await());
        }
      });
    }
  }

  @Test
  void the_function_of_the_clause_is_required() throws Exception {
    Scopes.run(scope -> {
      Worker<Void> worker = scope.worker(() -> {});
      assertThrows(NullPointerException.class, () -> worker.onJoin(null));
      worker.join();
      assertNull(Select.of(worker.onJoin(() -> null)).await());
    });
  }
}
