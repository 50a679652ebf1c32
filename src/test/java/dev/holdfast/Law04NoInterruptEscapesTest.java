package dev.holdfast;

import static dev.holdfast.testing.Blocked.forever;
import static dev.holdfast.testing.LawFixtures.await;
import static dev.holdfast.testing.LawFixtures.ending;
import static dev.holdfast.testing.LawFixtures.endingOn;
import static dev.holdfast.testing.LawFixtures.play;
import static dev.holdfast.testing.LawFixtures.spin;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LawFixtures;
import dev.holdfast.testing.LawFixtures.Ended;
import dev.holdfast.testing.LawFixtures.Opponent;
import dev.holdfast.testing.LeavesNothing;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import org.junit.jupiter.api.Tag;

/**
 * Law 4: an interrupt that Holdfast sent never leaves its scope. {@link
 * Law04InterruptFromOutsideTest} has the interrupts from outside.
 *
 * <p>Tests {@code ScopeStack} and {@code ThreadScope} as well.
 */
@LeavesNothing
@Tag("one-carrier")
class Law04NoInterruptEscapesTest {

  private static int spun(int turns) {
    spin(turns);
    return turns;
  }

  @EachThreadKind
  void a_timeout_that_races_the_return_leaves_no_flag_set(ThreadFactory factory) throws Exception {
    play(
        factory,
        10_000,
        random -> {
          int turns = random.nextInt(1_000);
          int how = random.nextInt(5);
          ScopeSpec spec = Scopes.timeout(Duration.ofNanos(1 + random.nextInt(60_000)));
          Ended ended =
              ending(() ->
                  switch (how) {
                    case 0 -> spec.call(s -> spun(turns));
                    case 1 -> spec.fanOut(List.of(1, 2), i -> spun(turns));
                    case 2 -> spec.call(s -> Scopes.call(inner -> spun(turns)));
                    case 3 -> spec.settle(List.of(1), i -> spun(turns));
                    default -> Scopes.shield(Duration.ofNanos(1_000), () -> spun(turns));
                  });
          assertFalse(ended.interrupted());
          if (ended.thrown() != null) {
            assertInstanceOf(ScopeTimeoutException.class, ended.thrown());
          }
        });
  }

  @EachThreadKind
  void a_cancel_that_races_the_return_leaves_no_flag_set(ThreadFactory factory) throws Exception {
    try (var opponent = new Opponent()) {
      play(
          factory,
          10_000,
          random -> {
            int turns = random.nextInt(400);
            int body = random.nextInt(400);
            boolean nested = random.nextBoolean();
            Ended ended =
                ending(() ->
                    Scopes.call(s -> {
                      opponent.plays(turns, () -> s.cancel("test"));
                      spin(body);
                      if (nested) {
                        try {
                          Scopes.fanOut(List.of(1), i -> i);
                        } catch (InterruptedException swallowed) {
                          spin(10);
                        }
                      }
                      return 1;
                    }));
            opponent.hasPlayed();
            assertFalse(ended.interrupted() || Thread.interrupted());
            assertEquals(1, ended.value(), ended::toString);
          });
    }
  }

  @EachThreadKind
  void losers_and_failures_leave_no_flag_set(ThreadFactory factory) throws Exception {
    play(
        factory,
        5_000,
        random -> {
          int turns = random.nextInt(300);
          int how = random.nextInt(4);
          Ended ended =
              ending(() ->
                  switch (how) {
                    case 0 -> Scopes.race(List.of(1, 2, 3), i -> spun(turns));
                    case 1 -> Scopes.quorum(2, List.of(1, 2, 3), i -> spun(turns));
                    case 2 -> Scopes.limit(2).fanOut(List.of(1, 2, 3), i -> failing());
                    default ->
                        Scopes.call(s -> {
                          s.fork(() -> failing());
                          spin(turns);
                          return s.fork(() -> failing()).isDone();
                        });
                  });
          assertFalse(ended.interrupted(), ended::toString);
        });
  }

  private static int failing() {
    throw new IllegalStateException("test");
  }

  @EachThreadKind
  void the_flag_of_a_body_that_restored_it_after_our_interrupt_is_dropped(ThreadFactory factory)
      throws Exception {
    Ended ended =
        endingOn(
            factory,
            () ->
                Scopes.timeout(Duration.ofMillis(5))
                    .call(s -> {
                      try {
                        return forever();
                      } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        return 1;
                      }
                    }));
    assertInstanceOf(ScopeTimeoutException.class, ended.thrown());
    assertFalse(ended.interrupted());
  }

  @EachThreadKind
  void no_interrupt_flag_is_set_while_resources_close(ThreadFactory factory) throws Exception {
    Ended ended =
        endingOn(
            factory,
            () ->
                Scopes.timeout(Duration.ofMillis(50))
                    .call(s -> {
                      var interrupts = new CountDownLatch(3);
                      var begun = new CountDownLatch(1);
                      s.fork(() -> {
                        begun.countDown();
                        LawFixtures.swallow(interrupts);
                      });
                      begun.await();
                      return Scopes.call(inner -> {
                        inner.onExit(() -> {
                          assertFalse(Thread.currentThread().isInterrupted());
                          await(interrupts); // the task got them meanwhile
                          Scopes.checkpoint();
                          Scopes.fanOut(List.of(1), i -> i);
                        });
                        return forever();
                      });
                    }));
    var thrown = assertInstanceOf(ScopeTimeoutException.class, ended.thrown());
    assertEquals(
        0, thrown.getSuppressed().length, () -> List.of(thrown.getSuppressed()).toString());
    assertFalse(ended.interrupted());
  }

  @EachThreadKind
  void a_shield_is_not_interrupted_however_long_it_is_cancelled_around_it(ThreadFactory factory)
      throws Exception {
    Ended ended =
        endingOn(
            factory,
            () ->
                Scopes.call(s -> {
                  var interrupts = new CountDownLatch(4);
                  var begun = new CountDownLatch(1);
                  s.fork(() -> {
                    begun.countDown();
                    LawFixtures.swallow(interrupts);
                  });
                  await(begun);
                  s.cancel("test");
                  return Scopes.shield(
                      Duration.ofSeconds(20),
                      () -> {
                        await(interrupts); // the task got them meanwhile
                        return Scopes.fanOut(List.of(1), i -> i);
                      });
                }));
    assertEquals(List.of(1), ended.value(), ended::toString);
    assertFalse(ended.interrupted());
  }

  @EachThreadKind
  void a_flag_restored_after_a_cancelled_join_does_not_escape(ThreadFactory factory)
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
  void a_flag_restored_after_a_cancelled_inner_scope_does_not_escape(ThreadFactory factory)
      throws Exception {
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
}
