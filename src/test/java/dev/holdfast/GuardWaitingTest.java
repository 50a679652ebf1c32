package dev.holdfast;

import static dev.holdfast.GuardFixture.LONG;
import static dev.holdfast.GuardFixture.SHORT;
import static dev.holdfast.GuardFixture.assertEmpty;
import static dev.holdfast.GuardFixture.assertPlaces;
import static dev.holdfast.GuardFixture.enter;
import static dev.holdfast.GuardFixture.hold;
import static dev.holdfast.GuardFixture.untilWaiting;
import static dev.holdfast.testing.LawFixtures.endingOn;
import static dev.holdfast.testing.LawFixtures.play;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.GuardFixture.Holder;
import dev.holdfast.internal.guard.AdmissionQueue;
import dev.holdfast.internal.util.BargingLock;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LawFixtures;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Poll;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Calls that find a {@link Guard} full: refused, skipped, or waiting. */
@LeavesNothing
class GuardWaitingTest {

  private final List<String> log = Collections.synchronizedList(new ArrayList<>());

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
              opponent.plays(pause, () -> next.get().interrupt());
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
}
