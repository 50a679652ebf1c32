package dev.holdfast.internal.background;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ForkFailedException;
import dev.holdfast.Scopes;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LawFixtures;
import dev.holdfast.testing.LeavesNothing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntPredicate;

/** The executor of a scope whose thread factory does not always have a thread. */
@LeavesNothing
class ExecutorThreadFactoryTest {

  private static final Duration LONG = Duration.ofSeconds(30);

  private final AtomicInteger asked = new AtomicInteger();

  /** The first thread it is asked for starts the threads of the executor. */
  private ThreadFactory failing(ThreadFactory threads, IntPredicate fails, Failure how) {
    return task -> fails.test(asked.incrementAndGet()) ? how.occur() : threads.newThread(task);
  }

  private interface Failure {
    Thread occur();

    Failure NULL = () -> null;
    Failure EXCEPTION =
        () -> {
          throw new IllegalStateException("no thread");
        };
    Failure ERROR =
        () -> {
          throw new OutOfMemoryError("unable to create native thread");
        };

    /** A thread that does not run its task. */
    Failure DROPPED = () -> Thread.ofVirtual().unstarted(() -> {});

    List<Failure> ALL = List.of(NULL, EXCEPTION, ERROR, DROPPED);
  }

  @EachThreadKind
  void one_failure_is_made_up_for(ThreadFactory threads) throws Exception {
    for (Failure how : Failure.ALL) {
      asked.set(0);
      int sum =
          Scopes.named("once")
              .timeout(LONG)
              .threads(failing(threads, n -> n == 2, how))
              .call(scope -> {
                Future<Integer> one = scope.executor().submit(() -> 1);
                Future<Integer> two = scope.executor().submit(() -> 2);
                return one.get() + two.get();
              });
      assertEquals(3, sum);
      assertTrue(asked.get() >= 3, asked::toString);
    }
  }

  @EachThreadKind
  void a_running_thread_takes_the_tasks_of_one_that_could_not_start(ThreadFactory threads)
      throws Exception {
    for (Failure how : Failure.ALL) {
      asked.set(0);
      var order = new ArrayList<Integer>();
      Scopes.named("others")
          .timeout(LONG)
          .threads(failing(threads, n -> n > 2, how))
          .run(scope -> {
            ExecutorService executor = scope.executor();
            var second = new CountDownLatch(1);
            Future<?> first =
                executor.submit(() -> {
                  LawFixtures.await(second);
                  return order.add(1);
                });
            Future<?> next = executor.submit(() -> order.add(2));
            second.countDown();
            first.get();
            next.get();
          });
      assertEquals(List.of(1, 2), order);
    }
  }

  @EachThreadKind
  void a_factory_that_never_has_a_thread_fails_the_scope(ThreadFactory threads) {
    for (Failure how : Failure.ALL) {
      asked.set(0);
      var task = new AtomicReference<Future<Integer>>();
      var failed =
          assertThrows(
              ForkFailedException.class,
              () ->
                  Scopes.named("never")
                      .timeout(LONG)
                      .threads(failing(threads, n -> n > 1, how))
                      .run(scope -> {
                        task.set(scope.executor().submit(() -> 1));
                        task.get().get();
                      }));
      assertThrows(CancellationException.class, () -> task.get().get());
      Class<?> expected =
          how == Failure.NULL || how == Failure.DROPPED
              ? RejectedExecutionException.class
              : how == Failure.EXCEPTION ? IllegalStateException.class : OutOfMemoryError.class;
      assertInstanceOf(expected, failed.getCause());
    }
  }

  @EachThreadKind
  void executor_throws_what_the_factory_throws(ThreadFactory threads) throws Exception {
    Scopes.named("host")
        .threads(failing(threads, n -> n < 3, Failure.EXCEPTION))
        .run(scope -> {
          assertEquals(
              "no thread", assertThrows(IllegalStateException.class, scope::executor).getMessage());
          assertThrows(
              IllegalStateException.class, () -> scope.after(Duration.ZERO, () -> asked.set(-1)));
          assertFalse(scope.isCancelled());
          ExecutorService executor = scope.executor();
          assertEquals(1, executor.submit(() -> 1).get());
          assertSame(executor, scope.executor());
        });
  }
}
