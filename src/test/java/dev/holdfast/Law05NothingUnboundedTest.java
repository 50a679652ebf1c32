package dev.holdfast;

import static dev.holdfast.testing.Blocked.forever;
import static dev.holdfast.testing.LawFixtures.PLATFORM;
import static dev.holdfast.testing.LawFixtures.VIRTUAL;
import static dev.holdfast.testing.LawFixtures.await;
import static dev.holdfast.testing.LawFixtures.ending;
import static dev.holdfast.testing.LawFixtures.endingOn;
import static dev.holdfast.testing.LawFixtures.on;
import static dev.holdfast.testing.LawFixtures.play;
import static dev.holdfast.testing.LawFixtures.rounds;
import static dev.holdfast.testing.LawFixtures.spin;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.cancel.Failures;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LawFixtures;
import dev.holdfast.testing.LawFixtures.Ended;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Pace;
import dev.holdfast.testing.Poll;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Law 5: no more tasks at once than allowed, and no item pulled before there is room for it. */
@LeavesNothing
class Law05NothingUnboundedTest {

  /** Watches how many items are pulled, running and done. */
  private static final class Gauge implements Iterable<Integer> {

    final AtomicInteger pulled = new AtomicInteger();
    final AtomicInteger running = new AtomicInteger();
    final AtomicInteger finished = new AtomicInteger();
    final AtomicInteger mostRunning = new AtomicInteger();
    final AtomicInteger mostPulled = new AtomicInteger();
    private final int size;

    Gauge(int size) {
      this.size = size;
    }

    @Override
    public Iterator<Integer> iterator() {
      return new Iterator<>() {
        private int next;

        @Override
        public boolean hasNext() {
          return next < size;
        }

        @Override
        public Integer next() {
          if (!hasNext()) {
            throw new NoSuchElementException();
          }
          int ahead = pulled.incrementAndGet() - finished.get();
          mostPulled.accumulateAndGet(ahead, Math::max);
          return next++;
        }
      };
    }

    int begin(int item) {
      mostRunning.accumulateAndGet(running.incrementAndGet(), Math::max);
      return item;
    }

    int end(int item) {
      running.decrementAndGet();
      finished.incrementAndGet();
      return item;
    }

    void assertAtMost(int limit) {
      assertTrue(mostRunning.get() <= limit, () -> mostRunning + " at once");
      assertTrue(mostPulled.get() <= limit, () -> mostPulled + " pulled ahead");
    }
  }

  @Test
  void many_items_run_eight_at_a_time() throws Exception {
    int items = rounds(50_000);
    var gauge = new Gauge(items);
    on(
        PLATFORM,
        () -> {
          List<Integer> results = Scopes.limit(8).fanOut(gauge, i -> gauge.end(gauge.begin(i)));
          assertEquals(items, results.size());
          for (int i = 0; i < items; i++) {
            assertEquals(i, results.get(i).intValue());
          }
          return null;
        });
    gauge.assertAtMost(8);
  }

  @EachThreadKind
  @Tag("one-carrier")
  void random_limits_hold_in_every_combinator(ThreadFactory factory) throws Exception {
    play(
        factory,
        1_500,
        random -> {
          int limit = 1 + random.nextInt(4);
          int size = 4 + random.nextInt(12);
          int turns = random.nextInt(200);
          var gauge = new Gauge(size);
          ScopeSpec spec =
              Scopes.limit(limit).threads(random.nextInt(20) == 0 ? PLATFORM : VIRTUAL);
          TaskFunction<Integer, Integer, RuntimeException> fn =
              i -> {
                gauge.begin(i);
                spin(turns);
                gauge.end(i);
                return i;
              };
          int how = random.nextInt(6);
          Ended ended =
              ending(() ->
                  switch (how) {
                    case 0 -> spec.fanOut(gauge, fn);
                    case 1 -> spec.settle(gauge, fn);
                    case 2 -> spec.race(gauge, fn);
                    case 3 -> spec.quorum(4, gauge, fn);
                    case 4 -> spec.timeout(Duration.ofNanos(100_000)).settle(gauge, fn);
                    default ->
                        spec.call(s -> {
                          for (Integer item : gauge) {
                            s.fork(() -> fn.apply(item));
                          }
                          return 1;
                        });
                  });
          assertEquals(null, ended.thrown());
          if (how < 2) {
            gauge.assertAtMost(limit);
          } else {
            assertTrue(gauge.mostRunning.get() <= limit);
            assertTrue(gauge.mostPulled.get() <= limit + 1);
          }
        });
  }

  @EachThreadKind
  void a_limit_holds_without_a_result_too(ThreadFactory factory) throws Exception {
    List<Integer> items = List.of(1, 2, 3, 4);
    ScopeSpec spec = Scopes.limit(2).threads(factory);
    for (int how = 0; how < 3; how++) {
      int kind = how;
      var gauge = new Gauge(0);
      var let = new CountDownLatch(1);
      TaskFunction<Integer, Integer, InterruptedException> fn =
          i -> {
            gauge.begin(i);
            await(let);
            return gauge.end(i);
          };
      TaskAction<InterruptedException> action = () -> fn.apply(0);
      var runner =
          OnThread.run(
              factory,
              () -> {
                switch (kind) {
                  case 0 -> spec.forEach(items, fn::apply);
                  case 1 -> spec.each(items, fn, i -> {});
                  default -> spec.fanOut(action, action, action, action);
                }
              });
      Poll.until(() -> gauge.running.get() >= 2);
      runner.blocked();
      let.countDown();
      runner.end();
      assertEquals(4, gauge.finished.get());
      assertEquals(2, gauge.mostRunning.get());
    }
  }

  @EachThreadKind
  void without_a_limit_a_fan_out_starts_a_thousand_and_no_more(ThreadFactory factory)
      throws Exception {
    var gauge = new Gauge(3_000);
    var let = new CountDownLatch(1);
    var runner =
        OnThread.start(
            factory,
            () ->
                Scopes.settle(
                    gauge,
                    i -> {
                      gauge.begin(i);
                      await(let);
                      return gauge.end(i);
                    }));
    Poll.until(() -> gauge.running.get() >= ScopeSpec.DEFAULT_LIMIT);
    runner.blocked();
    assertEquals(ScopeSpec.DEFAULT_LIMIT, gauge.pulled.get());
    let.countDown();
    runner.value();
    assertEquals(3_000, gauge.finished.get());
    gauge.assertAtMost(ScopeSpec.DEFAULT_LIMIT);
  }

  @EachThreadKind
  void a_blocked_task_holds_its_place(ThreadFactory factory) throws Exception {
    var gauge = new Gauge(10);
    var let = new CountDownLatch(1);
    var runner =
        OnThread.start(
            factory,
            () ->
                Scopes.limit(3)
                    .fanOut(
                        gauge,
                        i -> {
                          gauge.begin(i);
                          await(let);
                          return gauge.end(i);
                        }));
    Poll.until(() -> gauge.running.get() >= 3);
    runner.blocked();
    assertEquals(3, gauge.pulled.get());
    let.countDown();
    runner.value();
    gauge.assertAtMost(3);
  }

  @EachThreadKind
  void a_task_that_failed_or_was_cancelled_releases_its_place(ThreadFactory factory)
      throws Exception {
    Object done =
        on(
            factory,
            () -> {
              var reported = new AtomicInteger();
              var threads =
                  Thread.ofVirtual()
                      .uncaughtExceptionHandler((t, e) -> reported.incrementAndGet())
                      .factory();
              Object value =
                  Scopes.limit(1)
                      .isolated()
                      .threads(threads)
                      .call(s -> {
                        for (int i = 0; i < 50; i++) {
                          s.fork(() -> {
                            throw new IllegalStateException("test");
                          });
                          var fork = s.fork(() -> forever());
                          fork.cancel();
                        }
                        return s.fork(() -> "last").join();
                      });
              assertEquals(50, reported.get());
              return value;
            });
    assertEquals("last", done);
  }

  @SuppressWarnings("UnnecessaryLambda")
  private static final Iterable<Integer> INFINITE =
      () ->
          new Iterator<>() {
            private int next;

            @Override
            public boolean hasNext() {
              return true;
            }

            @Override
            public Integer next() {
              return next++;
            }
          };

  @EachThreadKind
  void an_endless_source_ends_with_the_winner_the_failure_or_the_timeout(ThreadFactory factory)
      throws Exception {
    on(
        factory,
        () -> {
          assertEquals(20, Scopes.limit(4).race(INFINITE, i -> i == 20 ? i : failing()).intValue());
          assertEquals(
              3, Scopes.limit(4).quorum(3, INFINITE, i -> i % 5 == 0 ? i : failing()).size());
          var failure = new IllegalArgumentException();
          Ended failed =
              ending(() ->
                  Scopes.fanOut(
                      INFINITE,
                      i -> {
                        if (i == 50) {
                          throw failure;
                        }
                        return i;
                      }));
          assertSame(failure, failed.thrown());
          ScopeSpec short_ = Scopes.limit(2).timeout(Duration.ofMillis(20));
          Ended timedOut = ending(() -> short_.fanOut(INFINITE, i -> i));
          assertInstanceOf(ScopeTimeoutException.class, timedOut.thrown());
          Pace.find(time -> Scopes.limit(2).timeout(time).settle(INFINITE, i -> i).size() > 2);
          Ended raced = ending(() -> short_.race(INFINITE, i -> failing()));
          assertInstanceOf(ScopeTimeoutException.class, raced.thrown());
          return null;
        });
  }

  private static int failing() {
    throw new IllegalStateException("test");
  }

  @EachThreadKind
  void an_endless_source_ends_with_an_interrupt(ThreadFactory factory) throws Exception {
    var up = new CountDownLatch(100);
    var runner =
        OnThread.start(
            factory,
            () ->
                Scopes.limit(2)
                    .fanOut(
                        INFINITE,
                        i -> {
                          up.countDown();
                          return null;
                        }));
    await(up);
    runner.interrupt();
    assertInstanceOf(InterruptedException.class, runner.ended().thrown());
  }

  @Test
  void the_number_of_kept_failures_is_bounded() throws Exception {
    Ended ended =
        endingOn(
            PLATFORM,
            () -> {
              var all = new CountDownLatch(200);
              return Scopes.fanOut(
                  java.util.stream.IntStream.range(0, 200).boxed().toList(),
                  i -> {
                    all.countDown();
                    LawFixtures.awaitUninterruptibly(all);
                    throw new IllegalStateException("test " + i);
                  });
            });
    assertInstanceOf(IllegalStateException.class, ended.thrown());
    assertEquals(Failures.KEPT + 1, ended.thrown().getSuppressed().length);
    String rest = ended.thrown().getSuppressed()[Failures.KEPT].getMessage();
    assertTrue(rest.startsWith((199 - Failures.KEPT) + " more"), rest);
  }
}
