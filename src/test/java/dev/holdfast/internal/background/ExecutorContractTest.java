package dev.holdfast.internal.background;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Scopes;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.LawFixtures;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.Pace;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** What {@link ExecutorService} promises, line by line of its documentation. */
@LeavesNothing
class ExecutorContractTest {

  private static final Callable<Integer> FAILS =
      () -> {
        throw new IllegalStateException("broken");
      };

  private interface Use {
    void of(ExecutorService executor) throws Exception;
  }

  private static void with(Use use) throws Exception {
    Scopes.run(scope -> use.of(scope.executor()));
  }

  @Test
  void nulls_are_refused() throws Exception {
    with(executor -> {
      assertThrows(NullPointerException.class, () -> executor.execute(null));
      assertThrows(NullPointerException.class, () -> executor.submit((Runnable) null));
      assertThrows(NullPointerException.class, () -> executor.submit((Callable<Integer>) null));
      assertThrows(NullPointerException.class, () -> executor.submit(null, 1));
      assertThrows(NullPointerException.class, () -> executor.invokeAll(null));
      assertThrows(NullPointerException.class, () -> executor.invokeAny(null));
      assertThrows(NullPointerException.class, () -> executor.invokeAny(List.of(FAILS), 1, null));
      Collection<Callable<Integer>> none = List.of();
      assertThrows(IllegalArgumentException.class, () -> executor.invokeAny(none));
      assertEquals(List.of(), executor.invokeAll(none));
    });
  }

  @Test
  void submit_returns_the_value_the_result_or_the_failure() throws Exception {
    with(executor -> {
      assertEquals(1, executor.submit(() -> 1).get());
      assertNull(executor.submit(() -> {}).get());
      assertEquals("done", executor.submit(() -> {}, "done").get());
      ExecutionException thrown =
          assertThrows(ExecutionException.class, () -> executor.submit(FAILS).get());
      assertEquals("broken", thrown.getCause().getMessage());
    });
  }

  @Test
  void a_future_that_is_cancelled_before_it_begins_does_not_begin() throws Exception {
    Scopes.limit(1)
        .run(scope -> {
          ExecutorService executor = scope.executor();
          var go = new CountDownLatch(1);
          var begun = new AtomicBoolean();
          Future<?> first =
              executor.submit(() -> {
                go.await();
                return null;
              });
          Future<?> second = executor.submit(() -> begun.set(true));
          assertTrue(second.cancel(false));
          go.countDown();
          first.get();
          assertEquals(1, executor.submit(() -> 1).get());
          assertTrue(second.isCancelled());
          assertFalse(begun.get());
        });
  }

  @Test
  void invoke_all_returns_when_all_are_done_in_the_order_given() throws Exception {
    with(executor -> {
      List<Future<Integer>> futures = executor.invokeAll(List.of(() -> 1, FAILS, () -> 3));
      assertTrue(futures.stream().allMatch(Future::isDone));
      assertEquals(1, futures.get(0).get());
      assertThrows(ExecutionException.class, futures.get(1)::get);
      assertEquals(3, futures.get(2).get());
    });
  }

  @Test
  void invoke_all_cancels_tasks_that_are_late() throws Exception {
    with(executor ->
        Pace.find(time -> {
          List<Future<Integer>> futures =
              executor.invokeAll(
                  List.of(() -> 1, Blocked::forever), time.toMillis(), TimeUnit.MILLISECONDS);
          assertTrue(futures.get(1).isCancelled());
          boolean inTime = !futures.get(0).isCancelled();
          if (inTime) {
            assertEquals(1, futures.get(0).get());
          }
          return inTime;
        }));
  }

  @Test
  void invoke_any_returns_the_first_value_and_cancels_the_rest() throws Exception {
    with(executor -> {
      var ended = new CountDownLatch(1);
      var up = new CountDownLatch(1);
      Callable<Integer> waits =
          () -> {
            up.countDown();
            try {
              return Blocked.forever();
            } finally {
              ended.countDown();
            }
          };
      Callable<Integer> wins =
          () -> {
            up.await();
            return 1;
          };
      assertEquals(1, executor.invokeAny(List.of(FAILS, waits, wins)).intValue());
      ended.await();
    });
  }

  @Test
  void invoke_any_fails_if_all_do_and_when_the_time_is_up() throws Exception {
    with(executor -> {
      assertThrows(ExecutionException.class, () -> executor.invokeAny(List.of(FAILS, FAILS)));
      Callable<Integer> waits = Blocked::forever;
      assertThrows(
          TimeoutException.class,
          () -> executor.invokeAny(List.of(waits), 50, TimeUnit.MILLISECONDS));
    });
  }

  @Test
  void submit_and_get_are_memory_barriers() throws Exception {
    with(executor -> {
      int[] plain = {0};
      for (int i = 0; i < 1000; i++) {
        plain[0]++;
        executor.submit(() -> plain[0]++).get();
      }
      assertEquals(2000, plain[0]);
    });
  }

  @Test
  void shutdown_again_has_no_effect_and_now_returns_nothing_more() throws Exception {
    with(executor -> {
      executor.shutdown();
      executor.shutdown();
      assertEquals(List.of(), executor.shutdownNow());
      assertTrue(executor.isShutdown());
      assertTrue(executor.awaitTermination(10, TimeUnit.SECONDS));
      assertTrue(executor.isTerminated());
      assertThrows(RejectedExecutionException.class, () -> executor.submit(() -> 1));
    });
  }

  @Test
  void shutdown_now_interrupts_running_tasks() throws Exception {
    with(executor -> {
      var up = new CountDownLatch(1);
      Future<Integer> future =
          executor.submit(() -> {
            up.countDown();
            return Blocked.forever();
          });
      up.await();
      assertEquals(List.of(), executor.shutdownNow());
      ExecutionException thrown = assertThrows(ExecutionException.class, future::get);
      assertSame(InterruptedException.class, thrown.getCause().getClass());
      assertTrue(executor.awaitTermination(10, TimeUnit.SECONDS));
    });
  }

  @Test
  void close_waits_for_submitted_tasks() throws Exception {
    with(executor -> {
      var done = new AtomicBoolean();
      executor.execute(() -> {
        LawFixtures.spin(100_000);
        done.set(true);
      });
      executor.close();
      assertTrue(done.get());
      assertTrue(executor.isTerminated());
    });
  }
}
