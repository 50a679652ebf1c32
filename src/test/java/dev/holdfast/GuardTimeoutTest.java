package dev.holdfast;

import static dev.holdfast.GuardFixture.LONG;
import static dev.holdfast.GuardFixture.SHORT;
import static dev.holdfast.GuardFixture.assertEmpty;
import static dev.holdfast.GuardFixture.assertPlaces;
import static dev.holdfast.GuardFixture.hold;
import static dev.holdfast.GuardFixture.untilWaiting;
import static dev.holdfast.testing.LawFixtures.endingOn;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.GuardFixture.Holder;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LawFixtures;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Poll;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import org.junit.jupiter.api.Test;

/** The timeout of a {@link Guard}, and the deadline of its caller. */
@LeavesNothing
class GuardTimeoutTest {

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
              () -> Scopes.timeout(LONG).call(around -> each.call(scope -> Blocked.forever())));
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
                    Guard.named("door").noTimeout().timeout(SHORT).run(scope -> Blocked.forever()))
            .timeout());
  }

  @Test
  void a_timeout_ends_the_call_and_releases_the_place() throws Exception {
    Guard guard = Guard.named("door").maxConcurrent(1).timeout(SHORT);
    var thrown =
        assertThrows(ScopeTimeoutException.class, () -> guard.call(scope -> Blocked.forever()));
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
}
