package dev.holdfast.internal.scheduling;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.holdfast.internal.scheduling.PauseLimit.Step;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PauseLimitTest {

  private static final long MILLI = 1_000_000;
  private static final int PENDING = 16;

  private final PauseLimit limit = new PauseLimit();
  private long now = Long.MAX_VALUE - 10; // nanoTime may overflow

  @BeforeEach
  void begin() {
    limit.begin(now, PENDING);
  }

  private Step next(boolean empty, int pending) {
    now += MILLI;
    return limit.next(now, empty, pending);
  }

  /** {@return after how many milliseconds the paused threads are released} */
  private int millisUntilRescue() {
    assertEquals(Step.WAIT, next(true, PENDING));
    int millis = 1;
    while (next(false, PENDING) == Step.WAIT) {
      millis++;
    }
    return millis;
  }

  @Test
  void a_pause_without_progress_ends_after_20_milliseconds() {
    assertEquals(20, millisUntilRescue());
    assertEquals(Step.RESCUE, next(false, PENDING));
    assertEquals(Step.WAIT, next(true, PENDING));
  }

  @Test
  void a_pause_with_progress_ends_after_40_milliseconds() {
    next(true, PENDING);
    for (int i = 1; i < 40; i++) {
      assertEquals(Step.WAIT, next(false, i));
    }
    assertEquals(Step.RESCUE, next(false, 0));
  }

  @Test
  void no_pause_is_long_while_threads_come_and_go() {
    for (int i = 0; i < 1000; i++) {
      assertEquals(Step.WAIT, next(i % 20 == 0, PENDING));
    }
  }

  @Test
  void the_time_without_pauses_is_short_and_doubles_with_each_rescue() {
    for (long expected : new long[] {10, 20, 40, 40}) {
      millisUntilRescue();
      assertEquals(expected * MILLI, limit.yieldOnly());
      next(false, PENDING);
      assertEquals(expected * MILLI, limit.yieldOnly(), "one rescue takes several attempts");
    }
  }

  @Test
  void only_a_probe_that_runs_without_a_rescue_makes_it_short_again() {
    millisUntilRescue();
    limit.end();
    limit.begin(now, PENDING);
    millisUntilRescue();
    assertEquals(20 * MILLI, limit.yieldOnly());
    limit.end();
    limit.begin(now, PENDING);
    next(true, PENDING);
    limit.end();
    limit.begin(now, PENDING);
    millisUntilRescue();
    assertEquals(10 * MILLI, limit.yieldOnly());
  }

  @Test
  void a_pause_that_no_rescue_ends_is_ended_after_a_second() {
    millisUntilRescue();
    int rescues = 1;
    Step step;
    while ((step = next(false, PENDING)) == Step.RESCUE) {
      rescues++;
    }
    assertEquals(Step.RELEASE, step);
    assertEquals(1000 - 20 + 1, rescues, 1);
    assertEquals(2000 * MILLI, limit.yieldOnly());
  }

  @Test
  void a_late_probe_begins_without_a_pause() {
    now += 5_000 * MILLI;
    limit.begin(now, PENDING);
    assertEquals(Step.WAIT, next(false, PENDING));
  }
}
