package dev.holdfast.internal.scheduling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HoldLimitTest {

  private static final long MILLI = 1_000_000;

  private static final boolean HOLD = true;
  private static final boolean LET_RUN = false;

  private final HoldLimit limit = new HoldLimit();
  private long now = Long.MAX_VALUE - 10; // nanoTime may overflow
  private int pending = 16;
  private int helped;

  @BeforeEach
  void begin() {
    limit.begin(now);
    next(true);
  }

  private boolean next(boolean none) {
    now += MILLI;
    return limit.isHolding(now, none, pending, helped);
  }

  /** {@return for how many milliseconds the next steps are the same} */
  private int millis(boolean step, boolean helping) {
    int millis = 0;
    while (next(false) == step) {
      millis++;
      helped += helping ? 1 : 0;
    }
    now -= MILLI;
    return millis;
  }

  @Test
  void without_progress_threads_run_after_20_milliseconds_for_10() {
    helped++;
    assertEquals(20, millis(HOLD, true), 1);
    assertEquals(10, millis(LET_RUN, true), 1);
    assertEquals(20, millis(HOLD, true), 1);
  }

  @Test
  void they_run_longer_each_time_but_not_beyond_40_milliseconds() {
    for (int expected : new int[] {10, 20, 40, 40}) {
      millis(HOLD, true);
      assertEquals(expected, millis(LET_RUN, true), 1);
    }
  }

  @Test
  void only_a_probe_that_has_run_while_threads_were_held_makes_it_short_again() {
    millis(HOLD, true);
    limit.end();
    limit.begin(now);
    millis(HOLD, true);
    assertEquals(20, millis(LET_RUN, true), 1);
    limit.end();
    limit.begin(now);
    next(false);
    limit.end();
    limit.begin(now);
    millis(HOLD, true);
    assertEquals(10, millis(LET_RUN, true), 1);
  }

  @Test
  void while_the_probe_makes_progress_threads_are_held() {
    for (int i = 0; i < 500; i++) {
      pending = i / 10;
      helped++;
      assertTrue(next(false));
    }
  }

  @Test
  void while_there_are_none_nothing_changes() {
    for (int i = 0; i < 5000; i++) {
      assertTrue(next(true));
    }
  }

  @Test
  void while_carriers_have_no_processor_threads_are_held() {
    int most = (int) (HoldLimit.NO_HELP / MILLI);
    for (int i = 1; i < most; i++) {
      assertTrue(next(false));
    }
    assertFalse(next(false));
    assertEquals(2 * Math.max(most, 10), millis(LET_RUN, false), 1);
  }

  @Test
  void a_late_probe_begins_with_threads_held() {
    now += 5_000 * MILLI;
    limit.begin(now);
    assertTrue(next(false));
  }
}
