package dev.holdfast;

import static dev.holdfast.testing.LawFixtures.endingOn;
import static dev.holdfast.testing.LawFixtures.on;
import static dev.holdfast.testing.LawFixtures.play;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.internal.guard.AdmissionQueue;
import dev.holdfast.internal.util.BargingLock;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LawFixtures;
import dev.holdfast.testing.LawFixtures.Ended;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Poll;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Tests {@code Admission}, {@code GuardFullException} and {@code LiveGuards} as well. */
@LeavesNothing
class GuardTest {

  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Duration SHORT = Duration.ofMillis(20);

  private final List<String> log = Collections.synchronizedList(new ArrayList<>());

  /** A call that stays inside until it is released. */
  private static final class Holder implements AutoCloseable {

    final CountDownLatch in = new CountDownLatch(1);
    final CountDownLatch go = new CountDownLatch(1);
    final AtomicReference<Scope> scope = new AtomicReference<>();
    final OnThread<String> call;

    Holder(ThreadFactory threads, Guard guard) throws InterruptedException {
      call =
          OnThread.start(
              threads,
              () ->
                  // The deadline of the caller counts, not the default of the guard.
                  Scopes.timeout(LONG)
                      .call(around ->
                          guard.call(s -> {
                            scope.set(s);
                            in.countDown();
                            LawFixtures.await(go);
                            return "held";
                          })));
      LawFixtures.await(in);
    }

    @Override
    public void close() {
      go.countDown();
      call.end();
    }
  }

  private static Holder hold(ThreadFactory threads, Guard guard) throws InterruptedException {
    return new Holder(threads, guard);
  }

  private static void assertEmpty(Guard guard) {
    assertEquals(0, guard.inside(), guard::toString);
    assertEquals(0, guard.waiting(), guard::toString);
  }

  /** Fails unless there are as many places as there should be, no fewer and no more. */
  private static void assertPlaces(int places, Guard guard) throws Exception {
    assertEmpty(guard);
    List<Holder> holders = new ArrayList<>();
    try {
      for (int i = 0; i < places; i++) {
        holders.add(hold(LawFixtures.VIRTUAL, guard));
      }
      assertEquals(places, guard.inside());
    } finally {
      holders.forEach(Holder::close);
    }
    assertEmpty(guard);
  }

  private static OnThread<String> enter(ThreadFactory threads, Guard guard, String value) {
    return OnThread.start(threads, () -> guard.call(scope -> value));
  }

  private static void untilWaiting(Guard guard, int count) {
    Poll.until(() -> guard.waiting() == count);
    assertEquals(count, guard.waiting());
  }

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

  // --- full ---

  @EachThreadKind
  void a_full_guard_rejects_a_call_and_names_its_limit(ThreadFactory threads) throws Exception {
    Guard guard = Guard.named("refund").maxConcurrent(2);
    try (Holder a = hold(threads, guard);
        Holder b = hold(threads, guard)) {
      var full = assertThrows(GuardFullException.class, () -> guard.call(scope -> log.add("in")));
      assertEquals("refund", full.guard());
      assertEquals(
          "Guard 'refund' is full: 2 of 2 calls running. Retry, allow waiting, or raise"
              + " maxConcurrent.",
          full.getMessage());
      assertThrows(GuardFullException.class, () -> guard.run(scope -> log.add("in")));
      assertEquals(2, guard.inside());
      assertEquals(2, guard.refused());
      a.go.countDown();
      assertEquals("held", a.call.value());
      assertTrue(guard.run(scope -> assertEquals(2, guard.inside())));
      assertEquals(1, b.go.getCount());
    }
    assertEquals(List.of(), log);
    assertPlaces(2, guard);
  }

  @Test
  void a_guard_rejects_by_default() throws Exception {
    Guard guard = Guard.named("door").skipping().rejecting().maxConcurrent(1);
    try (Holder held = hold(LawFixtures.VIRTUAL, guard)) {
      assertThrows(GuardFullException.class, () -> guard.run(scope -> log.add("in")));
      assertEquals(1, held.go.getCount());
    }
    assertTrue(Guard.named("door").toString().contains("0 of 1024 inside"));
  }

  @Test
  void a_skipping_guard_returns_false_or_null() throws Exception {
    Guard guard = Guard.named("job").maxConcurrent(1).skipping();
    try (Holder held = hold(LawFixtures.VIRTUAL, guard)) {
      assertFalse(guard.run(scope -> log.add("in")));
      var full = assertThrows(GuardFullException.class, () -> guard.call(scope -> log.add("in")));
      assertTrue(full.getMessage().contains("Call run, which returns false"), full::getMessage);
      assertEquals(2, guard.refused());
      assertEquals(1, held.go.getCount());
    }
    assertTrue(guard.run(scope -> log.add("after")));
    assertEquals(List.of("after"), log);
  }

  @EachThreadKind
  void waiting_calls_run_in_the_order_of_their_arrival(ThreadFactory threads) throws Exception {
    Guard guard = Guard.named("door").maxConcurrent(1).waitingUpTo(LONG);
    List<OnThread<Void>> waiting = new ArrayList<>();
    try (Holder held = hold(threads, guard)) {
      for (int i = 0; i < 5; i++) {
        String number = "" + i;
        waiting.add(
            OnThread.run(
                threads,
                () ->
                    guard.run(scope -> {
                      assertEquals(1, guard.inside());
                      log.add(number);
                    })));
        untilWaiting(guard, i + 1);
      }
      assertEquals(List.of(), log);
      held.go.countDown();
      waiting.forEach(OnThread::value);
    }
    assertEquals(List.of("0", "1", "2", "3", "4"), log);
    assertEquals(0, guard.refused());
    assertEmpty(guard);
  }

  @EachThreadKind
  void a_call_that_waited_too_long_is_rejected(ThreadFactory threads) throws Exception {
    Guard guard = Guard.named("door").maxConcurrent(1).waitingUpTo(SHORT);
    try (Holder held = hold(threads, guard)) {
      long start = System.nanoTime();
      Throwable thrown = enter(threads, guard, "in").thrown();
      assertTrue(System.nanoTime() - start >= SHORT.toNanos());
      var full = assertInstanceOf(GuardFullException.class, thrown);
      assertTrue(full.getMessage().contains("PT0.02S"), full::getMessage);
      assertThrows(GuardFullException.class, () -> guard.run(scope -> log.add("in")));
      assertEquals(0, guard.waiting());
      assertEquals(2, guard.refused());
      assertEquals(1, held.go.getCount());
    }
    assertPlaces(1, guard);
  }

  @EachThreadKind
  void one_call_waits_and_the_others_are_skipped(ThreadFactory threads) throws Exception {
    Guard guard = Guard.named("job").maxConcurrent(1).queueingOne();
    OnThread<String> queued;
    try (Holder held = hold(threads, guard)) {
      queued = enter(threads, guard, "queued");
      untilWaiting(guard, 1);
      assertFalse(guard.run(scope -> log.add("in")));
      assertFalse(guard.run(scope -> log.add("in")));
      assertThrows(GuardFullException.class, () -> guard.call(scope -> log.add("in")));
      held.go.countDown();
      assertEquals("queued", queued.value());
    }
    assertEquals(List.of(), log);
    assertEquals(3, guard.refused());
    assertPlaces(1, guard);
  }

  // --- interrupts and cancellation of a waiting call ---

  @EachThreadKind
  void an_interrupt_ends_the_wait(ThreadFactory threads) throws Exception {
    for (Guard guard :
        List.of(
            Guard.named("waiting").maxConcurrent(1).waitingUpTo(LONG),
            Guard.named("queueing").maxConcurrent(1).queueingOne())) {
      try (Holder held = hold(threads, guard)) {
        OnThread<String> waits = enter(threads, guard, "in");
        untilWaiting(guard, 1);
        waits.interrupt();
        assertInstanceOf(InterruptedException.class, waits.thrown());
        waits.leavesNoFlag();
        assertEquals(0, guard.waiting());
        assertEquals(1, guard.inside());
        assertEquals(0, guard.refused());
        assertEquals(1, held.go.getCount());
      }
      assertPlaces(1, guard);
    }
  }

  @EachThreadKind
  void an_interrupt_from_outside_ends_the_wait_in_a_scope_and_is_kept(ThreadFactory threads)
      throws Exception {
    Guard guard = Guard.named("door").maxConcurrent(1).waitingUpTo(LONG);
    try (Holder held = hold(threads, guard)) {
      OnThread<String> waits =
          OnThread.start(threads, () -> Scopes.call(scope -> guard.call(inner -> "in")));
      untilWaiting(guard, 1);
      waits.interrupt();
      assertInstanceOf(InterruptedException.class, waits.thrown());
      assertEquals(1, held.go.getCount());
    }
    assertPlaces(1, guard);
  }

  @EachThreadKind
  void cancellation_of_the_calling_task_ends_the_wait(ThreadFactory threads) throws Exception {
    Guard guard = Guard.named("door").maxConcurrent(1).waitingUpTo(LONG);
    var caught = new AtomicReference<Throwable>();
    try (Holder held = hold(threads, guard)) {
      var ended =
          endingOn(
              threads,
              () ->
                  Scopes.call(scope -> {
                    scope.fork(() -> {
                      try {
                        guard.run(inner -> log.add("in"));
                      } catch (InterruptedException e) {
                        caught.set(e);
                        throw e;
                      }
                    });
                    untilWaiting(guard, 1);
                    scope.cancel("enough");
                    return "value";
                  }));
      assertEquals("value", ended.value());
      assertFalse(ended.interrupted());
      assertEquals(0, guard.waiting());
      assertEquals(1, held.go.getCount());
    }
    var cause = assertInstanceOf(ScopeCancelledException.class, caught.get().getCause());
    assertEquals("enough", cause.reason());
    assertEquals(List.of(), log);
    assertPlaces(1, guard);
  }

  @Test
  void a_deadline_of_the_caller_ends_the_wait() throws Exception {
    Guard guard = Guard.named("job").maxConcurrent(1).queueingOne();
    try (Holder held = hold(LawFixtures.VIRTUAL, guard)) {
      assertThrows(
          ScopeTimeoutException.class,
          () -> Scopes.timeout(SHORT).run(scope -> guard.run(inner -> log.add("in"))));
      assertEquals(1, held.go.getCount());
    }
    assertEquals(List.of(), log);
    assertPlaces(1, guard);
  }

  @Test
  void a_full_guard_throws_in_a_cancelled_task() throws Exception {
    Guard guard = Guard.named("job").maxConcurrent(1).skipping();
    try (Holder held = hold(LawFixtures.VIRTUAL, guard)) {
      assertThrows(
          ScopeCancelledException.class,
          () ->
              Scopes.run(scope -> {
                scope.cancel("enough");
                assertFalse(guard.run(inner -> log.add("in")), "it returned");
              }));
      assertEquals(0, guard.refused());
      assertEquals(1, held.go.getCount());
    }
  }

  /**
   * The handover of a permit races an interrupt of the waiting thread; the permit is never lost.
   */
  @EachThreadKind
  void no_place_is_lost_when_an_interrupt_races_its_hand_over(ThreadFactory threads)
      throws Exception {
    Guard guard = Guard.named("door").maxConcurrent(1).waitingUpTo(LONG);
    var in = new AtomicInteger();
    var out = new AtomicInteger();
    try (var opponent = new LawFixtures.Opponent()) {
      play(
          threads,
          2000,
          random -> {
            var next = new AtomicReference<OnThread<Boolean>>();
            int pause = random.nextInt(200);
            guard.run(scope -> {
              next.set(OnThread.start(threads, () -> guard.run(inner -> {})));
              Poll.until(() -> guard.waiting() > 0);
              opponent.plays(() -> {
                LawFixtures.spin(pause);
                next.get().interrupt();
              });
              LawFixtures.spin(random.nextInt(200));
            });
            opponent.hasPlayed();
            (next.get().thrown() == null ? in : out).incrementAndGet();
            assertEmpty(guard);
            assertTrue(guard.run(scope -> {}));
          });
    }
    assertTrue(in.get() + out.get() > 0);
    assertPlaces(1, guard);
  }

  /** The race before, nearly forced: the call that gives up polls for the lock. */
  @EachThreadKind
  void a_place_for_a_call_that_has_stopped_waiting_goes_to_the_next(ThreadFactory threads)
      throws Exception {
    var gate = new AdmissionQueue(1);
    var field = AdmissionQueue.class.getDeclaredField("lock");
    field.setAccessible(true);
    var lock = (BargingLock) field.get(gate);
    for (int round = 0; round < 20; round++) {
      assertTrue(gate.tryEnter());
      OnThread<AdmissionQueue.Entry> waits =
          OnThread.start(threads, () -> gate.enter("door", 1, 0));
      Poll.until(() -> gate.waiting() == 1);
      waits.blocked();
      lock.lock();
      try {
        waits.interrupt();
        Poll.untilIn(waits.thread(), "giveUp");
      } finally {
        lock.unlock();
      }
      gate.leave(); // takes the lock again before the call that gives up sees that it is free
      assertInstanceOf(InterruptedException.class, waits.thrown());
      assertEquals(0, gate.inside());
      assertEquals(0, gate.waiting());
    }
  }

  /** The same for the end of its patience. */
  @EachThreadKind
  void no_place_is_lost_when_a_timeout_races_its_hand_over(ThreadFactory threads) throws Exception {
    play(
        threads,
        500,
        random -> {
          Guard guard =
              Guard.named("door")
                  .maxConcurrent(1)
                  .waitingUpTo(Duration.ofNanos(1 + random.nextInt(50_000)));
          var next = new AtomicReference<OnThread<Boolean>>();
          guard.run(scope -> {
            next.set(OnThread.start(threads, () -> guard.run(inner -> {})));
            for (int i = random.nextInt(20_000); i > 0 && guard.refused() == 0; i--) {
              Thread.onSpinWait();
            }
          });
          Throwable thrown = next.get().thrown();
          assertTrue(thrown == null || thrown instanceof GuardFullException, () -> "" + thrown);
          assertEquals(thrown == null ? 0 : 1, guard.refused());
          assertEmpty(guard);
        });
  }

  /** Many threads, interrupts and failures against few places of every kind of guard. */
  @EachThreadKind
  void places_are_neither_lost_nor_doubled(ThreadFactory threads) throws Exception {
    play(
        LawFixtures.PLATFORM,
        60,
        random -> {
          int places = 1 + random.nextInt(3);
          Guard base = Guard.named("door").maxConcurrent(places);
          Guard guard =
              switch (random.nextInt(5)) {
                case 0 -> base.waitingUpTo(LONG);
                case 1 -> base.waitingUpTo(Duration.ofNanos(1 + random.nextInt(100_000)));
                case 2 -> base.queueingOne();
                case 3 -> base.skipping();
                default -> base.maxConcurrent(1).cancellingPrevious();
              };
          int most = guard.toString().contains("cancelling") ? 1 : places;
          var inside = new AtomicInteger();
          List<OnThread<Void>> callers = new ArrayList<>();
          for (int i = 0; i < 8; i++) {
            SplittableRandom own = random.split();
            callers.add(
                OnThread.run(
                    threads,
                    () -> {
                      for (int k = 0; k < 20; k++) {
                        visit(guard, most, inside, own);
                      }
                    }));
          }
          for (int i = random.nextInt(40); i > 0; i--) {
            LawFixtures.spin(random.nextInt(500));
            callers.get(random.nextInt(callers.size())).interrupt();
          }
          callers.forEach(OnThread::value);
          assertEquals(0, inside.get());
          assertPlaces(most, guard);
        });
  }

  private static void visit(Guard guard, int most, AtomicInteger inside, SplittableRandom random) {
    try {
      guard.run(scope -> {
        assertTrue(inside.incrementAndGet() <= most, "too many are inside");
        try {
          LawFixtures.spin(random.nextInt(300));
          switch (random.nextInt(4)) {
            case 0 -> Thread.yield();
            case 1 -> throw new StackOverflowError("planned");
            case 2 -> throw new IOException("planned");
            default -> {}
          }
        } finally {
          inside.decrementAndGet();
        }
      });
    } catch (InterruptedException | IOException | ScopeException | StackOverflowError expected) {
      // however it ends
    }
  }

  // --- cancelling the previous ---

  @EachThreadKind
  void the_previous_call_is_cancelled_and_waited_for(ThreadFactory threads) throws Exception {
    Guard guard = Guard.named("report").maxConcurrent(1).cancellingPrevious();
    var in = new CountDownLatch(1);
    var let = new CountDownLatch(1);
    OnThread<String> previous =
        OnThread.start(
            threads,
            () ->
                guard.call(scope -> {
                  try {
                    in.countDown();
                    return LawFixtures.<String>forever();
                  } finally {
                    Blocked.stubbornly(let);
                    log.add("previous ended");
                  }
                }));
    LawFixtures.await(in);
    OnThread<Void> next = OnThread.run(threads, () -> guard.run(scope -> log.add("next")));
    untilWaiting(guard, 1);
    next.blocked();
    assertEquals(List.of(), log);
    let.countDown();
    next.value();
    assertEquals(List.of("previous ended", "next"), log);
    var cancelled = assertInstanceOf(ScopeCancelledException.class, previous.thrown());
    assertEquals(ScopeCancelledException.Source.EXPLICIT, cancelled.source());
    assertTrue(cancelled.getMessage().contains("guard 'report'"), cancelled::getMessage);
    previous.leavesNoFlag();
    assertEquals(0, guard.refused());
    assertPlaces(1, guard);
  }

  /** {@return a call that is in the guard, and stays there until the latch opens} */
  private static OnThread<Void> stubborn(
      ThreadFactory threads, Guard guard, CountDownLatch let, Action then)
      throws InterruptedException {
    var in = new CountDownLatch(1);
    OnThread<Void> call =
        OnThread.run(
            threads,
            () ->
                guard.run(scope -> {
                  in.countDown();
                  Blocked.stubbornly(let);
                  then.run();
                }));
    LawFixtures.await(in);
    return call;
  }

  @EachThreadKind
  void only_the_latest_waiting_call_runs(ThreadFactory threads) throws Exception {
    Guard guard = Guard.named("report").maxConcurrent(1).cancellingPrevious();
    var let = new CountDownLatch(1);
    OnThread<Void> first = stubborn(threads, guard, let, () -> Scopes.checkpoint());
    OnThread<String> second = enter(threads, guard, "second");
    untilWaiting(guard, 1);
    OnThread<String> third = enter(threads, guard, "third");
    var cancelled = assertInstanceOf(ScopeCancelledException.class, second.thrown());
    assertTrue(cancelled.getMessage().contains("guard 'report'"), cancelled::getMessage);
    second.leavesNoFlag();
    assertEquals(1, guard.waiting());
    assertEquals(1, guard.refused());
    let.countDown();
    assertEquals("third", third.value());
    assertInstanceOf(ScopeCancelledException.class, first.thrown());
    assertPlaces(1, guard);
  }

  @EachThreadKind
  void an_interrupt_ends_the_wait_for_the_previous(ThreadFactory threads) throws Exception {
    Guard guard = Guard.named("report").maxConcurrent(1).cancellingPrevious();
    var let = new CountDownLatch(1);
    OnThread<Void> first = stubborn(threads, guard, let, () -> log.add("first"));
    OnThread<String> next = enter(threads, guard, "next");
    untilWaiting(guard, 1);
    next.interrupt();
    assertInstanceOf(InterruptedException.class, next.thrown());
    next.leavesNoFlag();
    assertEquals(1, guard.inside());
    assertEquals(List.of(), log);
    let.countDown();
    first.end();
    assertEquals(List.of("first"), log);
    assertPlaces(1, guard);
  }

  /** It has its place, but its scope is not known yet: it has to find out by itself. */
  @EachThreadKind
  void a_previous_call_that_has_just_begun_is_cancelled(ThreadFactory threads) throws Exception {
    Guard guard = Guard.named("report").maxConcurrent(1).cancellingPrevious();
    play(
        threads,
        500,
        random -> {
          OnThread<Void> previous =
              OnThread.run(threads, () -> guard.run(scope -> LawFixtures.forever()));
          Poll.until(() -> guard.inside() > 0);
          LawFixtures.spin(random.nextInt(100));
          assertTrue(guard.run(scope -> {}));
          assertInstanceOf(ScopeCancelledException.class, previous.thrown());
          previous.leavesNoFlag();
          assertEmpty(guard);
        });
  }

  /** A slow earlier call never cancels the newest one. */
  @EachThreadKind
  void the_latest_of_many_runs_to_its_end(ThreadFactory threads) throws Exception {
    play(
        LawFixtures.PLATFORM,
        100,
        random -> {
          Guard guard = Guard.named("report").maxConcurrent(1).cancellingPrevious();
          List<OnThread<Void>> callers = new ArrayList<>();
          for (int i = 0; i < 4; i++) {
            callers.add(
                OnThread.run(
                    threads,
                    () ->
                        guard.run(scope -> {
                          LawFixtures.spin(200);
                          Scopes.checkpoint();
                        })));
          }
          int completed = 0;
          for (OnThread<Void> caller : callers) {
            Throwable thrown = caller.thrown();
            caller.leavesNoFlag();
            if (thrown == null) {
              completed++;
            } else {
              assertInstanceOf(ScopeCancelledException.class, thrown);
            }
          }
          assertTrue(completed >= 1, "all were cancelled");
          assertEmpty(guard);
        });
  }

  @Test
  void a_call_inside_the_call_it_cancels_is_cancelled_with_it() throws Exception {
    Guard guard = Guard.named("report").maxConcurrent(1).cancellingPrevious();
    assertThrows(
        ScopeCancelledException.class,
        () -> guard.run(outer -> guard.run(inner -> log.add("inner"))));
    assertEquals(List.of(), log);
    assertPlaces(1, guard);
  }

  @Test
  void cancelling_the_previous_call_needs_a_limit_of_one() {
    Guard many = Guard.named("report").maxConcurrent(2);
    var thrown = assertThrows(IllegalStateException.class, many::cancellingPrevious);
    assertTrue(thrown.getMessage().contains("maxConcurrent(1)"), thrown::getMessage);
    assertTrue(thrown.getMessage().contains("'report'"), thrown::getMessage);
    Guard one = many.maxConcurrent(1).cancellingPrevious();
    assertThrows(IllegalStateException.class, () -> one.maxConcurrent(2));
    assertThrows(IllegalStateException.class, () -> Guard.named("report").cancellingPrevious());
    assertNotSame(one, one.rejecting().maxConcurrent(2));
  }

  // --- the timeout ---

  @Test
  void a_caller_without_a_deadline_gets_ten_seconds() throws Exception {
    Guard guard = Guard.named("door");
    Duration left = guard.call(scope -> Scopes.deadline().remaining());
    assertTrue(left.compareTo(Duration.ofSeconds(10)) <= 0, left::toString);
    assertTrue(left.compareTo(Duration.ofSeconds(5)) > 0, left::toString);
    Duration in = Scopes.call(scope -> guard.call(inner -> Scopes.deadline().remaining()));
    assertTrue(in.compareTo(Duration.ofSeconds(10)) <= 0, in::toString);
  }

  @Test
  void the_default_timeout_is_for_callers_without_a_deadline() throws Exception {
    Guard guard = Guard.named("door").maxConcurrent(1);
    Scopes.timeout(LONG)
        .run(scope -> {
          Deadline around = Scopes.deadline();
          assertTrue(guard.run(inner -> assertSame(around, Scopes.deadline())));
          assertTrue(
              guard.cancellingPrevious().run(inner -> assertSame(around, Scopes.deadline())));
        });
  }

  @EachThreadKind
  void a_timeout_that_was_set_counts_under_a_later_deadline(ThreadFactory threads)
      throws Exception {
    Guard guard = Guard.named("door").maxConcurrent(1).timeout(SHORT);
    for (Guard each : List.of(guard, guard.cancellingPrevious(), guard.waitingUpTo(LONG))) {
      var ended =
          endingOn(
              threads,
              () -> Scopes.timeout(LONG).call(around -> each.call(scope -> Blocked.forEver())));
      var thrown = assertInstanceOf(ScopeTimeoutException.class, ended.thrown());
      assertEquals(SHORT, thrown.timeout());
      assertTrue(thrown.getMessage().contains("'door'"), thrown::getMessage);
      assertEmpty(each);
    }
  }

  @Test
  void an_earlier_deadline_counts_under_a_timeout_that_was_set() throws Exception {
    Guard guard = Guard.named("door").timeout(Duration.ofDays(1));
    Scopes.timeout(LONG)
        .run(scope -> {
          Deadline around = Scopes.deadline();
          guard.run(inner -> assertSame(around, Scopes.deadline()));
        });
  }

  @Test
  void without_a_timeout_only_the_deadline_of_the_caller_counts() throws Exception {
    for (Guard none :
        List.of(
            Guard.named("door").noTimeout(),
            Guard.named("door").timeout(SHORT).noTimeout(),
            Guard.named("door").noTimeout().maxConcurrent(1).skipping())) {
      assertTrue(none.run(scope -> assertSame(Deadline.NONE, Scopes.deadline())));
      assertTrue(none.toString().endsWith(", no timeout]"), none::toString);
      Scopes.timeout(LONG)
          .run(scope -> {
            Deadline around = Scopes.deadline();
            none.run(inner -> assertSame(around, Scopes.deadline()));
          });
    }
    assertEquals(
        SHORT,
        assertThrows(
                ScopeTimeoutException.class,
                () ->
                    Guard.named("door").noTimeout().timeout(SHORT).run(scope -> Blocked.forEver()))
            .timeout());
  }

  @Test
  void a_timeout_ends_the_call_and_releases_the_place() throws Exception {
    Guard guard = Guard.named("door").maxConcurrent(1).timeout(SHORT);
    var thrown =
        assertThrows(ScopeTimeoutException.class, () -> guard.call(scope -> Blocked.forEver()));
    assertEquals(SHORT, thrown.timeout());
    assertTrue(thrown.getMessage().contains("'door'"), thrown::getMessage);
    assertPlaces(1, guard);
  }

  @Test
  void waiting_for_a_place_does_not_count_for_the_timeout() throws Exception {
    Guard guard = Guard.named("door").maxConcurrent(1).waitingUpTo(LONG).timeout(LONG);
    OnThread<Duration> waits;
    Deadline before;
    try (Holder held = hold(LawFixtures.VIRTUAL, guard)) {
      before = Deadline.after(LONG);
      waits = OnThread.start(() -> guard.call(scope -> Scopes.deadline().remaining()));
      untilWaiting(guard, 1);
      Poll.until(() -> before.remaining().compareTo(LONG.minusMillis(20)) < 0);
      held.go.countDown();
      Duration left = waits.value();
      assertTrue(left.compareTo(before.remaining()) > 0, left::toString);
    }
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
