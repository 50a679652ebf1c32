package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Tests {@code ForkTask} and {@code ScopeTask} as well. */
@LeavesNothing
@Tag("one-carrier")
class Law07EveryHandleCompletesTest {

  private static ScopeSpec on(ThreadFactory threads) {
    return Scopes.named("law 7").threads(threads);
  }

  @EachThreadKind
  void with_a_value(ThreadFactory threads) throws Exception {
    Fork<String> fork = on(threads).call(scope -> scope.fork(() -> "done"));
    assertEquals(Fork.State.SUCCESS, fork.state());
    assertEquals("done", fork.join());
    assertEquals("done", fork.join(), "a second time");
  }

  @EachThreadKind
  void with_a_null(ThreadFactory threads) throws Exception {
    Fork<String> fork = on(threads).call(scope -> scope.fork(() -> null));
    assertEquals(Fork.State.SUCCESS, fork.state());
    assertNull(fork.join());
  }

  @EachThreadKind
  void with_a_failure(ThreadFactory threads) throws Exception {
    var error = new AssertionError("marker");
    Fork<?> fork =
        on(threads)
            .isolated()
            .call(scope -> {
              Fork<?> failing =
                  scope.fork(() -> {
                    throw error;
                  });
              assertSame(error, assertThrows(ForkFailedException.class, failing::join).getCause());
              return failing;
            });
    assertEquals(Fork.State.FAILED, fork.state());
    assertSame(error, assertThrows(ForkFailedException.class, fork::join).getCause());
  }

  @EachThreadKind
  void with_a_stack_overflow(ThreadFactory threads) throws Exception {
    Fork<?> fork =
        on(threads)
            .isolated()
            .call(scope -> {
              Fork<Integer> deep = scope.fork(() -> depth(0));
              assertInstanceOf(
                  StackOverflowError.class,
                  assertThrows(ForkFailedException.class, deep::join).getCause());
              return deep;
            });
    assertEquals(Fork.State.FAILED, fork.state());
  }

  @SuppressWarnings("InfiniteRecursion")
  private static int depth(int from) {
    return depth(from + 1) + 1;
  }

  @EachThreadKind
  void when_it_was_cancelled(ThreadFactory threads) throws Exception {
    Fork<?> fork =
        on(threads)
            .call(scope -> {
              Fork<?> blocked = scope.fork(() -> Blocked.forever());
              blocked.cancel();
              assertThrows(CancellationException.class, blocked::join);
              return blocked;
            });
    assertEquals(Fork.State.CANCELLED, fork.state());
    assertThrows(CancellationException.class, fork::join);
  }

  @Test
  void when_it_was_never_started() throws Exception {
    var ran = new AtomicInteger();
    Fork<Integer> fork =
        Scopes.call(scope -> {
          scope.cancel("enough");
          Fork<Integer> late = scope.fork(ran::incrementAndGet);
          assertEquals(Fork.State.CANCELLED, late.state());
          assertTrue(late.isDone());
          return late;
        });
    var thrown = assertThrows(CancellationException.class, fork::join);
    assertInstanceOf(ScopeCancelledException.class, thrown.getCause());
    assertEquals(0, ran.get());
  }

  @Test
  void when_its_scope_was_cancelled_while_it_waited_for_a_place() throws Exception {
    var last = new AtomicReference<Fork<Integer>>();
    var owner =
        OnThread.run(() ->
            Scopes.limit(1)
                .run(scope -> {
                  scope.fork(() -> Blocked.forever());
                  last.set(scope.fork(() -> 1));
                }));
    owner.blocked().interrupt();
    assertInstanceOf(InterruptedException.class, owner.thrown());
    assertEquals(Fork.State.CANCELLED, last.get().state());
    assertThrows(CancellationException.class, () -> last.get().join());
  }

  @Test
  void when_its_thread_ended_before_the_task_began() throws Exception {
    // A factory whose context around the task fails.
    ThreadFactory broken =
        task ->
            Thread.ofVirtual()
                .uncaughtExceptionHandler((thread, thrown) -> {})
                .unstarted(() -> {
                  if (task != null) {
                    throw new IllegalStateException("no context");
                  }
                });
    var kept = new AtomicReference<Fork<?>>();
    var owner = OnThread.run(() -> on(broken).run(scope -> kept.set(scope.fork(() -> 1))));
    owner.end();
    assertTrue(kept.get().isDone(), "the scope has ended and the fork has not");
  }

  @Test
  void a_thread_that_ended_before_the_task_is_no_result() {
    var count = new AtomicInteger();
    ThreadFactory flaky =
        task ->
            Thread.ofVirtual()
                .uncaughtExceptionHandler((thread, thrown) -> {})
                .unstarted(() -> {
                  if (count.incrementAndGet() == 1) {
                    throw new IllegalStateException("no context");
                  }
                  task.run();
                });
    // Whatever is thrown, the result must not be [null, 20, 30].
    assertThrows(
        RuntimeException.class, () -> on(flaky).fanOut(List.of(1, 2, 3), item -> 10 * item));
  }

  @Test
  void a_factory_without_a_thread_leaves_no_thread_waiting() {
    var left = new AtomicInteger(2);
    ThreadFactory running =
        task -> left.getAndDecrement() > 0 ? Thread.ofVirtual().unstarted(task) : null;
    var forks = new ArrayList<Fork<?>>();
    assertThrows(
        RejectedExecutionException.class,
        () ->
            on(running)
                .run(scope -> {
                  for (int i = 0; i < 3; i++) {
                    forks.add(scope.fork(() -> Blocked.forever()));
                  }
                }));
    assertEquals(2, forks.size());
    forks.forEach(fork -> assertEquals(Fork.State.CANCELLED, fork.state()));
  }

  @EachThreadKind
  void every_waiting_thread_is_woken(ThreadFactory threads) throws Exception {
    var release = new CountDownLatch(1);
    var waiters = new ArrayList<OnThread<String>>();
    Scopes.run(scope -> {
      Fork<String> fork =
          scope.fork(() -> {
            release.await();
            return "value";
          });
      for (int i = 0; i < 20; i++) {
        waiters.add(OnThread.start(threads, fork::join));
        scope.fork(() -> assertEquals("value", fork.join()));
      }
      waiters.forEach(OnThread::blocked);
      release.countDown();
    });
    for (OnThread<String> waiter : waiters) {
      assertEquals("value", waiter.value());
    }
  }

  @EachThreadKind
  void a_thread_that_stops_waiting_does_not_affect_the_others(ThreadFactory threads)
      throws Exception {
    var release = new CountDownLatch(1);
    Scopes.run(scope -> {
      Fork<String> fork =
          scope.fork(() -> {
            release.await();
            return "value";
          });
      var first = OnThread.start(threads, fork::join).blocked();
      var impatient = OnThread.start(threads, fork::join).blocked();
      var last = OnThread.start(threads, fork::join).blocked();
      impatient.interrupt();
      assertInstanceOf(InterruptedException.class, impatient.leavesNoFlag().thrown());
      assertEquals(Fork.State.RUNNING, fork.state());
      release.countDown();
      assertEquals("value", first.value());
      assertEquals("value", last.value());
    });
  }

  @EachThreadKind
  void however_it_ends(ThreadFactory threads) {
    for (int seed = 0; seed < 150; seed++) {
      round(threads, new Random(seed), "seed " + seed);
    }
  }

  private static void round(ThreadFactory threads, Random random, String seed) {
    var forks = new ArrayList<Fork<Integer>>();
    var waiters = new ArrayList<OnThread<Integer>>();
    int tasks = 1 + random.nextInt(6);
    int cancelAfter = random.nextInt(2 * tasks);
    var owner =
        OnThread.run(() ->
            on(threads)
                .isolated()
                .run(scope -> {
                  for (int i = 0; i < tasks; i++) {
                    int what = random.nextInt(5);
                    Fork<Integer> fork = scope.fork(() -> behave(what));
                    forks.add(fork);
                    waiters.add(OnThread.start(fork::join));
                    if (what == 4 || random.nextInt(4) == 0) {
                      waiters.add(
                          OnThread.start(() -> {
                            fork.cancel();
                            return fork.join();
                          }));
                    }
                    if (i == cancelAfter) {
                      scope.cancel(seed);
                    }
                  }
                }));
    owner.end();
    for (Fork<Integer> fork : forks) {
      assertTrue(fork.isDone(), seed);
      boolean known = fork.state() != Fork.State.RUNNING;
      assertTrue(known, seed);
    }
    waiters.forEach(OnThread::end);
  }

  private static int behave(int what) throws Exception {
    switch (what) {
      case 0 -> Thread.yield();
      case 1 -> throw new CancellationException("not ours");
      case 2 -> throw new InterruptedException("made up");
      case 4 -> Blocked.forever();
      default -> {}
    }
    return what;
  }
}
