package dev.holdfast.internal.cancel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.timer.TimerThread;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Poll;
import dev.holdfast.testing.Warnings;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The interrupter alone; {@link dev.holdfast.Law02StickyCancellationTest} and {@link
 * dev.holdfast.Law11StuckTaskIsNamedTest} have it in scopes.
 *
 * <p>Tests {@code BackgroundAction} and {@code RepeatingAlarm} as well.
 */
@LeavesNothing
class InterrupterTest {

  @RegisterExtension final Warnings warnings = new Warnings();

  /** A region of a thread. */
  private static final class Region extends CancelScopeStub {

    private final AtomicInteger cancelled = new AtomicInteger();
    private volatile Runnable onCancelled = () -> {};
    private volatile boolean ended;
    private volatile boolean stop;

    Region(ThreadScope threadScope) {
      super(threadScope);
    }

    @Override
    public void onCancelled() {
      cancelled.incrementAndGet();
      onCancelled.run();
    }

    void end() {
      ended = true;
      stopInterrupting();
    }

    @Override
    public boolean hasEnded() {
      return ended;
    }

    @Override
    public String running() {
      return ended ? "" : "the region, it is";
    }
  }

  private volatile Region region;

  @AfterEach
  void end() {
    region.end();
  }

  private Region region() {
    region = new Region(new ThreadScope(null));
    return region;
  }

  private static void cancel(Region region) {
    region.cancel("enough");
  }

  @Test
  void a_cancellation_is_under_way_until_its_scope_has_ended() {
    region();
    assertFalse(Interrupter.any());
    cancel(region);
    assertTrue(Interrupter.any());
    region.end();
    region.end();
    assertFalse(Interrupter.any());
    assertEquals(0, TimerThread.alarms());
  }

  @Test
  void a_scope_that_is_decided_already_begins_none() {
    region();
    cancel(region);
    cancel(region);
    region.end();
    assertFalse(Interrupter.any());
    region();
    region.decide(Cancellation.COMPLETED);
    cancel(region);
    assertFalse(Interrupter.any());
  }

  @Test
  void a_scope_that_ends_while_it_is_cancelled_leaves_no_alarm() {
    region();
    region.onCancelled = region::end; // before the interrupter starts
    cancel(region);
    assertFalse(Interrupter.any());
    assertEquals(0, TimerThread.alarms());
  }

  @EachThreadKind
  void it_interrupts_again_until_the_scope_has_ended(ThreadFactory threads) {
    var running = OnThread.run(threads, () -> swallow(new CountDownLatch(4)));
    Poll.until(() -> region != null);
    cancel(region);
    running.leavesNoFlag().value();
    assertFalse(Interrupter.any());
  }

  @Test
  void an_error_on_the_way_does_not_stop_it() {
    region();
    region.onCancelled =
        () -> {
          if (region.cancelled.get() < 4) {
            throw new OutOfMemoryError("made up");
          }
        };
    try {
      cancel(region);
    } catch (OutOfMemoryError e) {
      assertEquals("made up", e.getMessage());
    }
    Poll.until(() -> region.cancelled.get() >= 6);
    region.end();
    assertFalse(Interrupter.any());
  }

  @Test
  void it_waits_longer_after_a_pass_over_very_many_tasks() {
    region();
    var passes = new LinkedBlockingQueue<Long>();
    region.onCancelled =
        () -> {
          passes.add(System.nanoTime());
          if (region.cancelled.get() == 1) {
            long until = System.nanoTime() + 200_000_000; // as many tasks take to be interrupted
            while (System.nanoTime() - until < 0) { // a park ends early after a late unpark
              LockSupport.parkNanos(until - System.nanoTime());
            }
          }
        };
    cancel(region);
    Poll.until(() -> passes.size() >= 2);
    region.end();
    long between = -passes.remove() + passes.remove();
    assertTrue(between >= 900_000_000, "a quarter of the time at most: " + between);
  }

  @EachThreadKind
  void it_reports_what_runs_a_second_after_the_cancellation(ThreadFactory threads) {
    var running = OnThread.run(threads, () -> swallow(new CountDownLatch(Integer.MAX_VALUE)));
    Poll.until(() -> region != null);
    cancel(region);
    String warning = warnings.only().getMessage();
    region.stop = true;
    running.value();
    assertTrue(
        warning.matches("(?s)The scope was cancelled \\d{4,} ms ago.*the region, it is.*"),
        warning);
  }

  /** Runs in a region of the current thread, and swallows that many interrupts. */
  private void swallow(CountDownLatch interrupts) {
    ThreadScope thread = ThreadScope.enter();
    var opened = new Region(thread);
    thread.push(opened);
    region = opened;
    while (interrupts.getCount() > 0 && !opened.stop) {
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException swallowed) {
        interrupts.countDown();
      }
    }
    opened.end();
    thread.pop(opened, null);
  }
}
