package dev.holdfast.internal.scheduling;

import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.holdfast.testing.HeldCarriers;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.Poll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code StackOverflowTest} parks on stacks that are too deep. */
@Tag("one-carrier")
@LeavesNothing
@Timeout(60)
class DeepParkingTest {

  private static final long LIMIT_NANOS = 50_000_000;

  private final long before = DeepParking.starvedNanos;
  private final StackOverflowError overflow = new StackOverflowError();

  @AfterEach
  void restore() {
    DeepParking.starvedNanos = before;
  }

  @Test
  @SuppressWarnings("try") // held for its lifetime
  void a_thread_that_cannot_park_gives_up_when_the_carriers_run_nothing_else() {
    try (var held = new HeldCarriers()) {
      WakeupThread.look();
      Poll.until(() -> Wakeups.waitingNanos() > LIMIT_NANOS);
      DeepParking.blockCarrier(overflow); // the limit is long
      DeepParking.starvedNanos = LIMIT_NANOS;
      var thrown = assertThrows(StackOverflowError.class, () -> DeepParking.blockCarrier(overflow));
      assertSame(overflow, thrown);
    }
    Poll.until(() -> Wakeups.waitingNanos() == 0);
    DeepParking.starvedNanos = before;
    DeepParking.blockCarrier(overflow);
  }
}
