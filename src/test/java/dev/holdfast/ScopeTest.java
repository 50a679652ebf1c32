package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
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

/**
 * The table 'How a block ends', line by line.
 *
 * <p>Tests {@code ScopeBase}, {@code ScopeImpl} and {@code ScopeParts} as well.
 */
@LeavesNothing
@Tag("one-carrier")
class ScopeTest {

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
    var late = new IllegalStateException("late");
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
                          Blocked.forever();
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
    assertEquals(List.of(late), LawFixtures.suppressed(thrown));
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
    var marker = new IllegalStateException("body");
    var thrown =
        assertThrows(
            IllegalStateException.class,
            () ->
                Scopes.run(scope -> {
                  scope.fork(() -> Blocked.forever());
                  throw marker;
                }));
    assertEquals(List.of(), LawFixtures.suppressed(thrown));
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
                          Blocked.forever();
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
                      Blocked.forever();
                    }));
    assertSame(cause, thrown.getCause());
    assertInstanceOf(InterruptedException.class, sibling.get());
    assertTrue(thrown.getMessage().contains("'orders'"), thrown.getMessage());
    assertTrue(thrown.getMessage().contains("'bad'"), thrown.getMessage());
    assertEquals(List.of(), LawFixtures.suppressed(thrown));
  }

  @Test
  void a_failed_fork_decides_whatever_the_body_does_with_its_interrupt() {
    var cause = new IllegalStateException("fork");
    var thrown =
        assertThrows(
            ForkFailedException.class,
            () ->
                Scopes.call(scope -> {
                  scope.fork(() -> {
                    throw cause;
                  });
                  try {
                    return Blocked.forever();
                  } catch (InterruptedException e) {
                    return "never mind";
                  }
                }));
    assertSame(cause, thrown.getCause());
  }

  @Test
  void the_exception_of_the_body_after_a_failed_fork_is_suppressed() {
    var cause = new IllegalStateException("fork");
    var body = new IllegalStateException("body");
    var thrown =
        assertThrows(
            ForkFailedException.class,
            () ->
                Scopes.run(scope -> {
                  scope.fork(() -> {
                    throw cause;
                  });
                  try {
                    Blocked.forever();
                  } catch (InterruptedException e) {
                    throw body;
                  }
                }));
    assertSame(cause, thrown.getCause());
    assertEquals(List.of(body), LawFixtures.suppressed(thrown));
  }

  @Test
  void the_exception_of_a_join_is_not_wrapped_again() {
    var joined = new AtomicReference<ForkFailedException>();
    var cause = new IllegalStateException("fork");
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
    var first = new IllegalStateException("first");
    var second = new IllegalStateException("second");
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
                          Blocked.forever();
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
    assertEquals(List.of(second), LawFixtures.suppressed(thrown));
  }

  // --- deadline, interrupt ---

  @EachThreadKind
  void the_deadline_passes(ThreadFactory threads) throws Exception {
    Pace.find(time -> {
      var late = new IllegalStateException("late");
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
                            Blocked.forever();
                          } catch (InterruptedException e) {
                            throw late;
                          }
                        });
                        Blocked.forever();
                      }));
      assertFalse(Thread.currentThread().isInterrupted());
      if (begun.get()) {
        assertEquals(List.of(late), LawFixtures.suppressed(thrown));
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
                      Blocked.forever();
                    } finally {
                      ended.set(true);
                    }
                  });
                  started.await();
                  Blocked.forever();
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
                    Blocked.forever();
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
          scope.fork(() -> Blocked.forever());
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
                      Blocked.forever();
                    }));
    assertSame(ScopeCancelledException.Source.EXPLICIT, thrown.source());
    assertEquals("enough", thrown.reason());
    assertTrue(thrown.getMessage().contains("'orders'"), thrown.getMessage());
  }

  @Test
  void another_exception_of_the_body_after_a_cancel_is_thrown() {
    var marker = new IllegalStateException("body");
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
    var first = new IllegalStateException("first");
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
                  inner.fork(() -> Blocked.forever());
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
}
