package dev.holdfast.internal.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.YieldingThreads;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class WaiterTest {

  @EachThreadKind
  void a_parked_thread_returns_when_its_operation_is_done(ThreadFactory threads) {
    var waiter = new AtomicReference<Waiter>();
    OnThread<Boolean> parked =
        OnThread.start(
                threads,
                () -> {
                  waiter.set(new Waiter(Thread.currentThread(), null));
                  return waiter.get().park(false, 0);
                })
            .blocked();
    waiter.get().complete("element");
    assertTrue(parked.value());
    assertEquals("element", waiter.get().item());
  }

  @Test
  void a_done_operation_does_not_park() {
    var waiter = new Waiter(Thread.currentThread(), null);
    waiter.complete(null);
    assertTrue(waiter.park(false, 0));
    waiter.spin(1);
    waiter.awaitDone();
  }

  @Test
  void a_thread_that_waits_for_a_completion_continues_while_threads_on_every_carrier_yield() {
    var waiter = new Waiter(null, null);
    YieldingThreads.assertContinues(waiter::awaitDone, () -> waiter.complete("element"));
  }

  @EachThreadKind
  void a_park_with_a_timeout_ends(ThreadFactory threads) {
    OnThread<Duration> parked =
        OnThread.start(
            threads,
            () -> {
              var waiter = new Waiter(Thread.currentThread(), null);
              long begun = System.nanoTime();
              assertFalse(waiter.park(true, begun + 20_000_000));
              assertTrue(waiter.isTimed());
              return Duration.ofNanos(System.nanoTime() - begun);
            });
    assertTrue(parked.value().toMillis() >= 20);
  }

  @EachThreadKind
  void an_interrupt_ends_the_park_and_stays_in_the_flag(ThreadFactory threads) {
    OnThread<Boolean> parked =
        OnThread.start(
                threads,
                () ->
                    new Waiter(Thread.currentThread(), null).park(false, 0)
                        || !Thread.currentThread().isInterrupted())
            .blocked();
    parked.thread().interrupt();
    assertFalse(parked.value());
  }
}
