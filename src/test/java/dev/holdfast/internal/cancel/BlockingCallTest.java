package dev.holdfast.internal.cancel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.RootScope;
import dev.holdfast.ScopeCancelledException;
import dev.holdfast.Scopes;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;

/** Blocking calls see no interrupt of Holdfast, whatever they use of it. */
@LeavesNothing
class BlockingCallTest {

  private final List<Object> flags = Collections.synchronizedList(new ArrayList<>());
  private final CountDownLatch up = new CountDownLatch(1);
  private final CountDownLatch cancelled = new CountDownLatch(1);

  /** Code inside a call that runs in a cancelled scope. */
  private interface Inside {
    void run() throws Exception;
  }

  private void afterTheCancellation(ThreadFactory threads, Inside inside) throws Exception {
    var call =
        OnThread.run(
            threads,
            () ->
                Scopes.run(scope -> {
                  scope.fork(() -> {
                    up.await();
                    scope.cancel("enough");
                  });
                  scope.blocking(
                      cancelled::countDown,
                      () -> {
                        inside.run();
                        flags.add(Thread.currentThread().isInterrupted());
                        return null;
                      });
                  assertThrows(InterruptedException.class, scope::join);
                  throw new InterruptedException();
                }));
    assertInstanceOf(ScopeCancelledException.class, call.leavesNoFlag().thrown());
    assertEquals(List.of(false), flags);
  }

  @EachThreadKind
  void the_end_of_a_scope_inside_sets_no_flag(ThreadFactory threads) throws Exception {
    afterTheCancellation(
        threads,
        () ->
            assertThrows(
                IllegalStateException.class,
                () ->
                    Scopes.run(inner -> {
                      up.countDown();
                      Blocked.stubbornly(cancelled);
                      throw new IllegalStateException("not because it was cancelled");
                    })));
  }

  @EachThreadKind
  void a_wait_inside_that_no_cancellation_ends_sets_no_flag(ThreadFactory threads)
      throws Exception {
    var list = new WaitList();
    afterTheCancellation(
        threads,
        () -> {
          up.countDown();
          list.awaitAnyway(() -> cancelled.getCount() == 0, 0, "the cancel action");
        });
    assertFalse(Thread.currentThread().isInterrupted());
  }

  @EachThreadKind
  void closing_a_root_inside_sets_no_flag(ThreadFactory threads) throws Exception {
    RootScope root = Scopes.open();
    root.run(scope -> scope.fork(() -> Blocked.forever()));
    afterTheCancellation(
        threads,
        () -> {
          up.countDown();
          root.close();
        });
  }

  @EachThreadKind
  void closing_an_executor_inside_sets_no_flag(ThreadFactory threads) throws Exception {
    Scopes.run(around -> {
      ExecutorService executor = around.executor();
      var begun = new CountDownLatch(1); // a task that has not begun would never be done
      Future<?> task =
          executor.submit(() -> {
            begun.countDown();
            return Blocked.forever();
          });
      begun.await();
      afterTheCancellation(
          threads,
          () -> {
            up.countDown();
            executor.close();
          });
      assertTrue(task.isDone() && executor.isTerminated());
    });
  }

  @EachThreadKind
  void a_call_that_has_just_begun_is_not_cancelled_yet(ThreadFactory threads) {
    var actedAfter = new AtomicLong();
    OnThread<Void> call =
        OnThread.run(
            threads,
            () ->
                Scopes.run(scope -> {
                  long before = System.nanoTime();
                  scope.blocking(
                      () -> {
                        actedAfter.compareAndSet(0, System.nanoTime() - before);
                        cancelled.countDown();
                      },
                      () -> {
                        scope.cancel("enough");
                        Blocked.stubbornly(cancelled);
                        return null;
                      });
                }));
    call.leavesNoFlag();
    assertTrue(actedAfter.get() >= 100_000_000, () -> "after " + actedAfter + " ns");
  }

  @EachThreadKind
  void an_exception_during_a_wait_restores_the_interrupt(ThreadFactory threads) {
    var broken = new IllegalStateException("broken");
    var wait =
        OnThread.run(
            threads,
            () -> {
              var tries = new int[1];
              Thread.currentThread().interrupt();
              new WaitList()
                  .awaitAnyway(
                      () -> {
                        if (++tries[0] == 4) {
                          throw broken;
                        }
                        return false;
                      },
                      300_000_000,
                      "nothing");
            });
    assertEquals(broken, wait.thrown());
    assertEquals(true, wait.flag());
  }
}
