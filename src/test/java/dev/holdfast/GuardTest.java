package dev.holdfast;

import static dev.holdfast.GuardFixture.LONG;
import static dev.holdfast.GuardFixture.SHORT;
import static dev.holdfast.GuardFixture.assertEmpty;
import static dev.holdfast.GuardFixture.assertPlaces;
import static dev.holdfast.testing.LawFixtures.endingOn;
import static dev.holdfast.testing.LawFixtures.on;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LawFixtures;
import dev.holdfast.testing.LawFixtures.Ended;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.Poll;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Tests {@code Admission}, {@code GuardFullException} and {@code LiveGuards} as well. */
@LeavesNothing
class GuardTest {

  private final List<String> log = Collections.synchronizedList(new ArrayList<>());

  // --- permits ---

  @EachThreadKind
  void a_call_runs_in_a_scope_named_after_the_guard_on_the_calling_thread(ThreadFactory threads)
      throws Exception {
    Guard guard = Guard.named("door");
    Object value =
        on(
            threads,
            () -> {
              Thread caller = Thread.currentThread();
              return guard.call(scope -> {
                assertSame(caller, Thread.currentThread());
                assertEquals("door", scope.name());
                assertEquals(1, guard.inside());
                return scope.fork(() -> "value").join();
              });
            });
    assertEquals("value", value);
    assertEmpty(guard);
  }

  @Test
  void run_returns_true_when_the_body_ran() throws Exception {
    Guard guard = Guard.named("door");
    assertTrue(guard.run(scope -> log.add("ran")));
    assertEquals(List.of("ran"), log);
    assertEmpty(guard);
  }

  @Test
  void the_place_is_released_when_everything_in_the_scope_has_ended() throws Exception {
    Guard guard = Guard.named("door").maxConcurrent(1);
    guard.run(scope -> {
      scope.fork(() -> {
        assertEquals(1, guard.inside());
        log.add("fork");
      });
      scope.onExit(() -> {
        assertEquals(1, guard.inside());
        assertThrows(GuardFullException.class, () -> guard.call(s -> null));
        log.add("exit");
      });
    });
    assertEquals(List.of("fork", "exit"), log);
    assertEmpty(guard);
  }

  @Test
  void the_exception_of_the_body_is_thrown_and_the_place_is_released() throws Exception {
    Guard guard = Guard.named("door").maxConcurrent(1);
    for (Throwable thrown :
        List.of(
            new IOException("a"),
            new IllegalStateException("b"),
            new AssertionError("c"),
            new OutOfMemoryError("d"),
            new ThreadDeathLike())) {
      assertSame(
          thrown,
          assertThrows(
              Throwable.class,
              () ->
                  guard.call(scope -> {
                    throw LawFixtures.sneak(thrown);
                  })));
      assertSame(
          thrown,
          assertThrows(
              Throwable.class,
              () ->
                  guard.run(scope -> {
                    throw LawFixtures.sneak(thrown);
                  })));
      assertPlaces(1, guard);
    }
  }

  private static final class ThreadDeathLike extends Error {
    private static final long serialVersionUID = 1L;
  }

  @Test
  void a_failed_fork_releases_the_place() throws Exception {
    Guard guard = Guard.named("door").maxConcurrent(1);
    assertThrows(
        ForkFailedException.class,
        () ->
            guard.run(scope ->
                scope.fork(() -> {
                  throw new IOException();
                })));
    assertPlaces(1, guard);
  }

  @EachThreadKind
  void a_scope_that_cannot_be_opened_releases_the_place(ThreadFactory threads) throws Exception {
    Guard guard = Guard.named("door").maxConcurrent(1);
    var cancelled = new AtomicReference<Throwable>();
    Ended ended =
        endingOn(
            threads,
            () ->
                Scopes.call(scope -> {
                  scope.cancel("before it opens");
                  try {
                    return guard.call(inner -> log.add("never"));
                  } catch (InterruptedException e) {
                    cancelled.set(e);
                    throw e;
                  }
                }));
    assertInstanceOf(ScopeCancelledException.class, ended.thrown());
    assertInstanceOf(ScopeCancelledException.class, cancelled.get().getCause());
    assertEquals(List.of(), log);
    assertPlaces(1, guard);
  }

  private static final ScopeBody<Object, RuntimeException> NOTHING = scope -> "nothing";

  /** At every depth of the stack the place comes back, also where the scope cannot be opened. */
  @EachThreadKind
  void a_stack_overflow_releases_the_place(ThreadFactory threads) throws Exception {
    Guard rejecting = Guard.named("rejecting").maxConcurrent(1);
    Guard waiting = Guard.named("waiting").maxConcurrent(1).waitingUpTo(LONG);
    for (Guard guard : List.of(rejecting, waiting)) {
      on(
          threads,
          () -> {
            guard.call(NOTHING); // links classes that must not be linked on a full stack
            descend(guard, Integer.MAX_VALUE);
            return null;
          });
      assertPlaces(1, guard);
    }
  }

  private static int descend(Guard guard, int deepest) {
    int depth = 0;
    try {
      depth = deepest == 0 ? 0 : descend(guard, deepest - 1) + 1;
    } catch (StackOverflowError e) {
      // retried in a caller with more stack
    }
    if (depth < 500) {
      try {
        guard.call(NOTHING);
      } catch (StackOverflowError e) {
        return 0;
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
    return depth;
  }

  @Test
  void nested_calls_take_a_place_each() throws Exception {
    Guard guard = Guard.named("door").maxConcurrent(2);
    guard.run(outer ->
        guard.run(inner -> {
          assertEquals(2, guard.inside());
          assertThrows(GuardFullException.class, () -> guard.run(third -> log.add("third")));
        }));
    assertEquals(List.of(), log);
    assertEmpty(guard);
  }

  // --- settings ---

  @Test
  void each_method_makes_a_guard_with_places_of_its_own() throws Exception {
    Guard one = Guard.named("door").maxConcurrent(1);
    Guard other = one.timeout(LONG);
    assertNotSame(one, other);
    one.run(scope -> {
      assertEquals(1, one.inside());
      assertEquals(0, other.inside());
      assertTrue(other.run(inner -> assertEquals(1, other.inside())));
    });
    assertEquals("door", other.name());
  }

  @Test
  void its_text_shows_settings_and_use() throws Exception {
    Guard guard = Guard.named("door").maxConcurrent(3).waitingUpTo(SHORT).timeout(LONG);
    guard.run(scope ->
        assertEquals(
            "Guard[door, 1 of 3 inside, 0 waiting, waiting up to PT0.02S, timeout PT30S]",
            guard.toString()));
    assertTrue(
        guard.queueingOne().toString().contains("queueing one, timeout"),
        guard.queueingOne()::toString);
  }

  @Test
  void bad_input_is_refused_by_name() {
    Guard guard = Guard.named("door");
    assertNamed("name", assertThrows(NullPointerException.class, () -> Guard.named(null)));
    assertNamed("name", assertThrows(IllegalArgumentException.class, () -> Guard.named(" ")));
    for (int bad : new int[] {0, -1, Integer.MIN_VALUE}) {
      assertNamed(
          "places", assertThrows(IllegalArgumentException.class, () -> guard.maxConcurrent(bad)));
    }
    for (Duration bad : List.of(Duration.ZERO, Duration.ofNanos(-1), Duration.ofDays(400_000))) {
      assertNamed(
          "patience", assertThrows(IllegalArgumentException.class, () -> guard.waitingUpTo(bad)));
      assertNamed(
          "timeout", assertThrows(IllegalArgumentException.class, () -> guard.timeout(bad)));
    }
    assertNamed(
        "patience", assertThrows(NullPointerException.class, () -> guard.waitingUpTo(null)));
    assertNamed("timeout", assertThrows(NullPointerException.class, () -> guard.timeout(null)));
    assertNamed("body", assertThrows(NullPointerException.class, () -> guard.call(null)));
    assertNamed("body", assertThrows(NullPointerException.class, () -> guard.run(null)));
    assertEmpty(guard);
    assertNull(ThreadScope.current());
  }

  private static void assertNamed(String argument, Exception thrown) {
    assertTrue(thrown.getMessage().contains(argument), thrown::getMessage);
  }

  @Test
  void the_largest_int_is_a_limit() throws Exception {
    Guard guard = Guard.named("door").maxConcurrent(Integer.MAX_VALUE);
    assertTrue(guard.run(scope -> assertEquals(1, guard.inside())));
    assertEmpty(guard);
  }

  @Test
  void a_scope_that_has_ended_is_not_retained() throws Exception {
    Guard guard = Guard.named("report").maxConcurrent(1).cancellingPrevious();
    var scope = new AtomicReference<java.lang.ref.WeakReference<Scope>>();
    guard.run(s -> scope.set(new java.lang.ref.WeakReference<>(s)));
    Poll.until(() -> {
      System.gc();
      return scope.get().get() == null;
    });
    assertNull(scope.get().get());
    assertEmpty(guard);
  }

  @Test
  void the_default_timeout_applies_to_each_form_of_call() throws Exception {
    Guard guard = Guard.named("guard");
    for (Guard each : List.of(guard, guard.maxConcurrent(1).cancellingPrevious())) {
      Deadline called = each.call(Scope::deadline);
      assertFalse(called == Deadline.NONE);
      var bounded = new AtomicBoolean();
      each.run(scope -> bounded.set(scope.deadline() != Deadline.NONE));
      assertTrue(bounded.get());
    }
  }

  @Test
  void a_guard_without_a_timeout_has_places_of_its_own() throws Exception {
    Guard guard = Guard.named("guard").maxConcurrent(1);
    int inside = guard.call(scope -> guard.noTimeout().inside());
    assertEquals(0, inside);
  }

  @Test
  void every_setting_keeps_the_rate() {
    Guard guard = Guard.named("guard").perSecond(7);
    for (Guard each : List.of(guard.maxConcurrent(3), guard.skipping(), guard.noTimeout())) {
      assertTrue(each.toString().contains("at most 7 per second"), each::toString);
    }
  }

  @Test
  void a_call_that_is_interrupted_while_it_waits_for_its_turn_gives_it_back() throws Exception {
    Guard guard = Guard.named("guard").perSecond(1).waitingUpTo(Duration.ofSeconds(1));
    guard.run(scope -> {});
    for (int i = 0; i < 2; i++) { // each would have to wait for longer after a turn that was lost
      var thrown = new AtomicReference<Throwable>();
      Thread waiting =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  guard.run(scope -> {});
                } catch (Throwable t) {
                  thrown.set(t);
                }
              });
      Poll.until(() -> waiting.getState() == Thread.State.TIMED_WAITING || !waiting.isAlive());
      waiting.interrupt();
      waiting.join();
      assertFalse(thrown.get() instanceof GuardFullException, () -> "" + thrown.get());
    }
  }
}
