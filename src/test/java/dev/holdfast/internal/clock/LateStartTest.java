package dev.holdfast.internal.clock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@LeavesNothing
@Timeout(60)
class LateStartTest {

  private static final ThreadFactory PLATFORM = Thread.ofPlatform().daemon().factory();
  private static final long HOUR_NANOS = 3_600_000_000_000L;

  private final AtomicInteger attempts = new AtomicInteger();

  @AfterEach
  void end() {
    LateStart.ended();
  }

  private void parkUntilTriedThreeTimes(Runnable park) {
    LateStart.failed(attempts::incrementAndGet);
    OnThread.run(
            PLATFORM,
            () -> {
              while (attempts.get() < 3) {
                park.run();
              }
            })
        .end();
  }

  @Test
  void a_platform_thread_that_parks_repeats_the_start() {
    parkUntilTriedThreeTimes(() -> Clock.park(this));
  }

  @Test
  void a_platform_thread_that_parks_for_a_long_time_repeats_it_too() {
    parkUntilTriedThreeTimes(() -> Clock.parkNanos(this, HOUR_NANOS));
  }

  @Test
  void a_virtual_thread_that_parks_tries_it_and_waits_to_be_woken() {
    LateStart.failed(attempts::incrementAndGet);
    LockSupport.parkNanos(20_000_000); // until it is time for another attempt
    var woken = new AtomicBoolean();
    OnThread<Void> parked =
        OnThread.run(() -> {
          while (!woken.get()) {
            Clock.park(this);
          }
        });
    parked.blocked();
    assertEquals(Thread.State.WAITING, parked.thread().getState());
    assertEquals(1, attempts.get());
    woken.set(true);
    LockSupport.unpark(parked.thread());
    parked.end();
  }

  @Test
  void it_is_not_tried_again_at_once() {
    long before = System.nanoTime();
    LateStart.failed(attempts::incrementAndGet);
    LateStart.attempt();
    LateStart.attempt();
    assertTrue(attempts.get() == 0 || System.nanoTime() - before > 5_000_000);
  }

  @Test
  void it_is_not_tried_again_after_it_has_ended() {
    LateStart.failed(attempts::incrementAndGet);
    LateStart.ended();
    LockSupport.parkNanos(20_000_000);
    LateStart.attempt();
    assertEquals(0, attempts.get());
  }
}
