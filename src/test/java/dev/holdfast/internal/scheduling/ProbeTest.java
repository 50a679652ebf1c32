package dev.holdfast.internal.scheduling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.testing.HeldCarriers;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.Poll;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@LeavesNothing
@Tag("one-carrier")
@Timeout(60)
class ProbeTest {

  private final AtomicInteger ended = new AtomicInteger();
  private final Probe probe = new Probe(new NextQueue(), Thread.currentThread(), this::end);

  private void end() {
    assertFalse(probe.hasRun());
    ended.incrementAndGet();
  }

  /** Does what the probe's own threads would do if they reached a carrier. */
  private void run(int threads) {
    for (int i = 0; i < threads; i++) {
      probe.run();
    }
  }

  @Test
  @SuppressWarnings("try") // held for its lifetime
  void the_other_threads_follow_while_the_first_wait() {
    try (var held = new HeldCarriers()) {
      probe.start();
      assertEquals(Probe.FIRST, probe.pending());
      probe.startOthers();
      assertEquals(Probe.ALL, probe.pending());
      assertFalse(probe.hasRun());
    }
    Poll.until(() -> probe.pending() == 0);
    Poll.until(probe::hasRun);
    assertEquals(1, ended.get());
  }

  @Test
  @SuppressWarnings("try") // held for its lifetime
  void a_late_probe_ends_when_few_threads_are_left() {
    try (var held = new HeldCarriers()) {
      probe.start();
      probe.startOthers();
      run(Probe.ALL - Probe.MOST_LEFT - 1);
      assertFalse(probe.hasRun());
      run(1);
      assertTrue(probe.hasRun());
      run(1);
      assertEquals(1, ended.get());
    }
  }

  @Test
  @SuppressWarnings("try") // held for its lifetime
  void the_threads_that_are_left_count_in_the_next_probe() {
    try (var held = new HeldCarriers()) {
      probe.start();
      probe.startOthers();
      run(Probe.ALL - Probe.MOST_LEFT);
      probe.start();
      run(Probe.FIRST - 1);
      assertFalse(probe.hasRun());
      run(1);
      assertTrue(probe.hasRun());
      probe.start();
      probe.startOthers();
      run(Probe.ALL - 1);
      assertFalse(probe.hasRun());
      run(1);
      assertTrue(probe.hasRun());
      assertEquals(3, ended.get());
    }
  }

  @Test
  @SuppressWarnings("try") // held for its lifetime
  void the_other_threads_do_not_start_once_the_first_have_run() {
    probe.start();
    Poll.until(probe::hasRun);
    try (var held = new HeldCarriers()) {
      probe.startOthers();
      assertTrue(probe.hasRun());
      assertEquals(0, probe.pending());
    }
    assertEquals(1, ended.get());
  }

  @Test
  void a_thread_that_could_not_be_started_is_not_waited_for() {
    var left = new AtomicInteger(1);
    var queues =
        new NextQueue(task -> {
          if (left.getAndDecrement() == 0) {
            throw new OutOfMemoryError("made up");
          }
          return Thread.ofVirtual().unstarted(task);
        });
    var failing = new Probe(queues, Thread.currentThread(), ended::incrementAndGet);
    assertThrows(OutOfMemoryError.class, failing::start);
    Poll.until(() -> failing.pending() == 0);
    failing.start();
    Poll.until(failing::hasRun);
    Poll.until(() -> failing.pending() == 0);
  }
}
