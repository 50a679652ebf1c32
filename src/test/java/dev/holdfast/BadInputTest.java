package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.cancel.CancelScope;
import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.internal.scope.ScopeImpl;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Poll;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests {@code Checks} as well. */
@LeavesNothing
class BadInputTest {

  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Duration MILLI = Duration.ofMillis(1);

  private static final Duration ABSURD = Duration.ofDays(400_000);
  private static final ScopeSpec SPEC = Scopes.named("spec");

  private final AtomicInteger calls = new AtomicInteger();

  private int called(Object ignored) {
    return calls.incrementAndGet();
  }

  private void refused(Class<? extends Exception> type, String argument, Executable call) {
    var thrown = assertThrows(type, call);
    String message = thrown.getMessage();
    assertNotNull(message, type + " without a message for " + argument);
    assertTrue(message.contains(argument), "'" + argument + "' in: " + message);
    assertEquals(0, calls.get(), "something was started");
    assertNull(ThreadScope.current());
  }

  private void isNull(String argument, Executable call) {
    refused(NullPointerException.class, argument, call);
  }

  private void isIllegal(String argument, Executable call) {
    refused(IllegalArgumentException.class, argument, call);
  }

  // --- specs ---

  @Test
  void names() {
    isNull("name", () -> Scopes.named(null));
    isNull("name", () -> SPEC.named(null));
    for (String blank : List.of("", " ", "\t\n")) {
      isIllegal("name", () -> Scopes.named(blank));
      isIllegal("name", () -> SPEC.named(blank));
    }
  }

  @Test
  void durations() {
    List<Duration> bad =
        List.of(
            Duration.ZERO,
            Duration.ofNanos(-1),
            Duration.ofSeconds(Long.MIN_VALUE),
            ABSURD,
            Duration.ofSeconds(Long.MAX_VALUE),
            Duration.ofSeconds(Integer.MAX_VALUE).plusNanos(1));
    for (Duration d : bad) {
      isIllegal("timeout", () -> Scopes.timeout(d));
      isIllegal("timeout", () -> SPEC.timeout(d));
      isIllegal("delay", () -> SPEC.hedge(d));
      isIllegal("atMost", () -> Scopes.shield(d, () -> called(d)));
      isIllegal("d must", () -> Deadline.after(d));
      if (!d.isZero()) {
        isIllegal("grace", () -> SPEC.grace(d));
      }
    }
    isNull("timeout", () -> Scopes.timeout(null));
    isNull("timeout", () -> SPEC.timeout(null));
    isNull("delay", () -> SPEC.hedge(null));
    isNull("grace", () -> SPEC.grace(null));
    isNull("atMost", () -> Scopes.shield(null, () -> called(null)));
    isNull("cleanup", () -> Scopes.shield(Duration.ofSeconds(1), null));
    isNull("d", () -> Deadline.after(null));
  }

  @Test
  void the_longest_durations_are_accepted() throws Exception {
    Duration longest = Duration.ofSeconds(Integer.MAX_VALUE);
    var spec = Scopes.timeout(longest).grace(longest).deadline(Deadline.after(longest));
    assertEquals(3, spec.<Integer, Exception>call(scope -> scope.fork(() -> 3).join()));
    int winner = spec.hedge(longest).race(List.of(3), item -> item);
    assertEquals(3, winner);
    int shielded = Scopes.shield(longest, () -> 3);
    assertEquals(3, shielded);
    assertEquals(3, SPEC.grace(Duration.ZERO).<Integer, Exception>call(scope -> 3));
  }

  @Test
  void deadlines() {
    isNull("deadline", () -> SPEC.deadline(null));
    isNull("other", () -> Deadline.after(Duration.ofSeconds(1)).earliest(null));
  }

  @Test
  void no_deadline_and_null() {
    isNull("other", () -> Deadline.NONE.earliest(null));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
  void counts(int count) {
    isIllegal("maxConcurrentForks", () -> Scopes.limit(count));
    isIllegal("maxConcurrentForks", () -> SPEC.limit(count));
    isIllegal("successes", () -> Scopes.quorum(count, List.of(1), this::called));
    isIllegal("successes", () -> SPEC.quorum(count, List.of(1), this::called));
  }

  @Test
  void a_million_forks_are_allowed() throws Exception {
    assertEquals(
        List.of(1, 2), Scopes.limit(Integer.MAX_VALUE).fanOut(List.of(1, 2), item -> item));
  }

  @Test
  void factories() {
    isNull("factory", () -> SPEC.threads(null));
  }

  @Test
  void settings_that_do_not_apply_are_refused() {
    var hedged = SPEC.hedge(Duration.ofSeconds(1));
    Class<IllegalStateException> state = IllegalStateException.class;
    refused(state, "hedge", () -> hedged.call(this::called));
    refused(state, "hedge", () -> hedged.run(this::called));
    refused(state, "hedge", () -> hedged.fanOut(List.of(1), this::called));
    refused(state, "hedge", () -> hedged.settle(List.of(1), this::called));
    refused(state, "hedge", () -> hedged.fanOut(List.of(() -> called(1))));
    refused(state, "hedge", () -> hedged.fanOut(() -> called(1), () -> 2, (a, b) -> a));
    var isolated = SPEC.isolated();
    refused(state, "isolated", () -> isolated.fanOut(List.of(1), this::called));
    refused(state, "isolated", () -> isolated.settle(List.of(1), this::called));
    refused(state, "isolated", () -> isolated.forEach(List.of(1), this::called));
    refused(state, "isolated", () -> isolated.each(List.of(1), this::called, this::called));
    refused(state, "isolated", () -> isolated.fanOut(() -> called(1), () -> called(2)));
    refused(state, "isolated", () -> isolated.race(() -> called(1), () -> called(2)));
    refused(state, "isolated", () -> isolated.race(List.of(1), this::called));
    refused(state, "isolated", () -> isolated.quorum(1, List.of(1), this::called));
  }

  // --- terminals ---

  @Test
  void bodies() {
    isNull("body", () -> Scopes.call(null));
    isNull("body", () -> Scopes.run(null));
    isNull("body", () -> SPEC.call(null));
    isNull("body", () -> SPEC.run(null));
  }

  @Test
  void items_and_functions() {
    Iterable<Integer> none = null;
    TaskFunction<Integer, Integer, RuntimeException> nothing = null;
    for (ScopeSpec spec : List.of(ScopeSpec.DEFAULT, SPEC)) {
      isNull("items", () -> spec.fanOut(none, this::called));
      isNull("items", () -> spec.settle(none, this::called));
      isNull("items", () -> spec.race(none, this::called));
      isNull("items", () -> spec.quorum(1, none, this::called));
      isNull("fn", () -> spec.fanOut(List.of(1), nothing));
      isNull("fn", () -> spec.settle(List.of(1), nothing));
      isNull("fn", () -> spec.race(List.of(1), nothing));
      isNull("fn", () -> spec.quorum(1, List.of(1), nothing));
      isNull("tasks", () -> spec.fanOut((List<Task<Integer, Exception>>) null));
    }
  }

  @Test
  void a_null_item_is_refused_before_anything_starts() {
    List<Integer> items = Arrays.asList(1, null, 3);
    isNull("items[1]", () -> Scopes.fanOut(items, this::called));
    isNull("items[1]", () -> Scopes.settle(items, this::called));
    isNull("items[1]", () -> Scopes.race(items, this::called));
    isNull("items[1]", () -> Scopes.quorum(2, items, this::called));
    List<Task<Integer, Exception>> tasks = Arrays.asList(() -> called(1), null);
    isNull("tasks[1]", () -> Scopes.fanOut(tasks));
  }

  @Test
  void a_null_item_of_a_lazy_source_ends_what_has_started() {
    Iterable<Integer> lazy = () -> Arrays.asList(1, 2, null, 4).iterator();
    List<Executable> all =
        List.of(
            () -> Scopes.fanOut(lazy, item -> Blocked.forever()),
            () -> Scopes.settle(lazy, item -> Blocked.forever()),
            () -> Scopes.race(lazy, item -> Blocked.forever()),
            () -> Scopes.quorum(2, lazy, item -> Blocked.forever()));
    for (Executable call : all) {
      isNull("items[2]", call);
    }
  }

  @Test
  void an_iterable_without_an_iterator() {
    Iterable<Integer> broken = () -> null;
    isNull("iterator", () -> Scopes.fanOut(broken, this::called));
    isNull("iterator", () -> Scopes.settle(broken, this::called));
    isNull("iterator", () -> Scopes.race(broken, this::called));
    isNull("iterator", () -> Scopes.quorum(1, broken, this::called));
  }

  @Test
  void the_tasks_of_a_fan_out() {
    isNull("a", () -> Scopes.fanOut(null, () -> called(2), (a, b) -> a));
    isNull("b", () -> Scopes.fanOut(() -> called(1), null, (a, b) -> a));
    isNull("join", () -> Scopes.fanOut(() -> called(1), () -> called(2), null));
    isNull("c", () -> Scopes.fanOut(() -> called(1), () -> 2, null, (a, b, c) -> a));
    isNull("join", () -> Scopes.fanOut(() -> called(1), () -> 2, () -> 3, null));
    isNull("d", () -> Scopes.fanOut(() -> called(1), () -> 2, () -> 3, null, (a, b, c, d) -> a));
    isNull(
        "e",
        () ->
            Scopes.fanOut(() -> called(1), () -> 2, () -> 3, () -> 4, null, (a, b, c, d, e) -> a));
    isNull("join", () -> Scopes.fanOut(() -> called(1), () -> 2, () -> 3, () -> 4, () -> 5, null));
  }

  @Test
  void an_empty_race_or_too_few_contenders() {
    Iterable<Integer> lazy = () -> Collections.<Integer>emptyList().iterator();
    isIllegal("items", () -> Scopes.race(List.of(), this::called));
    isIllegal("items", () -> Scopes.race(lazy, this::called));
    isIllegal("items", () -> Scopes.quorum(3, List.of(1, 2), this::called));
    isIllegal("items", () -> Scopes.quorum(Integer.MAX_VALUE, List.of(1, 2), this::called));
    isIllegal("items", () -> Scopes.quorum(3, lazy, this::called));
  }

  @Test
  void too_few_lazy_contenders_end_what_has_started() {
    Iterable<Integer> lazy = () -> List.of(1, 2).iterator();
    isIllegal("items", () -> Scopes.quorum(3, lazy, item -> Blocked.forever()));
  }

  @Test
  void a_quorum_that_throws_has_left_its_scope() {
    Iterable<Integer> lazy = () -> List.of(1, 2).iterator();
    int before = ThreadScope.count();
    var after = new AtomicReference<CancelScope>();
    var thrown = new AtomicReference<Throwable>();
    OnThread.run(
            () -> {
              try {
                Scopes.quorum(Integer.MAX_VALUE, lazy, item -> item);
              } catch (IllegalArgumentException | OutOfMemoryError e) {
                thrown.set(e);
                after.set(ThreadScope.currentScope());
                // Does not disturb other tests.
                if (after.get() instanceof ScopeImpl leaked) {
                  leaked.end(null);
                }
              }
            })
        .value();
    assertNull(after.get(), "the scope that was not left");
    assertInstanceOf(IllegalArgumentException.class, thrown.get());
    assertEquals(before, ThreadScope.count());
  }

  @Test
  void an_empty_source_is_allowed() throws Exception {
    assertEquals(List.of(), Scopes.fanOut(List.<Integer>of(), this::called));
    assertEquals(List.of(), Scopes.fanOut(List.<Task<Integer, Exception>>of()));
    assertEquals(List.of(), Scopes.settle(List.<Integer>of(), this::called));
  }

  // --- scopes ---

  @Test
  void arguments_of_scope_methods() throws Exception {
    Callable<Integer> task = null;
    Action action = null;
    Scopes.run(scope -> {
      assertNamed("task", () -> scope.fork(task));
      assertNamed("task", () -> scope.fork("name", task));
      assertNamed("action", () -> scope.fork(action));
      assertNamed("action", () -> scope.fork("name", action));
      assertNamed("name", () -> scope.fork(null, () -> 1));
      assertNamed("name", () -> scope.fork(null, () -> {}));
      assertNamed("resource", () -> scope.use(null));
      assertNamed("cleanup", () -> scope.onExit(null));
      assertNamed("unblock", () -> scope.onCancel(null));
      assertNamed("reason", () -> scope.cancel(null));
      for (String blank : List.of("", " ")) {
        var thrown = assertThrows(IllegalArgumentException.class, () -> scope.fork(blank, () -> 1));
        assertTrue(thrown.getMessage().contains("name"));
        assertThrows(IllegalArgumentException.class, () -> scope.fork(blank, () -> {}));
      }
      assertTrue(!scope.isCancelled());
    });
  }

  private static void assertNamed(String argument, Executable call) {
    assertEquals(argument, assertThrows(NullPointerException.class, call).getMessage());
  }

  // --- thread factories ---

  private static Throwable forkingOn(ThreadFactory factory) {
    var call = OnThread.run(() -> SPEC.threads(factory).run(scope -> scope.fork(() -> {})));
    Throwable thrown = call.thrown();
    call.leavesNoFlag();
    return thrown;
  }

  @Test
  void a_factory_that_returns_null() {
    var thrown = assertInstanceOf(RejectedExecutionException.class, forkingOn(task -> null));
    assertTrue(thrown.getMessage().contains("factory"), thrown.getMessage());
    assertTrue(thrown.getMessage().contains("spec/1"), thrown.getMessage());
  }

  @Test
  void a_factory_that_throws() {
    var marker = new IllegalStateException("marker");
    assertSame(
        marker,
        forkingOn(task -> {
          throw marker;
        }));
    var error = new OutOfMemoryError("marker");
    assertSame(
        error,
        forkingOn(task -> {
          throw error;
        }));
  }

  @Test
  void a_factory_that_throws_in_a_fan_out() {
    var marker = new IllegalStateException("marker");
    var left = new AtomicInteger(2);
    ThreadFactory running =
        task -> {
          if (left.getAndDecrement() == 0) {
            throw marker;
          }
          return Thread.ofVirtual().unstarted(task);
        };
    assertSame(
        marker,
        assertThrows(
            IllegalStateException.class,
            () ->
                SPEC.threads(running)
                    .fanOut(List.of(1, 2, 3), item -> Blocked.<Integer>forever())));
  }

  @EachThreadKind
  void a_factory_that_returns_a_started_thread(ThreadFactory threads) {
    var release = new CountDownLatch(1);
    Thread running = threads.newThread(() -> Blocked.stubbornly(release));
    running.start();
    try {
      var thrown = forkingOn(task -> running);
      assertInstanceOf(Exception.class, thrown);
      assertNotNull(thrown.getMessage(), thrown + " without a message");
    } finally {
      release.countDown();
      Poll.until(() -> !running.isAlive());
    }
  }

  @EachThreadKind
  void a_factory_that_returns_a_finished_thread(ThreadFactory threads) throws Exception {
    Thread finished = threads.newThread(() -> {});
    finished.start();
    finished.join();
    assertInstanceOf(Exception.class, forkingOn(task -> finished));
  }

  @EachThreadKind
  void a_factory_that_returns_the_same_thread_twice(ThreadFactory threads) {
    var only = new AtomicReference<Thread>();
    var call =
        OnThread.run(() ->
            SPEC.threads(
                    task -> {
                      only.compareAndSet(null, threads.newThread(task));
                      return only.get();
                    })
                .run(scope -> {
                  scope.fork(() -> Blocked.forever());
                  scope.fork(() -> {});
                }));
    assertInstanceOf(Exception.class, call.thrown());
  }

  // --- misuse ---

  @EachThreadKind
  void a_thread_outside_the_scope(ThreadFactory threads) throws Exception {
    Scopes.named("mine")
        .run(scope -> {
          List<Executable> all =
              List.of(
                  () -> scope.fork(() -> 1),
                  scope::join,
                  () -> scope.use(() -> {}),
                  () -> scope.onExit(() -> {}),
                  () -> scope.onCancel(() -> {}));
          for (Executable call : all) {
            var foreign = OnThread.run(threads, call::execute);
            var thrown = assertInstanceOf(WrongThreadException.class, foreign.thrown());
            assertTrue(thrown.getMessage().contains("'mine'"), thrown.getMessage());
          }
          var closed = new AtomicInteger();
          assertInstanceOf(
              WrongThreadException.class,
              OnThread.run(threads, () -> scope.use(closed::incrementAndGet)).thrown());
          assertEquals(1, closed.get());
        });
  }

  @EachThreadKind
  void a_task_that_forks_or_joins_in_the_scope_it_is_a_task_of(ThreadFactory threads)
      throws Exception {
    Scopes.named("mine")
        .threads(threads)
        .run(scope ->
            scope
                .fork(() -> {
                  var thrown = assertThrows(WrongThreadException.class, () -> scope.fork(() -> 1));
                  assertTrue(thrown.getMessage().contains("Scopes.call"));
                  assertThrows(WrongThreadException.class, scope::join);
                  scope.onExit(() -> {});
                  scope.onCancel(() -> {});
                  scope.use(() -> {});
                })
                .join());
  }

  @EachThreadKind
  void a_fork_that_joins_itself(ThreadFactory threads) {
    var call =
        OnThread.run(() ->
            Scopes.named("mine")
                .threads(threads)
                .run(scope -> {
                  var self = new AtomicReference<Fork<?>>();
                  var set = new CountDownLatch(1);
                  self.set(
                      scope.fork(
                          "narcissus",
                          () -> {
                            set.await();
                            refusesToWait(self.get());
                            Scopes.run(inner -> {
                              refusesToWait(self.get());
                              inner
                                  .fork(() -> {
                                    refusesToWait(self.get());
                                    Scopes.run(deep -> deep.fork(() -> refusesToWait(self.get())));
                                  })
                                  .join();
                            });
                            Scopes.shield(
                                Duration.ofSeconds(9),
                                () -> {
                                  refusesToWait(self.get());
                                  return null;
                                });
                          }));
                  set.countDown();
                }));
    assertDoesNotThrow(call::value);
  }

  private static void refusesToWait(Fork<?> self) {
    var thrown = assertThrows(IllegalStateException.class, self::join);
    assertTrue(thrown.getMessage().contains("narcissus"), thrown.getMessage());
  }

  @Test
  void an_iterator_whose_hasNext_is_wrong() {
    Iterable<Integer> lying =
        () ->
            new Iterator<>() {
              @Override
              public boolean hasNext() {
                return true;
              }

              @Override
              public Integer next() {
                throw new java.util.NoSuchElementException("marker");
              }
            };
    assertThrows(java.util.NoSuchElementException.class, () -> Scopes.fanOut(lying, this::called));
    assertThrows(java.util.NoSuchElementException.class, () -> Scopes.race(lying, this::called));
  }

  @Test
  void workers_timers_and_restarts_refuse_bad_input() throws Exception {
    Scopes.run(scope -> {
      Action nothing = () -> {};
      for (Duration bad :
          List.of(Duration.ZERO, Duration.ofNanos(-1), LONG.multipliedBy(1L << 32))) {
        assertThrows(IllegalArgumentException.class, () -> scope.every(bad, nothing));
        assertThrows(IllegalArgumentException.class, () -> scope.ticker(bad));
      }
      assertThrows(
          IllegalArgumentException.class, () -> scope.after(Duration.ofNanos(-1), nothing));
      assertThrows(IllegalArgumentException.class, () -> scope.every(" ", LONG, nothing));
      assertThrows(NullPointerException.class, () -> scope.every(LONG, null));
      assertThrows(NullPointerException.class, () -> scope.every((Restart) null, LONG, nothing));
      assertThrows(NullPointerException.class, () -> scope.after(null, nothing));
      assertThrows(NullPointerException.class, () -> scope.worker((Action) null));
      assertThrows(NullPointerException.class, () -> scope.worker((WorkerBody<Void>) null));
      assertThrows(NullPointerException.class, () -> scope.worker((String) null, nothing));
    });
    Restart restart = Restart.onFailure();
    for (double bad : new double[] {0.99, 0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThrows(IllegalArgumentException.class, () -> restart.backoff(MILLI, bad, LONG));
    }
    assertThrows(IllegalArgumentException.class, () -> restart.backoff(LONG, 1, MILLI));
    assertThrows(
        IllegalArgumentException.class, () -> restart.backoff(Duration.ofNanos(-1), 1, LONG));
    assertThrows(IllegalArgumentException.class, () -> restart.jitter(1.01));
    assertThrows(IllegalArgumentException.class, () -> restart.jitter(Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> restart.atMost(0, LONG));
    assertThrows(IllegalArgumentException.class, () -> restart.atMost(1, Duration.ZERO));
    assertThrows(IllegalStateException.class, () -> Restart.never().jitter(0.1));
  }
}
