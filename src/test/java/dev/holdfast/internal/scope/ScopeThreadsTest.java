package dev.holdfast.internal.scope;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Fork;
import dev.holdfast.ForkFailedException;
import dev.holdfast.Scopes;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LeavesNothing;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

@LeavesNothing
class ScopeThreadsTest {

  /**
   * A factory whose threads end before they run the task, such as one that installs a context first
   * and fails: the call must end and say so, because nothing else completes the task.
   */
  @Nested
  class DroppedTasks {

    private final List<Thread> made = Collections.synchronizedList(new ArrayList<>());

    /** {@return a factory that drops each n-th task} */
    private ThreadFactory dropping(ThreadFactory threads, int each) {
      var asked = new AtomicInteger();
      return task -> {
        boolean drops = asked.incrementAndGet() % each == 0;
        Thread thread = threads.newThread(drops ? () -> {} : task);
        made.add(thread);
        return thread;
      };
    }

    @EachThreadKind
    void a_dropped_task_fails_its_scope(ThreadFactory threads) {
      var thrown =
          assertThrows(
              ForkFailedException.class,
              () ->
                  Scopes.named("drops")
                      .threads(dropping(threads, 1))
                      .call(scope -> scope.fork("lost", () -> 1).join()));
      assertInstanceOf(RejectedExecutionException.class, thrown.getCause());
      assertTrue(thrown.getMessage().contains("'lost'"), thrown::getMessage);
      assertTrue(thrown.getMessage().contains("without running it"), thrown::getMessage);
      assertTrue(made.stream().noneMatch(Thread::isAlive));
    }

    @EachThreadKind
    void the_tasks_before_and_after_it_run(ThreadFactory threads) throws Exception {
      var results = new ArrayList<String>();
      Scopes.named("drops")
          .isolated()
          .threads(dropping(threads, 2))
          .run(scope -> {
            var forks = new ArrayList<Fork<Integer>>();
            for (int i = 0; i < 4; i++) {
              int number = i;
              forks.add(scope.fork(() -> number));
            }
            for (Fork<Integer> fork : forks) {
              try {
                results.add("" + fork.join());
              } catch (ForkFailedException e) {
                results.add("failed");
              }
            }
          });
      assertEquals(List.of("0", "failed", "2", "failed"), results);
    }

    @EachThreadKind
    void a_fan_out_ends_too(ThreadFactory threads) {
      assertThrows(
          RejectedExecutionException.class,
          () ->
              Scopes.named("drops")
                  .threads(dropping(threads, 1))
                  .fanOut(List.of(1, 2, 3, 4, 5), item -> item));
    }

    @EachThreadKind
    void a_task_that_takes_long_is_not_taken_for_dropped(ThreadFactory threads) throws Exception {
      var go = new CountDownLatch(1);
      int value =
          Scopes.named("slow")
              .threads(dropping(threads, 2))
              .isolated()
              .call(scope -> {
                Fork<Integer> slow =
                    scope.fork(() -> {
                      go.await();
                      return 1;
                    });
                // The dropped task is found, so the other one was checked as well.
                assertThrows(ForkFailedException.class, scope.fork(() -> 2)::join);
                assertFalse(slow.isDone());
                go.countDown();
                return slow.join();
              });
      assertEquals(1, value);
    }
  }

  @Test
  void platform_threads_have_terminated_when_the_call_returns() throws Exception {
    var made = new ArrayList<Thread>();
    ThreadFactory platform = Thread.ofPlatform().daemon().factory();
    ThreadFactory remembering =
        task -> {
          Thread thread = platform.newThread(task);
          made.add(thread);
          return thread;
        };
    for (int round = 0; round < 50; round++) {
      Scopes.named("round")
          .threads(remembering)
          .run(scope -> {
            scope.fork(() -> 1);
            scope.fork(() -> 2);
          });
      assertTrue(made.stream().allMatch(t -> t.getState() == Thread.State.TERMINATED));
      made.clear();
    }
  }

  @EachThreadKind
  void a_thread_that_is_running_already_is_refused(ThreadFactory threads) {
    ThreadFactory starting =
        task -> {
          Thread thread = threads.newThread(() -> {});
          thread.start();
          return thread;
        };
    assertThrows(
        IllegalThreadStateException.class,
        () -> Scopes.named("started").threads(starting).run(scope -> scope.fork(() -> 1)));
  }

  @EachThreadKind
  void a_named_task_names_its_thread_and_another_keeps_the_name_of_the_factory(
      ThreadFactory threads) throws Exception {
    ThreadFactory naming =
        task -> {
          Thread thread = threads.newThread(task);
          thread.setName("from the factory");
          return thread;
        };
    Scopes.named("names")
        .threads(naming)
        .run(scope -> {
          assertEquals("mine", scope.fork("mine", () -> Thread.currentThread().getName()).join());
          assertEquals(
              "from the factory", scope.fork(() -> Thread.currentThread().getName()).join());
        });
  }
}
