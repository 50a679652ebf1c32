package dev.holdfast.internal.background;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ForkFailedException;
import dev.holdfast.ScopeCancelledException;
import dev.holdfast.ScopeSpec;
import dev.holdfast.ScopeTimeoutException;
import dev.holdfast.Scopes;
import dev.holdfast.channel.Channel;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LawFixtures;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Poll;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Tests {@code Launcher} as well. */
@LeavesNothing
class ScopeExecutorTest {

  private static final Duration SHORT = Duration.ofMillis(50);

  private final List<Integer> done = Collections.synchronizedList(new ArrayList<>());

  @EachThreadKind
  void the_scope_waits_for_submitted_tasks(ThreadFactory threads) throws Exception {
    Scopes.named("waits")
        .threads(threads)
        .run(scope -> {
          ExecutorService executor = scope.executor();
          assertSame(executor, scope.executor());
          for (int i = 0; i < 1000; i++) {
            int number = i;
            executor.execute(() -> done.add(number));
          }
        });
    assertEquals(IntStream.range(0, 1000).boxed().toList(), done.stream().sorted().toList());
  }

  @Test
  void any_thread_may_submit() throws Exception {
    int value =
        Scopes.call(scope -> {
          ExecutorService executor = scope.executor();
          return CompletableFuture.supplyAsync(() -> 20, executor)
              .thenApplyAsync(n -> n + 1, executor)
              .thenCombineAsync(
                  CompletableFuture.supplyAsync(() -> 21, executor), Integer::sum, executor)
              .get();
        });
    assertEquals(42, value);
  }

  @Test
  void a_blocked_task_delays_no_other() throws Exception {
    Scopes.run(scope -> {
      ExecutorService executor = scope.executor();
      var all = new CountDownLatch(500);
      for (int i = 0; i < 500; i++) {
        executor.execute(() -> {
          all.countDown();
          try {
            all.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
      }
    });
  }

  @Test
  void the_limit_bounds_the_running_tasks() throws Exception {
    var now = new AtomicInteger();
    var most = new AtomicInteger();
    Scopes.limit(3)
        .run(scope -> {
          for (int i = 0; i < 200; i++) {
            scope
                .executor()
                .execute(() -> {
                  most.accumulateAndGet(now.incrementAndGet(), Math::max);
                  Thread.yield();
                  now.decrementAndGet();
                });
          }
        });
    assertTrue(most.get() <= 3, () -> "at a time: " + most);
  }

  @Test
  void tasks_find_workers_and_channels_as_they_were() throws Exception {
    Scopes.run(scope -> {
      Channel<Integer> out = scope.channel(1);
      scope.consume(out, 1, done::add);
      Future<?> unread =
          scope
              .executor()
              .submit(() -> {
                for (int i = 0; i < 10; i++) {
                  out.send(i);
                }
                return null;
              });
      assertFalse(unread.isCancelled());
    });
    assertEquals(IntStream.range(0, 10).boxed().toList(), done);
  }

  @Test
  void it_rejects_tasks_after_its_scope() throws Exception {
    var kept = new AtomicReference<ExecutorService>();
    Scopes.run(scope -> kept.set(scope.executor()));
    ExecutorService executor = kept.get();
    assertThrows(RejectedExecutionException.class, () -> executor.execute(() -> {}));
    assertThrows(RejectedExecutionException.class, () -> executor.submit(() -> 1));
    assertTrue(executor.isShutdown());
    assertTrue(executor.isTerminated());
    assertTrue(executor.awaitTermination(1, TimeUnit.NANOSECONDS));
    executor.close();
  }

  @EachThreadKind
  void a_cancelled_scope_interrupts_and_completes_everything(ThreadFactory threads) {
    var up = new CountDownLatch(2);
    var interrupted = new AtomicInteger();
    var futures = new ArrayList<Future<?>>();
    assertThrows(
        ScopeCancelledException.class,
        () ->
            Scopes.limit(2)
                .threads(threads)
                .run(scope -> {
                  for (int i = 0; i < 5; i++) {
                    futures.add(
                        scope
                            .executor()
                            .submit(() -> {
                              up.countDown();
                              try {
                                return Blocked.forever();
                              } catch (InterruptedException e) {
                                interrupted.incrementAndGet();
                                throw e;
                              }
                            }));
                  }
                  up.await();
                  scope.cancel("enough");
                  Blocked.forever();
                }));
    assertEquals(2, interrupted.get());
    assertTrue(futures.stream().allMatch(Future::isDone));
    assertEquals(3, futures.stream().filter(Future::isCancelled).count());
  }

  @Test
  void after_shutdown_it_runs_the_tasks_it_has_accepted() throws Exception {
    Scopes.run(scope -> {
      ExecutorService executor = scope.executor();
      var go = new CountDownLatch(1);
      Future<Integer> future =
          executor.submit(() -> {
            go.await();
            return 1;
          });
      executor.shutdown();
      assertTrue(executor.isShutdown());
      assertFalse(executor.isTerminated());
      assertFalse(executor.awaitTermination(1, TimeUnit.MILLISECONDS));
      assertThrows(RejectedExecutionException.class, () -> executor.execute(() -> {}));
      go.countDown();
      assertEquals(1, future.get());
      assertTrue(executor.awaitTermination(10, TimeUnit.SECONDS));
      assertTrue(executor.isTerminated());
    });
  }

  @Test
  void shutdown_now_returns_the_tasks_that_have_not_begun() throws Exception {
    Scopes.limit(1)
        .run(scope -> {
          ExecutorService executor = scope.executor();
          var up = new CountDownLatch(1);
          Future<?> running =
              executor.submit(() -> {
                up.countDown();
                return Blocked.forever();
              });
          up.await();
          executor.execute(() -> done.add(1));
          executor.execute(() -> done.add(2));
          assertEquals(2, executor.shutdownNow().size());
          assertTrue(executor.awaitTermination(10, TimeUnit.SECONDS));
          assertThrows(Exception.class, running::get);
        });
    assertEquals(List.of(), done);
  }

  @Test
  void a_cancelled_future_is_interrupted_and_the_next_task_is_not() throws Exception {
    Scopes.limit(1)
        .run(scope -> {
          ExecutorService executor = scope.executor();
          for (int i = 0; i < 100; i++) {
            var up = new CountDownLatch(1);
            Future<?> future =
                executor.submit(() -> {
                  up.countDown();
                  return Blocked.forever();
                });
            up.await();
            future.cancel(true);
            assertThrows(CancellationException.class, future::get);
            assertFalse(executor.submit(() -> Thread.currentThread().isInterrupted()).get());
          }
        });
  }

  @Test
  void an_exception_of_execute_goes_to_the_uncaught_exception_handler() throws Exception {
    var caught = new AtomicReference<Throwable>();
    var failure = new IllegalStateException("broken");
    ThreadFactory threads =
        Thread.ofPlatform()
            .uncaughtExceptionHandler((thread, thrown) -> caught.set(thrown))
            .factory();
    Scopes.named("fails")
        .threads(threads)
        .run(scope ->
            scope
                .executor()
                .execute(() -> {
                  throw failure;
                }));
    assertSame(failure, caught.get());
  }

  @Test
  void invoke_all_and_any() throws Exception {
    Scopes.run(scope -> {
      ExecutorService executor = scope.executor();
      assertEquals(
          List.of(1, 2),
          executor.invokeAll(List.of(() -> 1, () -> 2)).stream().map(Future::resultNow).toList());
      List<Callable<Integer>> tasks =
          List.of(
              () -> 1,
              () -> {
                throw new IllegalStateException();
              },
              Blocked::forever);
      assertEquals(1, executor.invokeAny(tasks).intValue());
    });
  }

  @Test
  void an_executor_in_a_try_block_of_a_cancelled_scope_ends() {
    assertThrows(
        ScopeTimeoutException.class,
        () ->
            Scopes.timeout(SHORT)
                .run(scope -> {
                  try (ExecutorService executor = scope.executor()) {
                    executor.execute(() -> {
                      try {
                        Blocked.forever();
                      } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                      }
                    });
                  }
                }));
  }

  @Test
  void closing_an_executor_of_a_cancelled_scope_does_not_spin() throws Exception {
    var times = ManagementFactory.getThreadMXBean();
    var up = new CountDownLatch(1);
    var let = new CountDownLatch(1);
    OnThread<Void> owner =
        OnThread.start(
            Thread.ofPlatform().factory(),
            () -> {
              Scopes.run(scope -> {
                try (ExecutorService executor = scope.executor()) {
                  executor.execute(() -> {
                    up.countDown();
                    LawFixtures.awaitUninterruptibly(let);
                  });
                  up.await();
                  scope.cancel("enough");
                }
              });
              return null;
            });
    try {
      Poll.untilIn(owner.thread(), "close");
      Poll.untilBlocked(owner.thread());
      long before = times.getThreadCpuTime(owner.thread().threadId());
      Thread.sleep(300);
      long spent = times.getThreadCpuTime(owner.thread().threadId()) - before;
      assertTrue(spent < 100_000_000, () -> spent + " ns in 300 ms");
    } finally {
      let.countDown();
      owner.end();
    }
  }

  @Test
  void a_future_that_throws_when_it_is_cancelled_does_not_keep_the_scope() throws Exception {
    var caught = new AtomicInteger();
    ThreadFactory threads =
        Thread.ofVirtual().uncaughtExceptionHandler((t, e) -> caught.incrementAndGet()).factory();
    List<Future<Integer>> futures = new ArrayList<>();
    Scopes.limit(1)
        .threads(threads)
        .run(scope -> {
          var service =
              new ExecutorCompletionService<Integer>(scope.executor(), new ArrayBlockingQueue<>(1));
          for (int i = 0; i < 4; i++) {
            futures.add(service.submit(Blocked::forever));
          }
          scope.cancel("enough");
        });
    assertTrue(caught.get() > 0);
    assertEquals(4, futures.size());
  }

  @Test
  void an_executor_whose_thread_cannot_start_is_not_kept() throws Exception {
    var broken = new AtomicBoolean(true);
    ThreadFactory threads =
        task -> broken.getAndSet(false) ? null : LawFixtures.VIRTUAL.newThread(task);
    int value =
        Scopes.named("host")
            .threads(threads)
            .call(scope -> {
              assertThrows(RejectedExecutionException.class, scope::executor);
              return scope.executor().submit(() -> 42).get();
            });
    assertEquals(42, value);
  }

  @Test
  void a_factory_that_drops_a_task_of_the_executor_fails_the_scope() {
    var made = new AtomicInteger();
    ThreadFactory drops =
        task ->
            made.incrementAndGet() == 1
                ? LawFixtures.VIRTUAL.newThread(task)
                : LawFixtures.VIRTUAL.newThread(() -> {});
    for (ScopeSpec spec : List.of(Scopes.named("drops"), Scopes.named("drops").isolated())) {
      made.set(0);
      var future = new AtomicReference<Future<Integer>>();
      assertThrows(
          ForkFailedException.class,
          () ->
              spec.threads(drops)
                  .run(scope -> {
                    future.set(scope.executor().submit(() -> 1));
                    Blocked.forever();
                  }));
      assertTrue(future.get().isDone());
    }
  }

  @Test
  void an_executor_of_a_cancelled_scope_rejects_tasks() throws Exception {
    Scopes.run(scope -> {
      scope.cancel("enough");
      ExecutorService executor = scope.executor();
      assertThrows(RejectedExecutionException.class, () -> executor.execute(() -> {}));
      assertTrue(executor.isTerminated());
    });
  }

  @Test
  void a_worker_that_feeds_the_executor_does_not_keep_the_scope() throws Exception {
    Scopes.run(scope -> {
      ExecutorService executor = scope.executor();
      var fed = new CountDownLatch(3);
      scope.every(
          Duration.ofMillis(1),
          () -> {
            // Long enough that there is always one.
            executor.execute(() -> LockSupport.parkNanos(20_000_000));
            fed.countDown();
          });
      fed.await();
    });
  }

  @Test
  void a_timeout_names_no_thread_of_the_library() {
    ScopeTimeoutException thrown =
        assertThrows(
            ScopeTimeoutException.class,
            () ->
                Scopes.named("orders")
                    .timeout(SHORT)
                    .run(scope -> {
                      scope.executor().submit(() -> 1).get();
                      Blocked.forever();
                    }));
    assertFalse(thrown.getMessage().contains("orders/host"), thrown.getMessage());
  }
}
