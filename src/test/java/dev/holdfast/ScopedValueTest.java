package dev.holdfast;

import static dev.holdfast.testing.LawFixtures.endingOn;
import static dev.holdfast.testing.LawFixtures.on;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LawFixtures;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.ScopedValues;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/**
 * Scoped values that user code binds on the owner of a scope do not keep it from forking.
 *
 * <p>Tests {@code ScopedBindings} as well.
 */
@LeavesNothing
class ScopedValueTest {

  private static final Object KEY = ScopedValues.create();

  /** Binds a value for a moment, as a framework does for a request. */
  private static void bindOnce() {
    ScopedValues.where(KEY, "x", () -> assertEquals("x", ScopedValues.get(KEY)));
  }

  @SuppressWarnings("InfiniteRecursion") // it is meant
  private static int recurse(int depth) {
    return recurse(depth + 1) + 1;
  }

  private static void overflow() {
    assertThrows(StackOverflowError.class, () -> recurse(0));
  }

  @Nested
  class AfterABinding {

    @EachThreadKind
    void a_scope_forks(ThreadFactory threads) throws Exception {
      assertEquals(
          42,
          on(
              threads,
              () ->
                  Scopes.call(scope -> {
                    bindOnce();
                    return scope.fork(() -> 42).join();
                  })));
    }

    @EachThreadKind
    void a_scope_forks_on_threads_of_a_factory(ThreadFactory threads) throws Exception {
      assertEquals(
          42,
          on(
              threads,
              () ->
                  Scopes.named("made")
                      .threads(LawFixtures.PLATFORM)
                      .call(scope -> {
                        bindOnce();
                        return scope.fork(() -> 42).join();
                      })));
    }

    @EachThreadKind
    void inner_and_outer_scopes_fork(ThreadFactory threads) throws Exception {
      Object all =
          on(
              threads,
              () ->
                  Scopes.call(outer -> {
                    bindOnce();
                    int inner =
                        Scopes.call(scope -> {
                          bindOnce();
                          int task =
                              scope
                                  .fork(() ->
                                      Scopes.call(below -> {
                                        bindOnce();
                                        return below.fork(() -> 1).join();
                                      }))
                                  .join();
                          return task + scope.fork(() -> 10).join();
                        });
                    return inner + outer.fork(() -> 100).join();
                  }));
      assertEquals(111, all);
    }

    @EachThreadKind
    void workers_timers_and_the_executor_start(ThreadFactory threads) throws Exception {
      var done = new CountDownLatch(3);
      on(
          threads,
          () ->
              Scopes.call(scope -> {
                bindOnce();
                scope.worker(done::countDown);
                bindOnce();
                scope.after(Duration.ZERO, done::countDown);
                bindOnce();
                scope.executor().execute(done::countDown);
                LawFixtures.await(done);
                return null;
              }));
    }

    @EachThreadKind
    void producers_and_consumers_start(ThreadFactory threads) throws Exception {
      var received = new AtomicReference<Object>();
      on(
          threads,
          () ->
              Scopes.call(scope -> {
                bindOnce();
                var channel = scope.<Integer>produce(1, out -> out.send(42));
                bindOnce();
                scope.consume(channel, 1, received::set);
                return null;
              }));
      assertEquals(42, received.get());
    }

    @EachThreadKind
    void a_lazy_source_that_binds_feeds_a_fan_out(ThreadFactory threads) throws Exception {
      Iterable<Integer> source =
          () -> {
            Iterator<Integer> items = List.of(1, 2, 3).iterator();
            return new Iterator<>() {
              @Override
              public boolean hasNext() {
                bindOnce();
                return items.hasNext();
              }

              @Override
              public Integer next() {
                return items.next();
              }
            };
          };
      assertEquals(List.of(2, 4, 6), on(threads, () -> Scopes.limit(1).fanOut(source, i -> 2 * i)));
      assertEquals(2, on(threads, () -> Scopes.limit(1).race(source, i -> 2 * i)));
    }

    @Test
    void a_root_forks() throws Exception {
      try (RootScope root = Scopes.open()) {
        root.run(scope -> bindOnce());
        assertEquals(42, root.call(scope -> scope.fork(() -> 42)).join());
      }
    }
  }

  @Nested
  class AfterAStackOverflow {

    @EachThreadKind
    void a_scope_forks(ThreadFactory threads) throws Exception {
      assertEquals(
          42,
          on(
              threads,
              () ->
                  Scopes.call(scope -> {
                    overflow();
                    return scope.fork(() -> 42).join();
                  })));
    }

    @EachThreadKind
    void a_scope_forks_in_a_binding(ThreadFactory threads) throws Exception {
      var seen = new AtomicReference<Object>();
      Runnable inside =
          () -> {
            try {
              overflow();
              Scopes.run(scope -> {
                overflow();
                scope.fork(() -> seen.set(ScopedValues.get(KEY)));
              });
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
          };
      on(
          threads,
          () -> {
            ScopedValues.where(KEY, "x", inside);
            return null;
          });
      assertEquals("x", seen.get());
    }

    @Test
    void a_root_forks_sets_timers_and_runs_its_executor() throws Exception {
      try (RootScope root = Scopes.open()) {
        assertThrows(StackOverflowError.class, () -> root.call(scope -> recurse(0)));
        assertEquals(42, root.call(scope -> scope.fork(() -> 42)).join());
        assertThrows(StackOverflowError.class, () -> root.call(scope -> recurse(0)));
        var rang = new CountDownLatch(1);
        root.run(scope -> scope.after(Duration.ZERO, rang::countDown));
        LawFixtures.await(rang);
        assertThrows(StackOverflowError.class, () -> root.call(scope -> recurse(0)));
        assertEquals(
            42, CompletableFuture.supplyAsync(() -> 42, root.call(Scope::executor)).join());
      }
    }
  }

  @EachThreadKind
  void a_fork_inside_a_changed_binding_is_refused_with_advice(ThreadFactory threads)
      throws Exception {
    var ended =
        endingOn(
            threads,
            () ->
                Scopes.named("orders")
                    .call(scope -> {
                      Fork<Integer> before = scope.fork(() -> 1);
                      var refusal = new AtomicReference<Throwable>();
                      ScopedValues.where(
                          KEY,
                          "x",
                          () ->
                              refusal.set(
                                  assertThrows(
                                      RuntimeException.class, () -> scope.fork("late", () -> 2))));
                      var refused = assertInstanceOf(ScopeException.class, refusal.get());
                      assertEquals(
                          "Scope 'orders' cannot start task 'late': a ScopedValue was bound on the"
                              + " owner's thread since the scope was opened. Bind it around the"
                              + " call that opens the scope, or open a scope inside the binding.",
                          refused.getMessage());
                      int inside = before.join();
                      return inside + scope.fork(() -> 10).join();
                    }));
    assertEquals(11, ended.value(), () -> "" + ended.thrown());
  }

  @EachThreadKind
  void a_scope_opened_inside_a_binding_hands_it_to_its_tasks(ThreadFactory threads)
      throws Exception {
    var seen = new AtomicReference<Object>();
    Runnable inside =
        () -> {
          try {
            Scopes.run(scope -> {
              bindOnce();
              scope.fork(() -> seen.set(ScopedValues.get(KEY)));
            });
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        };
    on(
        threads,
        () -> {
          ScopedValues.where(KEY, "y", inside);
          return null;
        });
    assertEquals("y", seen.get());
  }
}
