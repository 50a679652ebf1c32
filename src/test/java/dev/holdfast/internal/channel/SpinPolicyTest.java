package dev.holdfast.internal.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.clock.SchedulerSettings;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SpinPolicyTest {

  private final SpinPolicy policy = new SpinPolicy();

  @BeforeAll
  static void needsTwoCarriers() {
    Assumptions.assumeTrue(SchedulerSettings.carriers() > 1);
  }

  private int waitsUntilTrial() {
    int waits = 1;
    while (policy.spinNanos() == 0) {
      waits++;
    }
    return waits;
  }

  @Test
  void one_wait_in_64_spins_at_first() {
    assertEquals(64, waitsUntilTrial());
  }

  @Test
  void failed_trials_become_rarer_down_to_one_wait_in_4096() {
    waitsUntilTrial();
    for (int expected : new int[] {128, 256, 512, 1024, 2048, 4096, 4096}) {
      policy.record(false);
      waitsUntilTrial(); // the interval before the failure still runs
      policy.record(false);
      assertTrue(waitsUntilTrial() >= expected);
    }
  }

  @Test
  void after_a_success_every_wait_spins() {
    policy.record(true);
    int nanos = policy.spinNanos();
    assertTrue(nanos > 0);
    assertEquals(nanos, policy.spinNanos());
  }

  @Test
  void failures_halve_the_time_until_no_wait_spins() {
    policy.record(true);
    int before = policy.spinNanos();
    int halvings = 0;
    for (int nanos = before; nanos > 0; nanos = policy.spinNanos(), halvings++) {
      assertEquals(before >> halvings, nanos);
      policy.record(false);
    }
    assertEquals(4, halvings);
  }
}
