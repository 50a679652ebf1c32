package dev.holdfast;

import static dev.holdfast.testing.Blocked.forever;
import static dev.holdfast.testing.LawFixtures.PLATFORM;
import static dev.holdfast.testing.LawFixtures.assertNoWayBack;
import static dev.holdfast.testing.LawFixtures.await;
import static dev.holdfast.testing.LawFixtures.ending;
import static dev.holdfast.testing.LawFixtures.endingOn;
import static dev.holdfast.testing.LawFixtures.holds;
import static dev.holdfast.testing.LawFixtures.play;
import static dev.holdfast.testing.LawFixtures.sneak;
import static dev.holdfast.testing.LawFixtures.spin;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.internal.util.Throwables;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.HostileCause;
import dev.holdfast.testing.LawFixtures.Ended;
import dev.holdfast.testing.LeavesNothing;
import java.io.IOException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Law 6: the first failure is thrown unchanged, and later ones are suppressed on it.
 *
 * <p>Tests {@code ScopeResult} as well.
 */
@LeavesNothing
@Tag("one-carrier")
class Law06NoFailureLostTest {

  static final class Unsuppressing extends RuntimeException {
    private static final long serialVersionUID = 1;

    Unsuppressing() {
      super("no suppression, no stack", null, false, false);
    }
  }

  /** A fan-out whose second item throws when the failure of the first cancels it. */
  static Object failing(Throwable first, Throwable late) throws Exception {
    var up = new CountDownLatch(1);
    return Scopes.fanOut(
        List.of(1, 2),
        i -> {
          if (i == 1) {
            await(up);
            throw sneak(first);
          }
          try {
            up.countDown();
            return forever();
          } catch (InterruptedException e) {
            throw sneak(late);
          }
        });
  }

  @EachThreadKind
  void an_exception_that_cannot_be_suppressed_is_reported(ThreadFactory factory) throws Exception {
    Queue<Throwable> reported = new ConcurrentLinkedQueue<>();
    var late = new IllegalStateException("late");
    Thread.UncaughtExceptionHandler handler = (t, e) -> reported.add(e);
    boolean virtual = factory.newThread(() -> {}).isVirtual();
    ThreadFactory owners =
        virtual
            ? Thread.ofVirtual().uncaughtExceptionHandler(handler).factory()
            : Thread.ofPlatform().daemon().uncaughtExceptionHandler(handler).factory();
    var first = new Unsuppressing();
    Ended ended =
        endingOn(
            owners,
            () ->
                Scopes.call(s -> {
                  s.onExit(() -> {
                    throw late;
                  });
                  throw first;
                }));
    assertSame(first, ended.thrown());
    assertEquals(List.of(late), List.copyOf(reported));
  }

  /** An exception may be a constant. */
  @EachThreadKind
  void one_instance_thrown_by_many_calls_collects_a_bounded_number(ThreadFactory factory)
      throws Exception {
    var constant = new IllegalStateException("a constant");
    var reported = new AtomicInteger();
    endingOn(
        factory,
        () -> {
          Thread.currentThread().setUncaughtExceptionHandler((t, e) -> reported.getAndIncrement());
          for (int i = 0; i < 100; i++) {
            assertSame(constant, ending(() -> failing(constant)).thrown());
          }
          return null;
        });
    assertEquals(Throwables.MOST_SUPPRESSED, constant.getSuppressed().length);
    assertEquals(300, constant.getSuppressed().length + reported.get(), "a failure was lost");
  }

  /** A scope whose body throws this while a task and two resources throw others. */
  private static Object failing(RuntimeException constant) throws Exception {
    return Scopes.call(scope -> {
      var up = new CountDownLatch(1);
      scope.fork(() -> {
        up.countDown();
        try {
          return forever();
        } catch (InterruptedException e) {
          throw new IOException("fresh, of a task");
        }
      });
      scope.onExit(() -> {
        throw new IOException("fresh, of a resource");
      });
      scope.onExit(() -> {
        throw new AssertionError("fresh, of a resource");
      });
      await(up);
      throw constant;
    });
  }

  @EachThreadKind
  void failures_that_wrap_each_other_form_no_cycle(ThreadFactory factory) throws Exception {
    for (int order = 0; order < 2; order++) {
      var inner = new IllegalStateException("inner");
      var wrapping = new IllegalArgumentException("wrapping", inner);
      Throwable first = order == 0 ? inner : wrapping;
      Throwable second = order == 0 ? wrapping : inner;
      Ended ended = endingOn(factory, () -> failing(first, second));
      assertSame(first, ended.thrown());
      assertNoWayBack(first);
    }
  }

  @EachThreadKind
  void an_error_of_a_cancelled_task_is_thrown(ThreadFactory factory) throws Exception {
    var error = new AssertionError("late");
    Ended ended =
        endingOn(
            factory,
            () ->
                Scopes.call(s -> {
                  var up = new CountDownLatch(1);
                  s.fork(() -> {
                    up.countDown();
                    try {
                      forever();
                    } catch (InterruptedException e) {
                      throw error;
                    }
                  });
                  await(up);
                  s.cancel("test");
                  return 1;
                }));
    assertSame(error, ended.thrown());
  }

  @EachThreadKind
  @SuppressWarnings("try")
  void a_failure_while_unwinding_from_a_cancellation_is_found(ThreadFactory factory)
      throws Exception {
    var first = new IOException("first");
    var cleaning = new IllegalStateException("cleaning up");
    Ended ended =
        endingOn(
            factory,
            () -> {
              var up = new CountDownLatch(1);
              return Scopes.fanOut(
                  List.of(1, 2),
                  i -> {
                    if (i == 1) {
                      await(up);
                      throw first;
                    }
                    try (AutoCloseable failing =
                        () -> {
                          throw cleaning;
                        }) {
                      up.countDown();
                      return forever();
                    }
                  });
            });
    assertSame(first, ended.thrown());
    assertTrue(holds(first, cleaning));
  }

  @EachThreadKind
  void every_exception_of_random_tasks_is_found_in_the_one_thrown(ThreadFactory factory)
      throws Exception {
    play(
        factory,
        4_000,
        random -> {
          Queue<Throwable> thrown = new ConcurrentLinkedQueue<>();
          int size = 1 + random.nextInt(8);
          int[] turns = new int[size];
          boolean[] fails = new boolean[size];
          for (int i = 0; i < size; i++) {
            turns[i] = random.nextInt(400);
            fails[i] = random.nextInt(3) > 0;
          }
          var cleaned = new AtomicBoolean();
          TaskFunction<Integer, Integer, IOException> fn =
              i -> {
                spin(turns[i]);
                if (!fails[i]) {
                  return i;
                }
                var failure = new IOException("task " + i);
                thrown.add(failure);
                throw failure;
              };
          List<Integer> items = IntStream.range(0, size).boxed().toList();
          boolean block = random.nextBoolean();
          Ended ended =
              ending(() ->
                  block
                      ? Scopes.call(s -> {
                        s.onExit(() -> cleaned.set(true));
                        for (Integer item : items) {
                          s.fork(() -> fn.apply(item));
                        }
                        return 1;
                      })
                      : Scopes.fanOut(items, fn));
          for (Throwable failure : thrown) {
            assertTrue(holds(ended.thrown(), failure), () -> failure + " in " + ended);
          }
          assertEquals(thrown.isEmpty(), ended.thrown() == null, ended::toString);
          if (ended.thrown() != null) {
            assertNoWayBack(ended.thrown());
          }
        });
  }

  @EachThreadKind
  void a_failure_whose_getCause_throws_is_thrown(ThreadFactory factory) throws Exception {
    var hostile = new HostileCause();
    var other = new IllegalArgumentException();
    var counted = new AtomicInteger();
    Ended ended =
        endingOn(
            factory,
            () -> {
              try {
                Scopes.run(s -> {
                  s.onExit(() -> {
                    throw other;
                  });
                  throw hostile;
                });
                return null;
              } finally {
                counted.set(ThreadScope.count());
              }
            });
    assertEquals(0, counted.get(), "threads in Holdfast");
    assertSame(hostile, ended.thrown());
    assertTrue(holds(hostile, other));
  }

  @Test
  void a_failed_fork_decides_before_a_body_that_joined_it_and_threw() throws Exception {
    play(
        PLATFORM,
        20_000,
        random -> {
          var failure = new IllegalArgumentException();
          Ended ended =
              ending(() ->
                  Scopes.call(s -> {
                    var fork =
                        s.fork(() -> {
                          throw failure;
                        });
                    try {
                      while (!fork.isDone()) {
                        Thread.onSpinWait();
                      }
                      return fork.join();
                    } catch (ForkFailedException e) {
                      throw new IllegalStateException("body");
                    }
                  }));
          assertInstanceOf(ForkFailedException.class, ended.thrown());
        });
  }
}
