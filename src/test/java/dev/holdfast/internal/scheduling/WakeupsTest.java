package dev.holdfast.internal.scheduling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Inspect;
import dev.holdfast.Scopes;
import dev.holdfast.channel.Channel;
import dev.holdfast.inspect.CarrierStats;
import dev.holdfast.internal.util.DaemonThreads;
import dev.holdfast.testing.HeldCarriers;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Poll;
import dev.holdfast.testing.Warnings;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Tag("one-carrier")
@LeavesNothing
@Timeout(60)
class WakeupsTest {

  @RegisterExtension final Warnings warnings = Warnings.withStarvation();

  @Test
  @SuppressWarnings("try") // held for its lifetime
  void a_probe_that_waits_for_a_carrier_is_counted_with_its_time() {
    CarrierStats before = Inspect.carriers();
    try (var held = new HeldCarriers()) {
      WakeupThread.look();
      Poll.until(() -> Inspect.carriers().waitingNanos() > 10_000_000);
      Poll.until(() -> Inspect.carriers().lateProbes() > before.lateProbes());
    }
    Poll.until(() -> Inspect.carriers().waitingNanos() == 0);
    CarrierStats after = Inspect.carriers();
    assertTrue(after.probes() > before.probes());
    assertTrue(after.waitedNanos() - before.waitedNanos() > 10_000_000);
  }

  @Test
  @SuppressWarnings("try") // held for its lifetime
  void a_late_probe_enters_all_queues_and_another_follows_even_if_no_thread_parks() {
    Poll.until(() -> Wakeups.tick == 0); // what threads of another test have parked
    long before = Inspect.carriers().probes();
    try (var held = new HeldCarriers()) {
      WakeupThread.look();
      Poll.until(() -> Wakeups.starving);
      Poll.until(() -> WakeupThread.pending() >= Probe.ALL);
    }
    Poll.until(() -> Inspect.carriers().probes() >= before + 2);
  }

  @Test
  void a_request_while_a_probe_is_late_does_not_bring_the_next_one_forward() {
    long pause = 0;
    while (pause == 0) {
      pause = pauseAfterLateProbe();
    }
    assertTrue(pause >= WakeupThread.AFTER_LATE_NANOS, pause + " ns");
  }

  /** {@return how long after a late probe the next one started, or 0 if that was not seen} */
  @SuppressWarnings("try") // held for its lifetime
  private static long pauseAfterLateProbe() {
    var pause = new AtomicLong();
    OnThread<Void> observer;
    try (var held = new HeldCarriers()) {
      WakeupThread.look();
      Poll.until(() -> Wakeups.starving);
      long late = Wakeups.probeStarted;
      observer = OnThread.run(Thread.ofPlatform().factory(), () -> pause.set(nextProbe(late)));
      WakeupThread.look();
    }
    observer.end();
    return pause.get();
  }

  private static long nextProbe(long late) {
    long end = System.nanoTime() + 1_000_000_000;
    while (System.nanoTime() - end < 0) {
      long started = Wakeups.probeStarted;
      if (started != 0 && started != late) {
        long ended = Wakeups.tick; // or when the next one has ended
        return ended == 0 ? 0 : Math.max(0, started - ended);
      }
    }
    return 0;
  }

  @Test
  void a_virtual_thread_that_parks_again_and_again_requests_probes() throws Exception {
    long before = Inspect.carriers().probes();
    OnThread.run(
            () -> {
              while (Inspect.carriers().probes() == before) {
                Scopes.run(scope -> scope.fork(() -> {}).join());
              }
            })
        .end();
    assertTrue(Inspect.carriers().probes() > before);
  }

  @Test
  void the_time_is_published_only_while_threads_park() throws Exception {
    long before = System.nanoTime();
    var published = new AtomicLong();
    OnThread.run(() ->
            Scopes.run(scope -> {
              Channel<Integer> channel = scope.channel(0);
              scope.fork(() -> {
                // An earlier test may have left a time from before this one began.
                while (published.get() == 0 || published.get() - before <= 0 || !Wakeups.parked) {
                  channel.send(1);
                  published.set(Wakeups.tick);
                }
                channel.close();
              });
              channel.forEach(element -> {});
            }))
        .end();
    assertTrue(published.get() - System.nanoTime() <= 0);
    Poll.until(() -> Wakeups.tick == 0);
  }

  /** No thread can be started for the first attempts to log it. */
  @Test
  void the_log_says_once_which_threads_hold_the_carriers_of_a_starving_jvm() {
    WakeupThread.forgetWarning();
    var refusals = new AtomicInteger();
    DaemonThreads.starter =
        thread -> {
          if (thread.getName().equals("holdfast-warning") && refusals.incrementAndGet() <= 3) {
            throw new OutOfMemoryError("made up");
          }
          thread.start();
        };
    var released = new AtomicBoolean();
    OnThread<Void> owner =
        OnThread.run(
            Thread.ofPlatform().factory(),
            () ->
                Scopes.run(scope -> {
                  for (int i = 0; i < HeldCarriers.all(); i++) {
                    scope.fork(
                        "spins",
                        () -> {
                          while (!released.get()) {
                            WakeupThread.look();
                            Thread.onSpinWait();
                          }
                        });
                  }
                }));
    try {
      String message = warnings.only().getMessage();
      assertTrue(message.startsWith("A virtual thread that can run has waited "), message);
      assertTrue(message.contains("\n  'spins' holds a carrier; its task began "), message);
      assertTrue(message.contains("WakeupsTest"), message);
    } finally {
      released.set(true);
      DaemonThreads.starter = Thread::start;
    }
    owner.end();
    assertEquals(1, warnings.count());
    assertEquals(4, refusals.get());
  }
}
