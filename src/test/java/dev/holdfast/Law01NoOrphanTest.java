package dev.holdfast;

import static dev.holdfast.testing.Blocked.forever;
import static dev.holdfast.testing.LawFixtures.PLATFORM;
import static dev.holdfast.testing.LawFixtures.VIRTUAL;
import static dev.holdfast.testing.LawFixtures.await;
import static dev.holdfast.testing.LawFixtures.awaitUninterruptibly;
import static dev.holdfast.testing.LawFixtures.ending;
import static dev.holdfast.testing.LawFixtures.on;
import static dev.holdfast.testing.LawFixtures.play;
import static dev.holdfast.testing.LawFixtures.spin;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LawFixtures.Ended;
import dev.holdfast.testing.LawFixtures.Opponent;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Pace;
import dev.holdfast.testing.Poll;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;

/** Law 1: every thread is a child of one scope, whose call does not return before it ended. */
@LeavesNothing
@Tag("one-carrier")
class Law01NoOrphanTest {

  /** Counts what runs user code, and remembers the threads it ran on. */
  private static final class Census {

    final AtomicInteger running = new AtomicInteger();
    final AtomicInteger begun = new AtomicInteger();
    final Queue<Thread> threads = new ConcurrentLinkedQueue<>();

    ThreadFactory counting(ThreadFactory factory) {
      return task -> {
        Thread thread = factory.newThread(task);
        threads.add(thread);
        return thread;
      };
    }

    <T> Callable<T> counted(Callable<T> task) {
      return () -> {
        begun.incrementAndGet();
        running.incrementAndGet();
        try {
          return task.call();
        } finally {
          running.decrementAndGet();
        }
      };
    }

    void assertNobodyRuns() {
      assertEquals(0, running.get(), "tasks run on");
    }
  }

  @EachThreadKind
  void a_timeout_that_races_completion_leaves_no_task_behind(ThreadFactory factory)
      throws Exception {
    var values = new AtomicInteger();
    play(
        factory,
        50_000,
        random -> {
          var census = new Census();
          int turns = random.nextInt(2_000);
          Duration timeout = Duration.ofNanos(1 + random.nextInt(100_000));
          Ended ended =
              ending(() ->
                  Scopes.timeout(timeout)
                      .call(s -> {
                        var fork =
                            s.fork(
                                census.counted(() -> {
                                  spin(turns);
                                  return 1;
                                }));
                        return turns % 3 == 0 ? 1 : fork.join();
                      }));
          census.assertNobodyRuns();
          assertNull(ThreadScope.current());
          assertFalse(ended.interrupted());
          if (ended.thrown() != null) {
            assertInstanceOf(ScopeTimeoutException.class, ended.thrown());
          } else {
            assertEquals(1, ended.value());
            assertEquals(1, census.begun.get());
            values.incrementAndGet();
          }
        });
    assertTrue(values.get() > 0, "no round was in time");
  }

  @EachThreadKind
  void platform_threads_have_terminated_when_the_call_returns(ThreadFactory factory)
      throws Exception {
    play(
        factory,
        1_000,
        random -> {
          var census = new Census();
          anything(random, Scopes.limit(4).threads(census.counting(PLATFORM)), census);
          for (Thread thread : census.threads) {
            assertFalse(thread.isAlive(), thread::toString);
          }
        });
  }

  @EachThreadKind
  void nothing_runs_after_a_scope_however_it_ends(ThreadFactory factory) throws Exception {
    try (var opponent = new Opponent()) {
      play(
          factory,
          5_000,
          random -> {
            var census = new Census();
            Thread owner = Thread.currentThread();
            if (random.nextInt(3) == 0) {
              int turns = random.nextInt(2_000);
              opponent.plays(turns, () -> owner.interrupt());
            }
            ScopeSpec spec = Scopes.named("anything").threads(census.counting(VIRTUAL));
            if (random.nextInt(3) == 0) {
              spec = spec.timeout(Duration.ofNanos(1 + random.nextInt(200_000)));
            }
            if (random.nextInt(3) == 0) {
              spec = spec.limit(1 + random.nextInt(2));
            }
            anything(random, spec, census);
            opponent.hasPlayed();
            boolean outside = Thread.interrupted();
            assertNull(ThreadScope.current(), () -> "still in a scope, " + outside);
          });
    }
  }

  /** Runs something random; checks that nothing of it runs on. */
  private static void anything(SplittableRandom random, ScopeSpec spec, Census census) {
    SplittableRandom tasks = random.split();
    List<Integer> items = List.of(1, 2, 3);
    TaskFunction<Integer, Object, Exception> fn =
        i -> census.counted(() -> something(new SplittableRandom(i + 17), i)).call();
    int what = random.nextInt(6);
    ending(() ->
        switch (what) {
          case 0 -> spec.fanOut(items, fn);
          case 1 -> spec.settle(items, fn);
          case 2 -> spec.race(items, fn);
          case 3 -> spec.quorum(2, items, fn);
          default -> spec.call(s -> forks(tasks, s, census, 2));
        });
    census.assertNobodyRuns();
    assertEquals(
        0,
        census.threads.stream()
            .filter(t -> ThreadScope.current() != null && t == Thread.currentThread())
            .count());
  }

  private static Object forks(SplittableRandom random, Scope scope, Census census, int depth)
      throws Exception {
    for (int i = random.nextInt(4); i > 0; i--) {
      SplittableRandom inner = random.split();
      if (depth > 0 && random.nextInt(3) == 0) {
        scope.fork(
            census.counted(() ->
                Scopes.limit(2)
                    .threads(census.counting(VIRTUAL))
                    .call(s -> forks(inner, s, census, depth - 1))));
      } else {
        int number = i;
        scope.fork(census.counted(() -> something(inner, number)));
      }
    }
    switch (random.nextInt(6)) {
      case 0 -> scope.cancel("random");
      case 1 -> scope.join();
      case 2 -> throw new IllegalStateException("random");
      default -> spin(random.nextInt(500));
    }
    return 1;
  }

  private static Object something(SplittableRandom random, int number) throws Exception {
    return switch (random.nextInt(6)) {
      case 0 -> throw new IllegalArgumentException("random");
      case 1 -> {
        Thread.sleep(0, 50_000);
        yield number;
      }
      case 2 -> Scopes.shield(Duration.ofSeconds(1), () -> number);
      default -> {
        spin(random.nextInt(1_000));
        yield number;
      }
    };
  }

  @EachThreadKind
  void a_scope_waits_for_a_task_that_ignores_interrupts(ThreadFactory factory) throws Exception {
    for (int way = 0; way < 4; way++) {
      int how = way;
      Pace.find(time -> isWaitedFor(how, factory, time));
    }
  }

  private static boolean isWaitedFor(int how, ThreadFactory factory, Duration time)
      throws Exception {
    var let = new CountDownLatch(1);
    var up = new CountDownLatch(1);
    var ended = new AtomicInteger();
    var runner =
        OnThread.start(
            factory,
            () ->
                Scopes.timeout(how == 0 ? time : Duration.ofSeconds(100))
                    .call(s -> {
                      s.fork(() -> {
                        up.countDown();
                        awaitUninterruptibly(let);
                        ended.incrementAndGet();
                      });
                      await(up);
                      return switch (how) {
                        case 1 -> throw new IllegalStateException();
                        case 2 -> {
                          s.cancel("test");
                          yield 1;
                        }
                        case 3 ->
                            s.fork(() -> {
                              throw new IllegalStateException();
                            });
                        default -> forever();
                      };
                    }));
    Poll.until(() -> up.getCount() == 0 || !runner.thread().isAlive());
    if (up.getCount() > 0) {
      runner.ended();
      return false;
    }
    runner.blocked();
    runner.interrupt();
    assertTrue(runner.thread().isAlive());
    assertEquals(0, ended.get());
    let.countDown();
    runner.ended();
    assertEquals(1, ended.get());
    return true;
  }

  @EachThreadKind
  void nested_scopes_end_from_the_inside_out(ThreadFactory factory) throws Exception {
    var order = new ConcurrentLinkedQueue<Integer>();
    on(
        factory,
        () -> {
          nest(8, order);
          return null;
        });
    assertEquals(List.of(0, 1, 2, 3, 4, 5, 6, 7, 8), List.copyOf(order));
  }

  private static void nest(int depth, Queue<Integer> order) throws InterruptedException {
    if (depth > 0) {
      Scopes.run(s -> {
        s.fork(() -> nest(depth - 1, order));
      });
    }
    order.add(depth);
  }

  @EachThreadKind
  void the_end_of_a_task_wakes_the_threads_that_wait_for_it(ThreadFactory factory)
      throws Exception {
    for (int way = 0; way < 3; way++) {
      int how = way;
      var let = new CountDownLatch(1);
      var runner =
          OnThread.start(
              factory,
              () ->
                  Scopes.limit(2)
                      .call(s -> {
                        s.fork(() -> forever());
                        var fork = s.fork(() -> awaitUninterruptibly(let));
                        switch (how) {
                          case 0 -> fork.join();
                          case 1 -> s.fork(() -> 1).join();
                          default -> Scopes.call(inner -> inner.fork(() -> fork.join()));
                        }
                        s.cancel("test");
                        return "woken";
                      }));
      runner.blocked();
      Poll.until(() -> ThreadScope.count() >= 3);
      runner.blocked();
      let.countDown();
      Ended ended = runner.ended();
      assertEquals("woken", ended.value(), ended::toString);
    }
  }
}
