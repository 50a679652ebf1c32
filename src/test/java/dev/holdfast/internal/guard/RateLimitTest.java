package dev.holdfast.internal.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Guard;
import dev.holdfast.GuardFullException;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Pace;
import dev.holdfast.testing.Poll;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import org.junit.jupiter.api.Test;

@LeavesNothing
class RateLimitTest {

  private static final long SECOND = 1_000_000_000L;
  private static final Duration LONG = Duration.ofSeconds(20);

  @Test
  void no_more_calls_begin_in_any_second() {
    var rate = new RateLimit(2);
    long now = Long.MAX_VALUE - SECOND; // the time of the machine may overflow
    assertEquals(now, rate.take(now, 0).at());
    assertEquals(now + 10, rate.take(now + 10, 0).at());
    assertNull(rate.take(now + 20, 0));
    assertNull(rate.take(now + SECOND - 1, 0));
    assertEquals(now + SECOND, rate.take(now + SECOND, 0).at());
    assertNull(rate.take(now + SECOND + 9, 0));
    assertEquals(now + SECOND + 10, rate.take(now + SECOND + 10, 0).at());
  }

  @Test
  void calls_that_wait_get_turns_in_order() {
    var rate = new RateLimit(1);
    assertEquals(0, rate.take(0, 0).at());
    assertEquals(SECOND, rate.take(1, SECOND).at());
    assertEquals(2 * SECOND, rate.take(2, 2 * SECOND).at());
    assertNull(rate.take(3, 2 * SECOND));
  }

  @Test
  void a_turn_that_is_given_back_first_of_all_leaves_the_ring_unused() {
    var rate = new RateLimit(2);
    RateLimit.Turn first = rate.take(5, 0);
    assertNotNull(first);
    rate.giveBack(first);
    assertEquals(5, rate.take(5, 0).at());
    assertEquals(5, rate.take(5, 0).at());
    assertNull(rate.take(5, 0));
  }

  @Test
  void a_turn_that_is_given_back_is_free_unless_a_later_one_was_taken() {
    var rate = new RateLimit(1);
    rate.take(0, 0);
    RateLimit.Turn second = rate.take(1, SECOND);
    RateLimit.Turn third = rate.take(2, 2 * SECOND);
    assertNotNull(second);
    assertNotNull(third);
    rate.giveBack(second); // lost
    assertNull(rate.take(3, 2 * SECOND));
    rate.giveBack(third);
    assertEquals(2 * SECOND, rate.take(3, 2 * SECOND).at());
  }

  @Test
  void a_guard_refuses_calls_beyond_its_rate() throws Exception {
    Guard guard = Guard.named("rated").perSecond(2);
    Pace.repeat(() -> {
      Guard fresh = guard.perSecond(2);
      long begun = System.nanoTime();
      fresh.run(scope -> {});
      fresh.run(scope -> {});
      GuardFullException full = null;
      try {
        fresh.run(scope -> {});
      } catch (GuardFullException e) {
        full = e;
      }
      if (System.nanoTime() - begun >= SECOND) {
        return false;
      }
      assertNotNull(full);
      assertTrue(full.getMessage().contains("2 may begin per second"), full.getMessage());
      assertEquals(0, fresh.inside());
      assertEquals(1, fresh.refused());
      return true;
    });
    assertTrue(guard.toString().contains("at most 2 per second"), guard.toString());
    assertThrows(IllegalArgumentException.class, () -> guard.perSecond(0));
    assertThrows(IllegalArgumentException.class, () -> guard.perSecond(100_001));
  }

  @Test
  void a_guard_that_waits_lets_the_next_call_begin_a_second_later() throws Exception {
    Guard guard = Guard.named("patient").perSecond(1).waitingUpTo(LONG);
    long begun = System.nanoTime();
    guard.run(scope -> {});
    guard.run(scope -> {});
    assertTrue(System.nanoTime() - begun >= SECOND);
    assertEquals(0, guard.inside());
  }

  @EachThreadKind
  void an_interrupt_ends_the_wait_and_leaves_the_place(ThreadFactory threads) throws Exception {
    Pace.repeat(() -> {
      Guard guard = Guard.named("interrupted").perSecond(1).queueingOne();
      long begun = System.nanoTime();
      guard.run(scope -> {});
      var waiting = OnThread.run(threads, () -> guard.run(scope -> {}));
      Poll.until(() ->
          switch (waiting.thread().getState()) {
            case TIMED_WAITING, WAITING, TERMINATED -> true;
            default -> false;
          });
      waiting.interrupt();
      boolean inTime = System.nanoTime() - begun < SECOND; // then its turn has not come
      if (inTime) {
        assertInstanceOf(InterruptedException.class, waiting.thrown());
        waiting.leavesNoFlag();
      }
      waiting.end();
      assertEquals(0, guard.inside());
      return inTime;
    });
  }
}
