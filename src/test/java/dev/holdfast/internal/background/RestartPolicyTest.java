package dev.holdfast.internal.background;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.background.RestartPolicy.Mode;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The clock is an argument: nothing waits. */
class RestartPolicyTest {

  private static final long MILLI = 1_000_000;

  private static RestartPolicy policy(double jitter, int most) {
    return new RestartPolicy(
        Mode.ON_FAILURE,
        Duration.ofMillis(100),
        2,
        Duration.ofMillis(500),
        jitter,
        most,
        Duration.ofSeconds(10));
  }

  @Test
  void the_wait_doubles_up_to_its_ceiling() {
    var history = policy(0, 10).new History();
    assertEquals(100 * MILLI, history.next(0));
    assertEquals(200 * MILLI, history.next(1));
    assertEquals(400 * MILLI, history.next(2));
    assertEquals(500 * MILLI, history.next(3));
    assertEquals(500 * MILLI, history.next(4));
  }

  @Test
  void one_restart_too_many_in_the_window_is_refused() {
    var history = policy(0, 3).new History();
    for (int i = 0; i < 3; i++) {
      assertTrue(history.next(i) > 0);
    }
    assertEquals(-1, history.next(9_999 * MILLI));
  }

  @Test
  void restarts_before_the_window_do_not_count() {
    var history = policy(0, 3).new History();
    for (int i = 0; i < 100; i++) {
      assertEquals(100 * MILLI, history.next(10_000 * MILLI * i), "restart " + i);
    }
  }

  @Test
  void jitter_shortens_the_wait_by_its_share_at_most() {
    var policy = policy(0.2, 10);
    for (int i = 0; i < 1_000; i++) {
      long wait = policy.new History().next(0);
      assertTrue(wait >= 80 * MILLI && wait <= 100 * MILLI, () -> wait + " ns");
    }
  }

  @Test
  void the_mode_says_after_what_a_worker_restarts() {
    assertFalse(RestartPolicy.NEVER.afterFailure());
    assertFalse(RestartPolicy.NEVER.afterReturn());
    assertTrue(policy(0, 1).afterFailure());
    assertFalse(policy(0, 1).afterReturn());
    assertEquals("Restart[never]", RestartPolicy.NEVER.toString());
  }
}
