package dev.holdfast.internal.cancel;

import static dev.holdfast.testing.Blocked.forever;
import static dev.holdfast.testing.LawFixtures.PLATFORM;
import static dev.holdfast.testing.LawFixtures.await;
import static dev.holdfast.testing.LawFixtures.endingOn;
import static dev.holdfast.testing.LawFixtures.holds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ScopeCancelledException;
import dev.holdfast.ScopeTimeoutException;
import dev.holdfast.Scopes;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LawFixtures.Ended;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Poll;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@LeavesNothing
@Tag("one-carrier")
class ShieldTest {

  private static final Duration LONG = Duration.ofSeconds(60);
  private static final Duration SHORT = Duration.ofMillis(30);

  @Test
  void outside_every_scope() throws Exception {
    int value = Scopes.shield(LONG, () -> Scopes.fanOut(List.of(1, 2), item -> item).get(1));
    assertEquals(2, value);
    var marker = new IOException("marker");
    assertSame(
        marker,
        assertThrows(
            IOException.class,
            () ->
                Scopes.shield(
                    LONG,
                    () -> {
                      throw marker;
                    })));
  }

  @EachThreadKind
  void it_runs_to_its_end_in_a_task_that_is_cancelled(ThreadFactory threads) throws Exception {
    var results = new AtomicReference<Object>();
    var after = new AtomicReference<Throwable>();
    Scopes.named("shield")
        .threads(threads)
        .run(scope -> {
          var started = new CountDownLatch(1);
          scope.fork(() -> {
            try {
              started.countDown();
              Blocked.forever();
            } finally {
              results.set(Scopes.shield(LONG, ShieldTest::work));
              after.set(assertThrows(InterruptedException.class, () -> Scopes.checkpoint()));
            }
          });
          started.await();
          scope.cancel("enough");
        });
    assertEquals(List.of(1, 2), results.get());
    assertInstanceOf(ScopeCancelledException.class, after.get().getCause());
  }

  private static List<Integer> work() throws InterruptedException {
    Scopes.checkpoint();
    // Long enough for several rounds of interrupts.
    assertFalse(new CountDownLatch(1).await(100, TimeUnit.MILLISECONDS));
    return Scopes.fanOut(List.of(1, 2), item -> item);
  }

  @EachThreadKind
  void a_cancellation_during_a_shield_takes_effect_after_it(ThreadFactory threads)
      throws Exception {
    var results = new AtomicReference<Object>();
    Scopes.named("shield")
        .threads(threads)
        .run(scope -> {
          var inside = new CountDownLatch(1);
          var cancelled = new CountDownLatch(1);
          scope.fork(() -> {
            Scopes.shield(
                LONG,
                () -> {
                  inside.countDown();
                  cancelled.await();
                  results.set(work());
                  return null;
                });
            assertTrue(Thread.currentThread().isInterrupted());
            Blocked.forever();
          });
          inside.await();
          scope.cancel("enough");
          cancelled.countDown();
        });
    assertEquals(List.of(1, 2), results.get());
  }

  @EachThreadKind
  void it_ends_at_its_timeout(ThreadFactory threads) {
    var call =
        OnThread.run(
            threads,
            () ->
                Scopes.shield(
                    SHORT, () -> Scopes.fanOut(List.of(1, 2), item -> Blocked.forever())));
    var thrown = assertInstanceOf(ScopeTimeoutException.class, call.thrown());
    assertEquals(SHORT, thrown.timeout());
    assertTrue(thrown.getMessage().contains("PT0.03S"), thrown.getMessage());
    call.leavesNoFlag();
  }

  @Test
  void its_exception_after_the_timeout_is_suppressed() {
    var marker = new IllegalStateException("marker");
    var thrown =
        assertThrows(
            ScopeTimeoutException.class,
            () ->
                Scopes.shield(
                    SHORT,
                    () -> {
                      try {
                        return Blocked.forever();
                      } catch (InterruptedException e) {
                        throw marker;
                      }
                    }));
    assertEquals(List.of(marker), List.of(thrown.getSuppressed()));
  }

  @EachThreadKind
  void a_pending_interrupt_is_pending_again_after_it(ThreadFactory threads) {
    var call =
        OnThread.start(
            threads,
            () -> {
              Thread.currentThread().interrupt();
              return Scopes.shield(LONG, ShieldTest::work);
            });
    assertEquals(List.of(1, 2), call.value());
    assertTrue(call.flag());
  }

  @Test
  void its_timeout_does_not_cancel_the_task_around_it() throws Exception {
    int value =
        Scopes.call(scope -> {
          assertThrows(
              ScopeTimeoutException.class, () -> Scopes.shield(SHORT, () -> Blocked.forever()));
          Scopes.checkpoint();
          assertFalse(scope.isCancelled());
          return scope.fork(() -> 1).join();
        });
    assertEquals(1, value);
  }

  @EachThreadKind
  void an_interrupt_of_the_owner_does_not_reach_into_the_shield_of_a_task(ThreadFactory factory)
      throws Exception {
    var inShield = new CountDownLatch(1);
    var let = new CountDownLatch(1);
    var disturbed = new AtomicReference<Throwable>();
    var task = new AtomicReference<Thread>();
    var runner =
        OnThread.start(
            factory,
            () ->
                Scopes.call(s ->
                    s.fork(() ->
                        Scopes.shield(
                            Duration.ofSeconds(20),
                            () -> {
                              task.set(Thread.currentThread());
                              inShield.countDown();
                              try {
                                await(let);
                              } catch (InterruptedException e) {
                                disturbed.set(e);
                              }
                              return 1;
                            }))));
    await(inShield);
    runner.blocked();
    Poll.untilBlocked(task.get());
    runner.interrupt();
    Poll.until(() -> !runner.thread().isInterrupted());
    runner.blocked();
    Poll.untilBlocked(task.get());
    let.countDown();
    assertInstanceOf(InterruptedException.class, runner.ended().thrown());
    assertNull(disturbed.get());
  }

  @Test
  void an_exception_while_cleaning_up_is_suppressed_on_the_timeout_of_a_shield() throws Exception {
    var cleaning = new IllegalArgumentException();
    Ended ended =
        endingOn(
            PLATFORM,
            () ->
                Scopes.shield(
                    Duration.ofMillis(5),
                    () -> {
                      try {
                        return forever();
                      } catch (InterruptedException e) {
                        e.addSuppressed(cleaning);
                        throw e;
                      }
                    }));
    assertInstanceOf(ScopeTimeoutException.class, ended.thrown());
    assertTrue(holds(ended.thrown(), cleaning));
  }
}
