package dev.holdfast;

import static dev.holdfast.GuardFixture.assertEmpty;
import static dev.holdfast.GuardFixture.assertPlaces;
import static dev.holdfast.GuardFixture.enter;
import static dev.holdfast.GuardFixture.untilWaiting;
import static dev.holdfast.testing.LawFixtures.play;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LawFixtures;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Poll;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import org.junit.jupiter.api.Test;

/** {@link Guard#cancellingPrevious}. */
@LeavesNothing
class GuardCancellingPreviousTest {

  private final List<String> log = Collections.synchronizedList(new ArrayList<>());

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
                    return Blocked.<String>forever();
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
              OnThread.run(threads, () -> guard.run(scope -> Blocked.forever()));
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
}
