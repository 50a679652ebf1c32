package dev.holdfast.internal.scope;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.holdfast.Fork;
import dev.holdfast.RootScope;
import dev.holdfast.Scope;
import dev.holdfast.Scopes;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LeavesNothing;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/** Tasks for which the thread factory had no thread do not stay in their scope. */
@LeavesNothing
class UnstartedTaskTest {

  private static long tasksIn(Scope scope) {
    return scope.toString().lines().filter(line -> line.contains("Task '")).count();
  }

  @EachThreadKind
  void the_next_fork_of_a_root_removes_them(ThreadFactory threads) throws Exception {
    var asked = new AtomicInteger();
    ThreadFactory sometimes =
        task -> asked.incrementAndGet() % 100 == 0 ? threads.newThread(task) : null;
    var go = new CountDownLatch(1);
    try (RootScope root = Scopes.open(Scopes.named("root").threads(sometimes))) {
      root.run(scope -> {
        for (int i = 0; i < 99; i++) {
          assertThrows(RejectedExecutionException.class, () -> scope.fork(() -> 1));
        }
        Fork<?> fork = scope.fork("runs", () -> go.await());
        assertEquals(1, tasksIn(scope), scope::toString);
        assertFalse(fork.isDone());
      });
      go.countDown();
    }
  }

  @EachThreadKind
  void they_do_not_take_the_places_of_a_limit(ThreadFactory threads) throws Exception {
    var asked = new AtomicInteger();
    ThreadFactory sometimes =
        task -> asked.incrementAndGet() % 3 == 0 ? threads.newThread(task) : null;
    int value =
        Scopes.limit(1)
            .threads(sometimes)
            .call(scope -> {
              assertThrows(RejectedExecutionException.class, () -> scope.fork(() -> 1));
              assertThrows(RejectedExecutionException.class, () -> scope.fork(() -> 2));
              return scope.fork(() -> 3).join();
            });
    assertEquals(3, value);
  }
}
