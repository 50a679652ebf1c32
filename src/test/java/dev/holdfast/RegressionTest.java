package dev.holdfast;

import static dev.holdfast.testing.LawFixtures.PLATFORM;
import static dev.holdfast.testing.LawFixtures.await;
import static dev.holdfast.testing.LawFixtures.awaitDeaf;
import static dev.holdfast.testing.LawFixtures.ending;
import static dev.holdfast.testing.LawFixtures.endingOn;
import static dev.holdfast.testing.LawFixtures.forever;
import static dev.holdfast.testing.LawFixtures.holds;
import static dev.holdfast.testing.LawFixtures.play;
import static dev.holdfast.testing.LawFixtures.sneak;
import static dev.holdfast.testing.LawFixtures.start;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.testing.ClassPath;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LawFixtures;
import dev.holdfast.testing.LawFixtures.Ended;
import dev.holdfast.testing.LawFixtures.Opponent;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.Pace;
import dev.holdfast.testing.Poll;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Violations of the laws that were once found in the library. */
@LeavesNothing
class RegressionTest {

  @EachThreadKind
  void an_interrupt_while_an_inner_scope_ends_for_an_outer_cancellation_is_kept(
      ThreadFactory factory) throws Exception {
    var outer = new AtomicReference<Scope>();
    var let = new CountDownLatch(1);
    var started = new CountDownLatch(1);
    var runner =
        start(
            factory,
            () ->
                Scopes.call(o -> {
                  outer.set(o);
                  return Scopes.call(i ->
                      i.fork(() -> {
                        started.countDown();
                        awaitDeaf(let);
                      }));
                }));
    await(started);
    Poll.untilIn(runner.thread, "awaitTasks");
    outer.get().cancel("test");
    Poll.untilBlocked(runner.thread);
    runner.thread.interrupt();
    Poll.until(() -> !runner.thread.isInterrupted());
    let.countDown();
    assertTrue(runner.ended().heardOfInterrupt(), () -> "lost");
  }

  @EachThreadKind
  void an_interrupt_from_before_a_shield_in_a_cancelled_scope_is_kept(ThreadFactory factory)
      throws Exception {
    Ended ended =
        endingOn(
            factory,
            () ->
                Scopes.call(s -> {
                  Thread.currentThread().interrupt();
                  s.cancel("test");
                  return Scopes.shield(Duration.ofSeconds(5), () -> 1);
                }));
    assertTrue(ended.heardOfInterrupt(), ended::toString);
  }

  @EachThreadKind
  void an_interrupt_while_a_failed_scope_ends_inside_a_cancelled_one_is_kept(ThreadFactory factory)
      throws Exception {
    var outer = new AtomicReference<Scope>();
    var let = new CountDownLatch(1);
    var started = new CountDownLatch(1);
    var runner =
        start(
            factory,
            () ->
                Scopes.call(o -> {
                  outer.set(o);
                  try {
                    Scopes.run(i -> {
                      i.fork(() -> {
                        started.countDown();
                        awaitDeaf(let);
                      });
                      await(started);
                      throw new IllegalStateException();
                    });
                  } catch (IllegalStateException expected) {
                    // goes on
                  }
                  return 1;
                }));
    await(started);
    Poll.untilIn(runner.thread, "awaitTasks");
    outer.get().cancel("test");
    runner.thread.interrupt();
    Poll.until(() -> !runner.thread.isInterrupted());
    let.countDown();
    assertTrue(runner.ended().heardOfInterrupt(), () -> "lost");
  }

  @EachThreadKind
  void an_interrupt_of_a_fork_that_waits_for_a_place_in_a_cancelled_scope_is_kept(
      ThreadFactory factory) throws Exception {
    var let = new CountDownLatch(1);
    var ready = new CountDownLatch(1);
    var runner =
        start(
            factory,
            () ->
                Scopes.limit(1)
                    .call(s -> {
                      var up = new CountDownLatch(1);
                      s.fork(() -> {
                        up.countDown();
                        awaitDeaf(let);
                      });
                      await(up);
                      s.cancel("test");
                      return Scopes.shield(
                          Duration.ofSeconds(20),
                          () -> {
                            ready.countDown();
                            s.fork(() -> 2);
                            return 1;
                          });
                    }));
    await(ready);
    Poll.untilBlocked(runner.thread);
    runner.thread.interrupt();
    Poll.until(() -> !runner.thread.isInterrupted());
    let.countDown();
    assertTrue(runner.ended().heardOfInterrupt(), () -> "lost");
  }

  @Test
  void an_interrupt_that_comes_with_the_winner_of_a_race_is_kept() throws Exception {
    try (var opponent = new Opponent()) {
      play(
          PLATFORM,
          100_000,
          random -> {
            Thread owner = Thread.currentThread();
            int turns = random.nextInt(300);
            int others = random.nextInt(300);
            opponent.plays(() -> {
              LawFixtures.spin(turns);
              owner.interrupt();
            });
            Ended ended =
                ending(() ->
                    Scopes.race(
                        List.of(1),
                        i -> {
                          LawFixtures.spin(others);
                          return i;
                        }));
            opponent.hasPlayed();
            boolean later = Thread.interrupted();
            assertTrue(later || ended.heardOfInterrupt(), ended::toString);
          });
    }
  }

  @Test
  void an_interrupt_that_comes_with_a_failure_in_a_fan_out_is_kept() throws Exception {
    try (var opponent = new Opponent()) {
      play(
          PLATFORM,
          100_000,
          random -> {
            Thread owner = Thread.currentThread();
            int turns = random.nextInt(600);
            int others = random.nextInt(100);
            opponent.plays(() -> {
              LawFixtures.spin(turns);
              owner.interrupt();
            });
            Ended ended =
                ending(() ->
                    Scopes.limit(2)
                        .fanOut(
                            List.of(1, 2, 3),
                            i -> {
                              LawFixtures.spin(others);
                              throw new IllegalStateException();
                            }));
            opponent.hasPlayed();
            boolean later = Thread.interrupted();
            assertTrue(later || ended.heardOfInterrupt(), ended::toString);
          });
    }
  }

  @EachThreadKind
  void a_flag_restored_after_a_join_that_was_cancelled_does_not_get_out(ThreadFactory factory)
      throws Exception {
    Ended ended =
        endingOn(
            factory,
            () ->
                Scopes.call(s -> {
                  s.fork(() -> {
                    throw new IllegalStateException();
                  });
                  try {
                    s.join();
                    return forever();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return 1;
                  }
                }));
    assertInstanceOf(ForkFailedException.class, ended.thrown());
    assertFalse(ended.interrupted());
  }

  @EachThreadKind
  void a_flag_restored_after_an_inner_scope_that_was_cancelled_does_not_get_out(
      ThreadFactory factory) throws Exception {
    Ended ended =
        endingOn(
            factory,
            () ->
                Scopes.timeout(Duration.ofMillis(5))
                    .call(s -> {
                      try {
                        return Scopes.fanOut(List.of(1), i -> forever());
                      } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        throw new IllegalStateException(e);
                      }
                    }));
    assertInstanceOf(ScopeTimeoutException.class, ended.thrown());
    assertFalse(ended.interrupted());
  }

  private static final class HostileCause extends RuntimeException {
    private static final long serialVersionUID = 1;

    @Override
    public synchronized Throwable getCause() {
      throw new IllegalStateException("getCause");
    }
  }

  @EachThreadKind
  void a_failure_whose_cause_cannot_be_asked_for_comes_out(ThreadFactory factory) throws Exception {
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

  @EachThreadKind
  void failures_of_items_are_suppressed_on_what_a_settle_throws(ThreadFactory factory)
      throws Exception {
    var failure = new AssertionError("item");
    var failed = new CountDownLatch(1);
    var runner =
        start(
            factory,
            () ->
                Scopes.settle(
                    List.of(1, 2),
                    i -> {
                      if (i == 1) {
                        failed.countDown();
                        throw failure;
                      }
                      return forever();
                    }));
    await(failed);
    Poll.untilBlocked(runner.thread);
    runner.thread.interrupt();
    Ended ended = runner.ended();
    assertInstanceOf(InterruptedException.class, ended.thrown());
    assertTrue(holds(ended.thrown(), failure), "the Error of an item is nowhere");
  }

  @Test
  void an_error_of_a_contender_that_lost_is_reported_whatever_failed_before() throws Exception {
    var error = new AssertionError("contender");
    var reported = new AtomicReference<Throwable>();
    var threads =
        Thread.ofPlatform().daemon().uncaughtExceptionHandler((t, e) -> reported.set(e)).factory();
    start(
            threads,
            () ->
                Scopes.limit(1)
                    .race(
                        IntStream.range(0, 50).boxed().toList(),
                        i -> {
                          if (i < 40) {
                            throw new IllegalStateException();
                          }
                          if (i == 40) {
                            throw error;
                          }
                          return i;
                        }))
        .value();
    assertSame(error, reported.get());
  }

  @Test
  void a_fork_that_failed_decides_before_the_body_that_heard_of_it_and_threw() throws Exception {
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

  @Test
  void what_cleaning_up_threw_is_suppressed_on_the_timeout_of_a_shield() throws Exception {
    var cleaning = new IllegalArgumentException();
    Ended ended =
        endingOn(
            PLATFORM,
            () ->
                Scopes.shield(
                    Duration.ofMillis(5),
                    () -> {
                      try {
                        return forever();
                      } catch (InterruptedException e) {
                        e.addSuppressed(cleaning);
                        throw e;
                      }
                    }));
    assertInstanceOf(ScopeTimeoutException.class, ended.thrown());
    assertTrue(holds(ended.thrown(), cleaning));
  }

  @Test
  void what_the_source_threw_after_the_deadline_of_a_settle_is_not_lost() throws Exception {
    Pace.find(RegressionTest::isNotLost);
  }

  private static boolean isNotLost(Duration time) throws Exception {
    var thrown = new AtomicBoolean();
    var broken = new AssertionError("source");
    var reported = new AtomicReference<Throwable>();
    var threads =
        Thread.ofPlatform().daemon().uncaughtExceptionHandler((t, e) -> reported.set(e)).factory();
    Iterable<Integer> source =
        () ->
            new Iterator<>() {
              private int next;

              @Override
              public boolean hasNext() {
                if (next == 1) {
                  try {
                    forever();
                  } catch (InterruptedException e) {
                    thrown.set(true);
                    throw broken;
                  }
                }
                return true;
              }

              @Override
              public Integer next() {
                return next++;
              }
            };
    Ended ended = endingOn(threads, () -> Scopes.timeout(time).settle(source, i -> i));
    if (thrown.get()) {
      assertTrue(
          (ended.thrown() != null && holds(ended.thrown(), broken)) || reported.get() == broken,
          ended::toString);
    }
    return thrown.get();
  }

  @Test
  void a_winner_is_returned_though_the_source_failed_because_it_was_interrupted() throws Exception {
    Iterable<Integer> source =
        () ->
            new Iterator<>() {
              private int next;

              @Override
              public boolean hasNext() {
                if (next == 1) {
                  try {
                    forever();
                  } catch (InterruptedException e) {
                    throw sneak(new ClosedByInterruptException());
                  }
                }
                return true;
              }

              @Override
              public Integer next() {
                return next++;
              }
            };
    Ended ended = endingOn(PLATFORM, () -> Scopes.race(source, i -> i));
    assertNull(ended.thrown());
    assertEquals(0, ended.value());
  }

  @Test
  void an_inner_timeout_while_the_outer_scope_forks_at_its_limit_ends_the_inner_only()
      throws Exception {
    var done = new CountDownLatch(1);
    Ended ended =
        endingOn(
            PLATFORM,
            () ->
                Scopes.limit(1)
                    .call(outer -> {
                      outer.fork(() -> await(done));
                      try {
                        Scopes.timeout(Duration.ofMillis(5)).run(inner -> outer.fork(() -> 1));
                      } catch (ScopeTimeoutException expected) {
                        done.countDown();
                      }
                      return "value";
                    }));
    assertNull(ended.thrown());
    assertEquals("value", ended.value());
  }

  @Test
  void a_lazy_source_is_not_asked_for_an_item_there_is_no_place_for() throws Exception {
    var pulled = new AtomicInteger();
    var finished = new AtomicInteger();
    var most = new AtomicInteger();
    Iterable<Integer> items =
        () ->
            Stream.iterate(0, i -> i + 1)
                .limit(100)
                .peek(i ->
                    most.accumulateAndGet(pulled.incrementAndGet() - finished.get(), Math::max))
                .iterator();
    Scopes.limit(8)
        .fanOut(
            items,
            i -> {
              Thread.sleep(1);
              return finished.incrementAndGet();
            });
    assertTrue(most.get() <= 8, most::toString);
  }

  @Test
  void a_cancelled_task_cannot_join_a_fork_that_ends_just_then() throws Exception {
    play(
        PLATFORM,
        50_000,
        random -> {
          int turns = random.nextInt(100);
          int others = random.nextInt(100);
          Ended ended =
              ending(() ->
                  Scopes.call(s -> {
                    var go = new java.util.concurrent.atomic.AtomicBoolean();
                    var up = new java.util.concurrent.atomic.AtomicBoolean();
                    var other =
                        s.fork(() -> {
                          up.set(true);
                          while (!go.get()) {
                            Thread.onSpinWait();
                          }
                          LawFixtures.spin(turns);
                          return 1;
                        });
                    while (!up.get()) {
                      Thread.onSpinWait();
                    }
                    s.cancel("test");
                    go.set(true);
                    LawFixtures.spin(others);
                    try {
                      return other.join();
                    } catch (InterruptedException | java.util.concurrent.CancellationException e) {
                      return "refused";
                    }
                  }));
          assertEquals("refused", ended.value(), ended::toString);
        });
  }

  @EachThreadKind
  void an_interrupt_of_the_owner_does_not_reach_into_the_shield_of_a_task(ThreadFactory factory)
      throws Exception {
    var inShield = new CountDownLatch(1);
    var let = new CountDownLatch(1);
    var disturbed = new AtomicReference<Throwable>();
    var task = new AtomicReference<Thread>();
    var runner =
        start(
            factory,
            () ->
                Scopes.call(s ->
                    s.fork(() ->
                        Scopes.shield(
                            Duration.ofSeconds(20),
                            () -> {
                              task.set(Thread.currentThread());
                              inShield.countDown();
                              try {
                                await(let);
                              } catch (InterruptedException e) {
                                disturbed.set(e);
                              }
                              return 1;
                            }))));
    await(inShield);
    Poll.untilBlocked(runner.thread);
    Poll.untilBlocked(task.get());
    runner.thread.interrupt();
    Poll.until(() -> !runner.thread.isInterrupted());
    Poll.untilBlocked(runner.thread);
    Poll.untilBlocked(task.get());
    let.countDown();
    assertInstanceOf(InterruptedException.class, runner.ended().thrown());
    assertNull(disturbed.get());
  }

  @EachThreadKind
  void an_interrupt_of_the_owner_does_not_disturb_a_task_that_closes_its_resources(
      ThreadFactory factory) throws Exception {
    var closing = new CountDownLatch(1);
    var let = new CountDownLatch(1);
    var disturbed = new AtomicReference<Throwable>();
    var runner =
        start(
            factory,
            () ->
                Scopes.call(s ->
                    s.fork(() ->
                        Scopes.run(inner ->
                            inner.onExit(() -> {
                              closing.countDown();
                              try {
                                await(let);
                              } catch (InterruptedException e) {
                                disturbed.set(e);
                              }
                            })))));
    await(closing);
    Poll.untilBlocked(runner.thread);
    runner.thread.interrupt();
    Poll.until(() -> !runner.thread.isInterrupted());
    Poll.untilBlocked(runner.thread);
    Thread.sleep(100);
    let.countDown();
    assertInstanceOf(InterruptedException.class, runner.ended().thrown());
    assertNull(disturbed.get());
  }

  @Test
  void an_interrupt_that_ends_a_join_just_before_a_cancel_is_kept() throws Exception {
    try (var opponent = new Opponent()) {
      play(
          PLATFORM,
          20_000,
          random -> {
            Thread owner = Thread.currentThread();
            int turns = random.nextInt(600);
            int others = random.nextInt(100);
            Ended ended =
                ending(() ->
                    Scopes.call(s -> {
                      s.fork(() -> forever());
                      opponent.plays(() -> {
                        LawFixtures.spin(turns);
                        owner.interrupt();
                        LawFixtures.spin(others);
                        s.cancel("test");
                      });
                      s.join();
                      return 1;
                    }));
            opponent.hasPlayed();
            boolean later = Thread.interrupted();
            assertTrue(later || ended.heardOfInterrupt(), ended::toString);
          });
    }
  }

  @EachThreadKind
  void a_hedged_race_starts_the_next_contender_at_once_when_one_has_failed(ThreadFactory factory)
      throws Exception {
    play(
        factory,
        3_000,
        random -> {
          int turns = random.nextInt(300);
          Ended ended =
              ending(() ->
                  Scopes.timeout(Duration.ofSeconds(20))
                      .hedge(Duration.ofHours(1))
                      .race(
                          List.of(0, 1, 2, 3),
                          i -> {
                            LawFixtures.spin(turns);
                            if (i < 3) {
                              throw new IllegalStateException("test");
                            }
                            return i;
                          }));
          assertEquals(3, ended.value(), ended::toString);
        });
  }

  @ParameterizedTest
  @CsvSource({
    "platform, cold, forkless",
    "platform, warm, forkless",
    "platform, warm, fork",
    "platform, warm, deepfork",
    "virtual, cold, forkless",
    "virtual, warm, forkless",
    "virtual, warm, slowfork",
    "virtual, warm, deepfork"
  })
  void scopes_opened_until_the_stack_overflows_leave_nothing(
      String owner, String heat, String forks) throws Exception {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String classes = ClassPath.ofTests();
    Path said = Files.createTempFile("deep", ".txt");
    try {
      Process process =
          new ProcessBuilder(
                  java, "-Xss1m", "-cp", classes, "dev.holdfast.DeepMain", owner, heat, "20", forks)
              .redirectErrorStream(true)
              .redirectOutput(said.toFile())
              .start();
      boolean ended = process.waitFor(25, TimeUnit.SECONDS);
      process.destroyForcibly();
      String text = Files.readString(said);
      assertTrue(ended, () -> "it hangs\n" + text);
      assertEquals(
          0,
          process.exitValue(),
          () -> text.lines().filter(l -> !l.startsWith("\tat")).limit(30).toList().toString());
    } finally {
      Files.delete(said);
    }
  }
}
