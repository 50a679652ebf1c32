package dev.holdfast.internal.background;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ScopeCancelledException;
import dev.holdfast.Scopes;
import dev.holdfast.Worker;
import dev.holdfast.channel.Channel;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Poll;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Waits with a timeout for the request to stop; {@link WorkerTaskTest} has the other waits. */
@LeavesNothing
@Tag("one-carrier")
class StoppingTest {

  private static final Duration MILLI = Duration.ofMillis(1);
  private static final Duration LONG = Duration.ofMinutes(5);

  private final List<String> log = Collections.synchronizedList(new ArrayList<>());

  @EachThreadKind
  void a_loop_with_a_fixed_delay_runs_at_once_and_until_it_is_asked(ThreadFactory threads)
      throws Exception {
    var ran = new CountDownLatch(3);
    Scopes.named("service")
        .grace(LONG)
        .threads(threads)
        .run(scope -> {
          Worker<Void> worker =
              scope.worker((Worker<Void> self) -> {
                do {
                  ran.countDown();
                } while (!self.awaitStop(MILLI));
                log.add(Thread.currentThread().isInterrupted() ? "interrupted" : "asked");
              });
          ran.await();
          worker.stop();
          worker.join();
        });
    assertEquals(List.of("asked"), log);
  }

  @EachThreadKind
  void the_delay_counts_from_the_end_of_a_run(ThreadFactory threads) throws Exception {
    List<Long> pauses = Collections.synchronizedList(new ArrayList<>());
    Duration delay = Duration.ofMillis(20);
    Scopes.named("service")
        .threads(threads)
        .run(scope ->
            scope
                .worker((Worker<Void> self) -> {
                  long begun = System.nanoTime();
                  Poll.until(() -> System.nanoTime() - begun > 2 * delay.toNanos());
                  long ended = System.nanoTime();
                  assertFalse(self.awaitStop(delay));
                  pauses.add(System.nanoTime() - ended);
                })
                .join());
    assertTrue(pauses.getFirst() >= delay.toNanos(), pauses::toString);
  }

  @EachThreadKind
  void the_request_ends_the_delay(ThreadFactory threads) throws Exception {
    Scopes.named("service")
        .grace(LONG)
        .threads(threads)
        .run(scope -> {
          var running = new AtomicReference<Thread>();
          Channel<String> channel = scope.channel(0);
          Worker<Void> worker =
              scope.worker((Worker<Void> self) -> {
                running.set(Thread.currentThread());
                assertTrue(self.awaitStop(LONG));
                assertTrue(self.awaitStop(LONG), "at once");
                log.add(channel.receive()); // it knows of the request and may wait again
              });
          Poll.until(() -> running.get() != null);
          Poll.untilIn(running.get(), "awaitStop");
          Poll.untilBlocked(running.get());
          worker.stop();
          channel.send("received");
          worker.join();
        });
    assertEquals(List.of("received"), log);
  }

  @EachThreadKind
  void without_a_timeout_it_does_not_wait(ThreadFactory threads) throws Exception {
    Scopes.named("service")
        .grace(LONG)
        .threads(threads)
        .run(scope -> {
          var looked = new CountDownLatch(1);
          Worker<Void> worker =
              scope.worker((Worker<Void> self) -> {
                assertFalse(self.awaitStop(Duration.ZERO));
                looked.countDown();
                Poll.until(() -> stopsNow(self));
                log.add("asked");
              });
          looked.await();
          assertFalse(worker.awaitStop(Duration.ZERO));
          worker.stop();
          assertTrue(worker.awaitStop(Duration.ZERO));
          worker.join();
          assertTrue(worker.awaitStop(Duration.ZERO));
        });
    assertEquals(List.of("asked"), log);
  }

  private static boolean stopsNow(Worker<?> self) {
    try {
      return self.awaitStop(Duration.ZERO);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @EachThreadKind
  void in_a_cancelled_scope_the_delay_throws(ThreadFactory threads) {
    assertThrows(
        ScopeCancelledException.class,
        () ->
            Scopes.named("service")
                .threads(threads)
                .run(scope -> {
                  var up = new CountDownLatch(1);
                  scope.worker((Worker<Void> self) -> {
                    up.countDown();
                    try {
                      self.awaitStop(LONG);
                    } catch (InterruptedException e) {
                      assertThrows(InterruptedException.class, () -> self.awaitStop(LONG));
                      assertThrows(InterruptedException.class, () -> self.awaitStop(Duration.ZERO));
                      log.add("cancelled");
                      throw e;
                    }
                  });
                  up.await();
                  scope.cancel("enough");
                  scope.join();
                }));
    assertEquals(List.of("cancelled"), log);
  }

  @EachThreadKind
  void another_thread_waits_for_the_request_or_the_end(ThreadFactory threads) throws Exception {
    var over = new AtomicReference<Worker<Void>>();
    Scopes.named("service")
        .grace(LONG)
        .threads(threads)
        .run(scope -> {
          Worker<Void> worker = scope.worker((Worker<Void> self) -> self.awaitStop());
          over.set(worker);
          assertFalse(worker.awaitStop(MILLI));
          var other = OnThread.start(threads, () -> worker.awaitStop(LONG));
          Poll.untilIn(other.thread(), "awaitStop");
          other.blocked();
          worker.stop();
          assertTrue(other.leavesNoFlag().value());

          Worker<Void> cancelled = scope.worker((Worker<Void> self) -> self.awaitStop());
          cancelled.cancel();
          assertTrue(cancelled.awaitStop(LONG));

          var end = new CountDownLatch(1);
          Worker<Void> ends = scope.worker("ends", () -> end.await());
          var waits = OnThread.start(threads, () -> ends.awaitStop(LONG));
          var waitsForEver = OnThread.run(threads, () -> ends.awaitStop());
          waits.blocked();
          waitsForEver.blocked();
          end.countDown();
          assertTrue(waits.leavesNoFlag().value());
          waitsForEver.leavesNoFlag().value();
        });
    assertTrue(over.get().awaitStop(LONG));
  }

  @EachThreadKind
  void the_cancellation_of_a_worker_that_runs_on_ends_the_wait_for_the_request(
      ThreadFactory threads) throws Exception {
    var end = new CountDownLatch(1);
    Scopes.named("service")
        .threads(threads)
        .run(scope -> {
          Worker<Void> worker = scope.worker("stubborn", () -> Blocked.stubbornly(end));
          try {
            var waits = OnThread.start(threads, () -> worker.awaitStop(LONG));
            Poll.untilIn(waits.thread(), "awaitStop");
            waits.blocked();
            worker.cancel();
            assertTrue(waits.leavesNoFlag().value());
          } finally {
            end.countDown();
          }
        });
  }

  @EachThreadKind
  void an_interrupt_from_outside_ends_the_wait_of_another_thread(ThreadFactory threads)
      throws Exception {
    Scopes.run(scope -> {
      Worker<Void> worker = scope.worker((Worker<Void> self) -> self.awaitStop());
      var other = OnThread.start(threads, () -> worker.awaitStop(LONG));
      Poll.untilIn(other.thread(), "awaitStop");
      other.blocked();
      other.interrupt();
      assertInstanceOf(InterruptedException.class, other.thrown());
      other.leavesNoFlag();
      assertFalse(worker.stopping());
    });
  }

  @EachThreadKind
  void a_timer_that_is_set_is_waited_for(ThreadFactory threads) throws Exception {
    var begun = new AtomicBoolean();
    Scopes.run(scope -> {
      Worker<Void> timer = scope.after(LONG, () -> begun.set(true));
      assertFalse(timer.awaitStop(MILLI));
      var other = OnThread.start(threads, () -> timer.awaitStop(LONG));
      Poll.untilIn(other.thread(), "awaitStop");
      other.blocked();
      timer.stop();
      assertTrue(other.leavesNoFlag().value());
      assertTrue(timer.awaitStop(LONG));

      var up = new CountDownLatch(1);
      Worker<Void> runs =
          scope.after(
              Duration.ZERO,
              () -> {
                up.countDown();
                new CountDownLatch(1).await();
              });
      up.await();
      assertFalse(runs.awaitStop(MILLI));
      runs.stop();
      assertTrue(runs.awaitStop(LONG));
    });
    assertFalse(begun.get());
  }

  @Test
  void a_bad_timeout_is_refused() throws Exception {
    Scopes.run(scope -> {
      Worker<Void> worker = scope.worker((Worker<Void> self) -> self.awaitStop());
      assertThrows(IllegalArgumentException.class, () -> worker.awaitStop(Duration.ofNanos(-1)));
      assertThrows(
          IllegalArgumentException.class, () -> worker.awaitStop(Duration.ofDays(365 * 100)));
      assertThrows(NullPointerException.class, () -> worker.awaitStop(null));
    });
  }
}
