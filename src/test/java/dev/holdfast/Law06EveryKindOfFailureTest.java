package dev.holdfast;

import static dev.holdfast.Law06NoFailureLostTest.failing;
import static dev.holdfast.testing.Blocked.forever;
import static dev.holdfast.testing.LawFixtures.PLATFORM;
import static dev.holdfast.testing.LawFixtures.assertNoWayBack;
import static dev.holdfast.testing.LawFixtures.ending;
import static dev.holdfast.testing.LawFixtures.endingOn;
import static dev.holdfast.testing.LawFixtures.holds;
import static dev.holdfast.testing.LawFixtures.sneak;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Law06NoFailureLostTest.Unsuppressing;
import dev.holdfast.internal.cancel.Failures;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LawFixtures;
import dev.holdfast.testing.LawFixtures.Ended;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.Poll;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;

/** Law 6 for each kind of exception, hostile ones included. */
@LeavesNothing
@Tag("one-carrier")
class Law06EveryKindOfFailureTest {

  private static final class HostileText extends RuntimeException {
    private static final long serialVersionUID = 1;

    @Override
    public String getMessage() {
      throw new IllegalStateException("getMessage");
    }

    @Override
    public String toString() {
      throw new AssertionError("toString");
    }
  }

  /** Those that the JVM itself throws take no suppressed exceptions either. */
  private static boolean takesSuppressed(Throwable thrown) {
    return !(thrown instanceof Unsuppressing || thrown instanceof StackOverflowError);
  }

  private static final class OwnCause extends RuntimeException {
    private static final long serialVersionUID = 1;

    @Override
    public synchronized Throwable getCause() {
      return this;
    }
  }

  /** A real one, made where that is quick. */
  private static Throwable overflow() {
    var caught = new AtomicReference<Throwable>();
    Runnable overflowing =
        () -> {
          try {
            recurse(0);
          } catch (StackOverflowError e) {
            caught.set(e);
          }
        };
    Thread thread = new Thread(null, overflowing, "small", 64 * 1024);
    thread.start();
    Poll.until(() -> caught.get() != null);
    return caught.get();
  }

  @SuppressWarnings("InfiniteRecursion")
  private static int recurse(int depth) {
    return recurse(depth + 1) + 1;
  }

  private static final List<Supplier<Throwable>> KINDS =
      List.of(
          () -> new IOException("checked"),
          () -> new IllegalStateException("unchecked"),
          () -> new AssertionError("Error"),
          Law06EveryKindOfFailureTest::overflow,
          () -> new OutOfMemoryError("not really"),
          () -> new InterruptedException("thrown by user code"),
          () -> new java.util.concurrent.CancellationException("thrown by user code"),
          () -> new java.nio.channels.ClosedByInterruptException(),
          new ScopeCancelledTwin(),
          () -> new Throwable("neither Exception nor Error"),
          HostileText::new,
          Unsuppressing::new,
          OwnCause::new,
          new ForkFailedTwin());

  /** A ScopeCancelledException of some other scope. */
  private static final class ScopeCancelledTwin implements Supplier<Throwable> {
    @Override
    public Throwable get() {
      return ending(() ->
              Scopes.call(s -> {
                s.cancel("twin");
                return forever();
              }))
          .thrown();
    }
  }

  /** A ForkFailedException of some other scope. */
  private static final class ForkFailedTwin implements Supplier<Throwable> {
    @Override
    public Throwable get() {
      return ending(() ->
              Scopes.call(s ->
                  s.fork(() -> {
                    throw new IOException("twin");
                  })))
          .thrown();
    }
  }

  private static final List<ScopeSpec> SPECS =
      List.of(
          ScopeSpec.DEFAULT,
          Scopes.named("named"),
          Scopes.limit(2),
          Scopes.timeout(Duration.ofHours(1)),
          Scopes.named("platform").threads(PLATFORM),
          Scopes.limit(2).timeout(Duration.ofHours(1)).grace(Duration.ofSeconds(1)));

  /** A combinator one of whose tasks throws. */
  private interface Combinator {
    Object run(ScopeSpec spec, Task<Integer, RuntimeException> failing) throws Exception;
  }

  private static final List<Combinator> UNCHANGED =
      List.of(
          (spec, f) -> spec.call(s -> f.call()),
          (spec, f) -> {
            spec.run(s -> f.call());
            return null;
          },
          (spec, f) -> spec.call(s -> Scopes.call(inner -> f.call())),
          (spec, f) -> spec.fanOut(List.of(1), i -> f.call()),
          (spec, f) -> spec.fanOut(List.of(1, 2, 3), i -> i == 2 ? f.call() : i),
          (spec, f) -> spec.fanOut(List.of(f, f)),
          (spec, f) -> spec.fanOut(() -> 1, f, Integer::sum),
          (spec, f) -> spec.fanOut(() -> 1, () -> 2, f, (a, b, c) -> a),
          (spec, f) -> spec.fanOut(f, () -> 2, () -> 3, () -> 4, (a, b, c, d) -> a),
          (spec, f) -> spec.fanOut(() -> 1, f, () -> 3, () -> 4, f, (a, b, c, d, e) -> a),
          (spec, f) -> spec.fanOut(() -> 1, () -> 2, (a, b) -> f.call()),
          (spec, f) -> spec.race(List.of(1), i -> f.call()),
          (spec, f) -> spec.race(List.of(1, 2, 3), i -> f.call()),
          (spec, f) -> spec.hedge(Duration.ofMillis(1)).race(List.of(1, 2, 3), i -> f.call()),
          (spec, f) -> spec.quorum(2, List.of(1, 2), i -> i == 1 ? f.call() : i),
          (spec, f) -> spec.hedge(Duration.ofMillis(1)).quorum(2, List.of(1, 2, 3), i -> f.call()),
          (spec, f) -> Scopes.shield(Duration.ofHours(1), f),
          (spec, f) -> spec.fanOut(List.of(1), i -> Scopes.fanOut(List.of(2), j -> f.call())),
          (spec, f) -> spec.fanOut(List.of(1), i -> Scopes.race(List.of(2), j -> f.call())));

  @EachThreadKind
  void the_exception_of_the_body_is_thrown_unchanged(ThreadFactory factory) throws Exception {
    for (ScopeSpec spec : SPECS) {
      for (Supplier<Throwable> kind : KINDS) {
        for (int i = 0; i < UNCHANGED.size(); i++) {
          Throwable thrown = kind.get();
          Combinator combinator = UNCHANGED.get(i);
          Ended ended =
              endingOn(
                  factory,
                  () ->
                      combinator.run(
                          spec,
                          () -> {
                            throw sneak(thrown);
                          }));
          assertSame(thrown, ended.thrown(), "combinator " + i + " of " + spec);
          assertEquals(0, thrown.getSuppressed().length, "combinator " + i + " of " + spec);
        }
      }
    }
  }

  @EachThreadKind
  void the_exception_of_a_fork_is_the_cause_of_the_one_thrown(ThreadFactory factory)
      throws Exception {
    for (ScopeSpec spec : SPECS) {
      for (Supplier<Throwable> kind : KINDS) {
        for (int how = 0; how < 4; how++) {
          int body = how;
          Throwable thrown = kind.get();
          Ended ended =
              endingOn(
                  factory,
                  () ->
                      spec.call(s -> {
                        var fork =
                            s.fork(() -> {
                              throw sneak(thrown);
                            });
                        return switch (body) {
                          case 0 -> fork;
                          case 1 -> fork.join();
                          case 2 -> forever();
                          default -> {
                            try {
                              s.join();
                            } catch (InterruptedException swallowed) {
                              // only the exception matters
                            }
                            yield 1;
                          }
                        };
                      }));
          var failed = assertInstanceOf(ForkFailedException.class, ended.thrown());
          assertSame(thrown, failed.getCause());
          assertEquals(0, failed.getSuppressed().length);
        }
      }
    }
  }

  @EachThreadKind
  void the_exception_of_an_item_is_in_its_outcome(ThreadFactory factory) throws Exception {
    for (ScopeSpec spec : SPECS) {
      for (Supplier<Throwable> kind : KINDS) {
        Throwable thrown = kind.get();
        var ended =
            endingOn(
                factory,
                () ->
                    spec.settle(
                        List.of(1, 2, 3),
                        i -> {
                          if (i == 2) {
                            throw sneak(thrown);
                          }
                          return i;
                        }));
        List<?> outcomes = assertInstanceOf(List.class, ended.value());
        assertInstanceOf(Outcome.Success.class, outcomes.get(0));
        assertSame(thrown, assertInstanceOf(Outcome.Failure.class, outcomes.get(1)).cause());
        assertInstanceOf(Outcome.Success.class, outcomes.get(2));
      }
    }
  }

  @EachThreadKind
  void the_exception_of_an_isolated_fork_is_joined_or_reported(ThreadFactory factory)
      throws Exception {
    for (Supplier<Throwable> kind : KINDS) {
      for (boolean joined : new boolean[] {true, false}) {
        Queue<Throwable> reported = new ConcurrentLinkedQueue<>();
        var threads =
            Thread.ofVirtual().uncaughtExceptionHandler((t, e) -> reported.add(e)).factory();
        Throwable thrown = kind.get();
        Ended ended =
            endingOn(
                factory,
                () ->
                    Scopes.named("isolated")
                        .isolated()
                        .threads(threads)
                        .call(s -> {
                          var fork =
                              s.fork(() -> {
                                throw sneak(thrown);
                              });
                          return joined ? ending(fork::join).thrown() : null;
                        }));
        if (joined) {
          var failed = assertInstanceOf(ForkFailedException.class, ended.value());
          assertSame(thrown, failed.getCause());
          assertEquals(0, reported.size());
        } else {
          assertEquals(List.of(thrown), List.copyOf(reported));
        }
      }
    }
  }

  @EachThreadKind
  void the_exception_of_a_cancelled_sibling_is_suppressed(ThreadFactory factory) throws Exception {
    for (Supplier<Throwable> kind : KINDS) {
      for (Supplier<Throwable> lateKind : KINDS) {
        Throwable first = kind.get();
        Throwable late = lateKind.get();
        Queue<Throwable> reported = new ConcurrentLinkedQueue<>();
        Ended ended =
            endingOn(
                factory,
                () -> {
                  Thread.currentThread().setUncaughtExceptionHandler((t, e) -> reported.add(e));
                  return failing(first, late);
                });
        assertSame(first, ended.thrown());
        if (Failures.isConsequence(late)) {
          continue;
        }
        if (!takesSuppressed(first)) {
          assertEquals(List.of(late), List.copyOf(reported));
        } else {
          assertTrue(holds(first, late), first.getClass() + " without " + late.getClass());
        }
        if (!(first instanceof OwnCause) && !(late instanceof OwnCause)) {
          assertNoWayBack(first);
        }
      }
    }
  }

  /** A scope whose body throws this while a task and two resources throw others. */
  @EachThreadKind
  void one_instance_thrown_by_many_tasks_is_not_suppressed_on_itself(ThreadFactory factory)
      throws Exception {
    for (Supplier<Throwable> kind : KINDS) {
      Throwable same = kind.get();
      var all = new CountDownLatch(8);
      TaskFunction<Integer, Integer, InterruptedException> fn =
          i -> {
            all.countDown();
            LawFixtures.awaitUninterruptibly(all);
            throw sneak(same);
          };
      List<Integer> items = IntStream.range(0, 8).boxed().toList();
      assertSame(same, endingOn(factory, () -> Scopes.fanOut(items, fn)).thrown());
      assertSame(same, endingOn(factory, () -> Scopes.race(items, fn)).thrown());
      assertSame(same, endingOn(factory, () -> Scopes.quorum(3, items, fn)).thrown());
      Ended forked =
          endingOn(
              factory,
              () ->
                  Scopes.call(s -> {
                    for (Integer item : items) {
                      s.fork(() -> fn.apply(item));
                    }
                    throw sneak(same);
                  }));
      assertTrue(holds(forked.thrown(), same));
      assertEquals(0, same.getSuppressed().length);
      if (!(same instanceof OwnCause)) {
        assertNoWayBack(forked.thrown());
      }
    }
  }

  @EachThreadKind
  void the_exception_of_a_closer_is_never_lost(ThreadFactory factory) throws Exception {
    for (Supplier<Throwable> kind : KINDS) {
      var closing = kind.get();
      var second = new IOException("second");
      var body = new IllegalStateException("body");
      for (boolean bodyThrows : new boolean[] {true, false}) {
        Ended ended =
            endingOn(
                factory,
                () ->
                    Scopes.call(s -> {
                      s.onExit(() -> {
                        throw second;
                      });
                      s.onExit(() -> {
                        throw sneak(closing);
                      });
                      if (bodyThrows) {
                        throw body;
                      }
                      return 1;
                    }));
        assertNotNull(ended.thrown());
        assertTrue(holds(ended.thrown(), closing), () -> closing.getClass() + " is lost");
        if (bodyThrows || takesSuppressed(closing)) {
          assertTrue(holds(ended.thrown(), second), "the second is lost");
        }
        if (bodyThrows) {
          assertSame(body, ended.thrown());
        }
      }
    }
  }
}
