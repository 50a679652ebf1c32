package dev.holdfast;

import static dev.holdfast.testing.LawFixtures.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LawFixtures;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Pace;
import dev.holdfast.testing.Poll;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What runs when a scope ends or is cancelled: closers, and the actions of onCancel. */
@LeavesNothing
@Tag("one-carrier")
class ScopeCleanupTest {

  // --- closers ---

  @EachThreadKind
  void every_closer_runs_though_others_fail(ThreadFactory threads) {
    var ran = new ArrayList<Integer>();
    var last = new IllegalStateException("last");
    var middle = new IOException("middle");
    var body = new IllegalStateException("body");
    var thrown =
        assertThrows(
            IllegalStateException.class,
            () ->
                Scopes.named("closers")
                    .threads(threads)
                    .run(scope -> {
                      scope.onExit(() -> ran.add(1));
                      scope.use(() -> {
                        ran.add(2);
                        throw middle;
                      });
                      scope.onExit(() -> {
                        ran.add(3);
                        throw last;
                      });
                      throw body;
                    }));
    assertSame(body, thrown);
    assertEquals(List.of(3, 2, 1), ran);
    assertEquals(List.of(last, middle), LawFixtures.suppressed(thrown));
  }

  @Test
  void the_first_failure_of_closers_is_thrown_if_nothing_else_is() {
    var first = new IllegalStateException("first");
    var second = new IOException("second");
    var thrown =
        assertThrows(
            IllegalStateException.class,
            () ->
                Scopes.call(scope -> {
                  scope.onExit(() -> {
                    throw second;
                  });
                  scope.onExit(() -> {
                    throw first;
                  });
                  return "value";
                }));
    assertSame(first, thrown);
    assertEquals(List.of(second), LawFixtures.suppressed(thrown));
  }

  @Test
  void a_checked_exception_of_a_closer_is_the_cause_of_a_scope_exception() {
    var checked = new IOException("close");
    var thrown =
        assertThrows(
            ScopeException.class,
            () ->
                Scopes.named("files")
                    .run(scope ->
                        scope.use(() -> {
                          throw checked;
                        })));
    assertNotSame(ForkFailedException.class, thrown.getClass());
    assertSame(checked, thrown.getCause());
    assertTrue(thrown.getMessage().contains("'files'"), thrown.getMessage());
  }

  /** What cancels a scope. */
  enum Source {
    EXPLICIT,
    FAILURE,
    BODY,
    DEADLINE,
    INTERRUPT,
    PARENT
  }

  /** Runs a body in a scope and cancels it, and tells whether a deadline left the body its time. */
  private static OnThread<Void> cancelled(
      Source source, Duration time, AtomicBoolean inTime, ScopeAction<Exception> body) {
    ScopeSpec spec = Scopes.named("cancelled");
    ScopeAction<Exception> whole =
        scope -> {
          body.run(scope);
          inTime.set(!Scopes.deadline().isExpired());
          switch (source) {
            case EXPLICIT -> scope.cancel("enough");
            case FAILURE ->
                scope.fork(() -> {
                  throw new IllegalStateException("fork");
                });
            case BODY -> throw new IllegalStateException("body");
            case INTERRUPT -> Thread.currentThread().interrupt();
            case DEADLINE, PARENT -> {}
          }
          Blocked.forever();
        };
    return OnThread.run(
            () -> {
              switch (source) {
                case DEADLINE -> spec.timeout(time).run(whole);
                case PARENT -> Scopes.named("outer").timeout(time).run(outer -> spec.run(whole));
                default -> spec.run(whole);
              }
            })
        .end();
  }

  private static void isWhatCameOf(Source source, Throwable thrown) {
    Class<?> expected =
        switch (source) {
          case EXPLICIT -> ScopeCancelledException.class;
          case FAILURE -> ForkFailedException.class;
          case BODY -> IllegalStateException.class;
          case INTERRUPT -> InterruptedException.class;
          case DEADLINE, PARENT -> ScopeTimeoutException.class;
        };
    assertInstanceOf(expected, thrown);
  }

  @ParameterizedTest
  @EnumSource
  void a_closer_is_not_interrupted_by_the_cancellation(Source source) throws Exception {
    Pace.find(time -> {
      var inTime = new AtomicBoolean();
      var sum = new AtomicReference<Object>();
      var call =
          cancelled(
              source,
              time,
              inTime,
              scope ->
                  scope.onExit(() -> {
                    assertFalse(Thread.currentThread().isInterrupted());
                    Scopes.checkpoint();
                    assertFalse(
                        new CountDownLatch(1)
                            .await(50, java.util.concurrent.TimeUnit.MILLISECONDS));
                    sum.set(Scopes.fanOut(List.of(1, 2), item -> item));
                  }));
      isWhatCameOf(source, call.thrown());
      assertEquals(List.of(), LawFixtures.suppressed(call.thrown()));
      call.leavesNoFlag();
      if (inTime.get()) {
        assertEquals(List.of(1, 2), sum.get());
      }
      return inTime.get();
    });
  }

  @Test
  void a_closer_is_not_interrupted_by_a_cancellation_of_an_outer_scope() {
    var done = new AtomicBoolean();
    var call =
        OnThread.run(() ->
            Scopes.run(outer ->
                Scopes.run(inner ->
                    inner.onExit(() -> {
                      outer.cancel("enough");
                      assertFalse(Thread.currentThread().isInterrupted());
                      Scopes.checkpoint();
                      assertEquals(List.of(1), Scopes.fanOut(List.of(1), item -> item));
                      done.set(true);
                    }))));
    call.end();
    assertTrue(done.get());
    call.leavesNoFlag();
  }

  @EachThreadKind
  void closers_run_on_the_owner_thread_after_the_tasks_have_ended(ThreadFactory threads)
      throws Exception {
    var task = new AtomicReference<Thread>();
    var closer = new AtomicReference<Thread>();
    var alive = new AtomicBoolean(true);
    Scopes.named("threads")
        .threads(threads)
        .run(scope -> {
          scope.fork(() -> task.set(Thread.currentThread()));
          scope.onExit(() -> {
            closer.set(Thread.currentThread());
            alive.set(task.get().isAlive());
          });
        });
    assertSame(Thread.currentThread(), closer.get());
    assertFalse(alive.get());
  }

  // --- onCancel ---

  @ParameterizedTest
  @EnumSource
  void on_cancel_runs_at_once(Source source) throws Exception {
    Pace.find(time -> {
      var inTime = new AtomicBoolean();
      var release = new CountDownLatch(1);
      // Only the action ends this task; interrupts do not.
      var call =
          cancelled(
              source,
              time,
              inTime,
              scope -> {
                scope.onCancel(release::countDown);
                scope.fork(() -> Blocked.stubbornly(release));
              });
      isWhatCameOf(source, call.thrown());
      if (inTime.get()) {
        assertEquals(0, release.getCount());
      }
      return inTime.get();
    });
  }

  @Test
  void on_cancel_does_not_run_in_a_scope_that_is_not_cancelled() throws Exception {
    var ran = new AtomicBoolean();
    Scopes.run(scope -> {
      scope.onCancel(() -> ran.set(true));
      scope.fork(() -> {});
    });
    assertFalse(ran.get());
  }

  @Test
  void on_cancel_is_waited_for() throws Exception {
    var started = new CountDownLatch(1);
    var release = new CountDownLatch(1);
    var ended = new AtomicBoolean();
    var call =
        OnThread.run(() ->
            Scopes.run(scope -> {
              scope.onExit(() -> assertTrue(ended.get(), "closed before it had ended"));
              scope.onCancel(() -> {
                started.countDown();
                Blocked.stubbornly(release);
                ended.set(true);
              });
              scope.cancel("enough");
            }));
    started.await();
    call.blocked();
    assertTrue(call.thread().isAlive());
    release.countDown();
    call.value();
    assertTrue(ended.get());
  }

  @Test
  void an_onCancel_action_that_hangs_does_not_keep_the_next_from_running() {
    var release = new CountDownLatch(1);
    var call =
        OnThread.run(() ->
            Scopes.run(scope -> {
              scope.onCancel(() -> Blocked.stubbornly(release));
              scope.onCancel(release::countDown);
              scope.onCancel(() -> Blocked.stubbornly(release));
              scope.cancel("enough");
            }));
    call.value();
  }

  @ParameterizedTest
  @EnumSource
  void a_failure_of_on_cancel_is_suppressed_on_the_exception_thrown(Source source)
      throws Exception {
    Pace.find(time -> {
      var inTime = new AtomicBoolean();
      var broken = new IllegalStateException("unblock");
      var call =
          cancelled(
              source,
              time,
              inTime,
              scope ->
                  scope.onCancel(() -> {
                    throw broken;
                  }));
      isWhatCameOf(source, call.thrown());
      if (inTime.get()) {
        var outer = call.thrown();
        assertTrue(
            LawFixtures.suppressed(outer).contains(broken),
            () -> "suppressed: " + LawFixtures.suppressed(outer));
      }
      return inTime.get();
    });
  }

  @Test
  void a_failure_of_on_cancel_is_thrown_though_the_body_returns_a_value() {
    var broken = new IllegalStateException("unblock");
    var thrown =
        assertThrows(
            IllegalStateException.class,
            () ->
                Scopes.call(scope -> {
                  scope.onCancel(() -> {
                    throw broken;
                  });
                  scope.cancel("enough");
                  return "value";
                }));
    assertSame(broken, thrown);
  }

  @Test
  void on_cancel_in_a_cancelled_scope_runs_now_and_throws() throws Exception {
    var ran = new AtomicBoolean();
    Scopes.run(scope -> {
      scope.cancel("enough");
      assertThrows(ScopeCancelledException.class, () -> scope.onCancel(() -> ran.set(true)));
      assertTrue(ran.get());
    });
  }

  @Test
  void on_cancel_in_a_cancelled_scope_runs_now_after_earlier_registrations() throws Exception {
    var ran = new AtomicBoolean();
    Scopes.run(scope -> {
      scope.onCancel(() -> {});
      scope.cancel("enough");
      assertThrows(ScopeCancelledException.class, () -> scope.onCancel(() -> ran.set(true)));
      assertTrue(ran.get());
    });
  }

  @EachThreadKind
  void an_interrupt_of_the_owner_does_not_reach_a_task_that_closes_its_resources(
      ThreadFactory factory) throws Exception {
    var begun = new CountDownLatch(1);
    var closing = new CountDownLatch(1);
    var let = new CountDownLatch(1);
    var interrupts = new CountDownLatch(4);
    var disturbed = new AtomicReference<Throwable>();
    var runner =
        OnThread.start(
            factory,
            () ->
                Scopes.call(s -> {
                  s.fork(() -> {
                    begun.countDown();
                    LawFixtures.swallow(interrupts);
                  });
                  await(begun);
                  return s.fork(() ->
                      Scopes.run(inner ->
                          inner.onExit(() -> {
                            closing.countDown();
                            try {
                              await(let);
                            } catch (InterruptedException e) {
                              disturbed.set(e);
                            }
                          })));
                }));
    await(closing);
    runner.blocked();
    runner.interrupt();
    Poll.until(() -> !runner.thread().isInterrupted());
    runner.blocked();
    await(interrupts); // the other task got them meanwhile
    let.countDown();
    assertInstanceOf(InterruptedException.class, runner.ended().thrown());
    assertNull(disturbed.get());
  }
}
