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
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The table 'How a block ends', line by line.
 *
 * <p>Tests {@code ScopeBase}, {@code ScopeImpl} and {@code ScopeParts} as well.
 */
@LeavesNothing
@Tag("one-carrier")
class ScopeTest {

  private static IllegalStateException marker(String name) {
    return new IllegalStateException(name);
  }

  private static List<Throwable> suppressed(Throwable thrown) {
    return List.of(thrown.getSuppressed());
  }

  // --- normal end ---

  @EachThreadKind
  void forks_end_then_resources_close_last_in_first_out_then_the_value_is_returned(
      ThreadFactory threads) throws Exception {
    Queue<String> order = new ConcurrentLinkedQueue<>();
    String value =
        Scopes.named("normal")
            .threads(threads)
            .call(scope -> {
              scope.use(() -> order.add("first"));
              scope.onExit(() -> order.add("second"));
              var go = new CountDownLatch(1);
              scope.fork(() -> {
                go.await();
                scope.use(() -> order.add("fourth"));
                order.add("task");
              });
              scope.use(() -> order.add("third"));
              go.countDown();
              return "value";
            });
    assertEquals("value", value);
    assertEquals(List.of("task", "fourth", "third", "second", "first"), List.copyOf(order));
  }

  @Test
  void a_null_is_a_value() throws Exception {
    Scopes.call(scope -> null);
  }

  // --- the body throws ---

  @EachThreadKind
  void the_exception_of_the_body_is_thrown_itself(ThreadFactory threads) {
    var checked = new IOException("body");
    var late = marker("late");
    var ended = new AtomicBoolean();
    var thrown =
        assertThrows(
            IOException.class,
            () ->
                Scopes.named("body")
                    .threads(threads)
                    .run(scope -> {
                      var started = new CountDownLatch(1);
                      scope.fork(() -> {
                        try {
                          started.countDown();
                          Blocked.forEver();
                        } finally {
                          ended.set(true);
                          throwIt(late);
                        }
                      });
                      started.await();
                      throw checked;
                    }));
    assertSame(checked, thrown);
    assertTrue(ended.get());
    assertEquals(List.of(late), suppressed(thrown));
  }

  private static void throwIt(RuntimeException thrown) {
    throw thrown;
  }

  @Test
  void an_error_of_the_body_is_thrown_itself() {
    var error = new AssertionError("body");
    assertSame(
        error,
        assertThrows(
            AssertionError.class,
            () ->
                Scopes.run(scope -> {
                  throw error;
                })));
  }

  @Test
  void an_interrupt_caused_by_the_cancellation_is_not_suppressed() {
    var marker = marker("body");
    var thrown =
        assertThrows(
            IllegalStateException.class,
            () ->
                Scopes.run(scope -> {
                  scope.fork(() -> Blocked.forEver());
                  throw marker;
                }));
    assertEquals(List.of(), suppressed(thrown));
  }

  // --- a fork fails ---

  @EachThreadKind
  void a_failed_fork_cancels_siblings_and_body(ThreadFactory threads) {
    var cause = new IOException("fork");
    var sibling = new AtomicReference<Throwable>();
    var thrown =
        assertThrows(
            ForkFailedException.class,
            () ->
                Scopes.named("orders")
                    .threads(threads)
                    .run(scope -> {
                      var started = new CountDownLatch(1);
                      scope.fork(() -> {
                        started.countDown();
                        try {
                          Blocked.forEver();
                        } catch (InterruptedException e) {
                          sibling.set(e);
                        }
                      });
                      scope.fork(
                          "bad",
                          () -> {
                            started.await();
                            throw cause;
                          });
                      Blocked.forEver();
                    }));
    assertSame(cause, thrown.getCause());
    assertInstanceOf(InterruptedException.class, sibling.get());
    assertTrue(thrown.getMessage().contains("'orders'"), thrown.getMessage());
    assertTrue(thrown.getMessage().contains("'bad'"), thrown.getMessage());
    assertEquals(List.of(), suppressed(thrown));
  }

  @Test
  void a_failed_fork_decides_whatever_the_body_does_with_its_interrupt() {
    var cause = marker("fork");
    var thrown =
        assertThrows(
            ForkFailedException.class,
            () ->
                Scopes.call(scope -> {
                  scope.fork(() -> {
                    throw cause;
                  });
                  try {
                    return Blocked.forEver();
                  } catch (InterruptedException e) {
                    return "never mind";
                  }
                }));
    assertSame(cause, thrown.getCause());
  }

  @Test
  void the_exception_of_the_body_after_a_failed_fork_is_suppressed() {
    var cause = marker("fork");
    var body = marker("body");
    var thrown =
        assertThrows(
            ForkFailedException.class,
            () ->
                Scopes.run(scope -> {
                  scope.fork(() -> {
                    throw cause;
                  });
                  try {
                    Blocked.forEver();
                  } catch (InterruptedException e) {
                    throw body;
                  }
                }));
    assertSame(cause, thrown.getCause());
    assertEquals(List.of(body), suppressed(thrown));
  }

  @Test
  void the_exception_of_a_join_is_not_wrapped_again() {
    var joined = new AtomicReference<ForkFailedException>();
    var cause = marker("fork");
    var thrown =
        assertThrows(
            ForkFailedException.class,
            () ->
                Scopes.run(scope -> {
                  Fork<?> fork =
                      scope.fork(() -> {
                        throw cause;
                      });
                  Poll.until(fork::isDone);
                  joined.set(assertThrows(ForkFailedException.class, fork::join));
                  throw joined.get();
                }));
    assertSame(joined.get(), thrown);
    assertSame(cause, thrown.getCause());
  }

  @EachThreadKind
  void later_failures_are_suppressed_on_the_first(ThreadFactory threads) {
    var first = marker("first");
    var second = marker("second");
    var thrown =
        assertThrows(
            ForkFailedException.class,
            () ->
                Scopes.named("two")
                    .threads(threads)
                    .run(scope -> {
                      var started = new CountDownLatch(1);
                      scope.fork(() -> {
                        started.countDown();
                        try {
                          Blocked.forEver();
                        } catch (InterruptedException e) {
                          throw second;
                        }
                      });
                      started.await();
                      scope.fork(() -> {
                        throw first;
                      });
                    }));
    assertSame(first, thrown.getCause());
    assertEquals(List.of(second), suppressed(thrown));
  }

  // --- isolated ---

  private static final class Uncaught {
    final Queue<Throwable> reported = new ConcurrentLinkedQueue<>();

    ScopeSpec isolated(boolean virtual) {
      return Scopes.named("isolated")
          .isolated()
          .threads(
              virtual
                  ? Thread.ofVirtual().uncaughtExceptionHandler((t, e) -> reported.add(e)).factory()
                  : Thread.ofPlatform()
                      .uncaughtExceptionHandler((t, e) -> reported.add(e))
                      .factory());
    }
  }

  @Test
  void in_an_isolated_scope_a_failure_affects_only_the_callers_of_join() throws Exception {
    for (boolean virtual : new boolean[] {true, false}) {
      var uncaught = new Uncaught();
      var cause = marker("fork");
      int value =
          uncaught
              .isolated(virtual)
              .call(scope -> {
                Fork<?> bad =
                    scope.fork(() -> {
                      throw cause;
                    });
                Fork<Integer> good = scope.fork(() -> 1);
                var thrown = assertThrows(ForkFailedException.class, bad::join);
                assertSame(cause, thrown.getCause());
                assertFalse(scope.isCancelled());
                scope.join();
                return good.join();
              });
      assertEquals(1, value);
      assertEquals(List.of(), List.copyOf(uncaught.reported));
    }
  }

  @Test
  void a_failure_that_was_not_joined_goes_to_the_uncaught_exception_handler() throws Exception {
    for (boolean virtual : new boolean[] {true, false}) {
      var uncaught = new Uncaught();
      var cause = marker("fork");
      uncaught
          .isolated(virtual)
          .run(scope ->
              scope.fork(() -> {
                throw cause;
              }));
      assertEquals(List.of(cause), List.copyOf(uncaught.reported));
    }
  }

  @Test
  void a_body_that_throws_the_failure_it_joined_throws_it() {
    var uncaught = new Uncaught();
    var cause = marker("fork");
    var thrown =
        assertThrows(
            ForkFailedException.class,
            () ->
                uncaught
                    .isolated(true)
                    .run(scope ->
                        scope
                            .fork(() -> {
                              throw cause;
                            })
                            .join()));
    assertSame(cause, thrown.getCause());
    assertEquals(List.of(), List.copyOf(uncaught.reported));
  }

  @Test
  void many_failures_that_were_not_joined_are_all_reported() throws Exception {
    var uncaught = new Uncaught();
    uncaught
        .isolated(true)
        .run(scope -> {
          for (int i = 0; i < 600; i++) {
            int number = i;
            scope.fork(() -> {
              throw marker("" + number);
            });
          }
        });
    assertEquals(600, uncaught.reported.size());
  }

  @Test
  void an_uncaught_exception_handler_that_throws_is_ignored() throws Exception {
    int value =
        Scopes.named("isolated")
            .isolated()
            .threads(
                Thread.ofVirtual()
                    .uncaughtExceptionHandler((t, e) -> {
                      throw marker("handler");
                    })
                    .factory())
            .call(scope -> {
              scope.fork(() -> {
                throw marker("fork");
              });
              return 1;
            });
    assertEquals(1, value);
  }

  // --- deadline, interrupt ---

  @EachThreadKind
  void the_deadline_passes(ThreadFactory threads) throws Exception {
    Pace.find(time -> {
      var late = marker("late");
      var begun = new AtomicBoolean();
      var thrown =
          assertThrows(
              ScopeTimeoutException.class,
              () ->
                  Scopes.timeout(time)
                      .threads(threads)
                      .run(scope -> {
                        scope.fork(() -> {
                          begun.set(true);
                          try {
                            Blocked.forEver();
                          } catch (InterruptedException e) {
                            throw late;
                          }
                        });
                        Blocked.forEver();
                      }));
      assertFalse(Thread.currentThread().isInterrupted());
      if (begun.get()) {
        assertEquals(List.of(late), suppressed(thrown));
      }
      return begun.get();
    });
  }

  @EachThreadKind
  void the_caller_is_interrupted_in_its_body(ThreadFactory threads) {
    var ended = new AtomicBoolean();
    var started = new CountDownLatch(1);
    var call =
        OnThread.run(
            threads,
            () ->
                Scopes.run(scope -> {
                  scope.fork(() -> {
                    started.countDown();
                    try {
                      Blocked.forEver();
                    } finally {
                      ended.set(true);
                    }
                  });
                  started.await();
                  Blocked.forEver();
                }));
    Poll.until(() -> started.getCount() == 0);
    call.blocked().interrupt();
    assertInstanceOf(InterruptedException.class, call.thrown());
    assertTrue(ended.get());
    call.leavesNoFlag();
  }

  @EachThreadKind
  void the_caller_is_interrupted_while_it_waits_for_its_tasks(ThreadFactory threads) {
    var started = new CountDownLatch(1);
    var call =
        OnThread.start(
            threads,
            () ->
                Scopes.call(scope -> {
                  scope.fork(() -> {
                    started.countDown();
                    Blocked.forEver();
                  });
                  return "value";
                }));
    Poll.until(() -> started.getCount() == 0);
    call.blocked().interrupt();
    var thrown = assertInstanceOf(InterruptedException.class, call.thrown());
    assertSame(
        ScopeCancelledException.Source.CALLER_INTERRUPT,
        assertInstanceOf(ScopeCancelledException.class, thrown.getCause()).source());
    call.leavesNoFlag();
  }

  // --- cancel ---

  @Test
  void after_a_cancel_a_body_that_returns_a_value_returns_it() throws Exception {
    String value =
        Scopes.call(scope -> {
          scope.fork(() -> Blocked.forEver());
          scope.cancel("enough");
          return "value";
        });
    assertEquals("value", value);
    assertFalse(Thread.currentThread().isInterrupted());
  }

  @EachThreadKind
  void a_body_that_a_cancel_interrupts_gets_a_scope_cancelled_exception(ThreadFactory threads) {
    var thrown =
        assertThrows(
            ScopeCancelledException.class,
            () ->
                Scopes.named("orders")
                    .threads(threads)
                    .run(scope -> {
                      scope.fork(() -> scope.cancel("enough"));
                      Blocked.forEver();
                    }));
    assertSame(ScopeCancelledException.Source.EXPLICIT, thrown.source());
    assertEquals("enough", thrown.reason());
    assertTrue(thrown.getMessage().contains("'orders'"), thrown.getMessage());
  }

  @Test
  void another_exception_of_the_body_after_a_cancel_is_thrown() {
    var marker = marker("body");
    assertSame(
        marker,
        assertThrows(
            IllegalStateException.class,
            () ->
                Scopes.run(scope -> {
                  scope.cancel("enough");
                  throw marker;
                })));
  }

  @Test
  void a_join_in_a_cancelled_scope_names_the_reason() {
    var seen = new AtomicReference<InterruptedException>();
    assertThrows(
        ScopeCancelledException.class,
        () ->
            Scopes.run(scope -> {
              scope.fork(() -> {});
              scope.cancel("enough");
              seen.set(assertThrows(InterruptedException.class, scope::join));
              throw seen.get();
            }));
    var cause = assertInstanceOf(ScopeCancelledException.class, seen.get().getCause());
    assertEquals("enough", cause.reason());
  }

  @Test
  void a_fork_after_cancellation_is_never_started() throws Exception {
    var ran = new AtomicBoolean();
    Fork<?> late =
        Scopes.call(scope -> {
          scope.cancel("enough");
          return scope.fork(() -> ran.set(true));
        });
    assertFalse(ran.get());
    assertThrows(CancellationException.class, late::join);
  }

  @Test
  void the_first_decision_counts() throws Exception {
    var first = marker("first");
    Pace.find(time -> {
      var decided = new AtomicBoolean();
      var call =
          OnThread.run(() ->
              Scopes.timeout(time)
                  .run(scope -> {
                    Deadline deadline = Scopes.deadline();
                    Fork<?> bad =
                        scope.fork(() -> {
                          throw first;
                        });
                    Poll.until(bad::isDone);
                    decided.set(!deadline.isExpired());
                    scope.cancel("too late");
                    Poll.until(deadline::isExpired);
                  }));
      Throwable thrown = call.thrown();
      if (decided.get()) {
        assertSame(first, assertInstanceOf(ForkFailedException.class, thrown).getCause());
      }
      return decided.get();
    });
  }

  @Test
  void a_nested_scope_throws_an_outer_cancellation_as_an_interrupt() {
    var inside = new AtomicReference<Throwable>();
    assertThrows(
        ScopeCancelledException.class,
        () ->
            Scopes.run(outer -> {
              var opened = new CountDownLatch(1);
              outer.fork(() -> {
                opened.await();
                outer.cancel("enough");
              });
              try {
                Scopes.run(inner -> {
                  inner.fork(() -> Blocked.forEver());
                  opened.countDown();
                });
              } catch (InterruptedException e) {
                inside.set(e);
                throw e;
              }
            }));
    var cause = assertInstanceOf(ScopeCancelledException.class, inside.get().getCause());
    assertSame(ScopeCancelledException.Source.PARENT, cause.source());
    assertEquals("enough", cause.reason());
  }

  // --- closers ---

  @EachThreadKind
  void every_closer_runs_though_others_fail(ThreadFactory threads) {
    var ran = new ArrayList<Integer>();
    var last = marker("last");
    var middle = new IOException("middle");
    var body = marker("body");
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
    assertEquals(List.of(last, middle), suppressed(thrown));
  }

  @Test
  void the_first_failure_of_closers_is_thrown_if_nothing_else_is() {
    var first = marker("first");
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
    assertEquals(List.of(second), suppressed(thrown));
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
                  throw marker("fork");
                });
            case BODY -> throw marker("body");
            case INTERRUPT -> Thread.currentThread().interrupt();
            case DEADLINE, PARENT -> {}
          }
          Blocked.forEver();
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
      assertEquals(List.of(), suppressed(call.thrown()));
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
      var broken = marker("unblock");
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
        assertTrue(suppressed(outer).contains(broken), () -> "suppressed: " + suppressed(outer));
      }
      return inTime.get();
    });
  }

  @Test
  void a_failure_of_on_cancel_is_thrown_though_the_body_returns_a_value() {
    var broken = marker("unblock");
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
    var closing = new CountDownLatch(1);
    var let = new CountDownLatch(1);
    var interrupts = new CountDownLatch(4);
    var disturbed = new AtomicReference<Throwable>();
    var runner =
        OnThread.start(
            factory,
            () ->
                Scopes.call(s -> {
                  s.fork(() -> LawFixtures.swallow(interrupts));
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
