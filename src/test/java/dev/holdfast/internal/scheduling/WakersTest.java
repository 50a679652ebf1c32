package dev.holdfast.internal.scheduling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.HeldCarriers;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.Poll;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests {@code HeldThreads} as well. */
@LeavesNothing
@Tag("one-carrier")
@Timeout(60)
class WakersTest {

  private final HeldThreads held = new HeldThreads();
  private final Wakers wakers = new Wakers(held, new NextQueue());

  /** Starts virtual threads that wait, and holds them. */
  private List<Thread> hold(int count) {
    return hold(count, LockSupport::park);
  }

  private List<Thread> hold(int count, Runnable wait) {
    List<Thread> threads =
        IntStream.range(0, count).mapToObj(i -> Thread.startVirtualThread(wait)).toList();
    threads.forEach(Poll::untilBlocked);
    threads.forEach(held::add);
    return threads;
  }

  private static long ended(List<Thread> threads) {
    return threads.stream().filter(thread -> !thread.isAlive()).count();
  }

  @Test
  void threads_are_woken_in_the_order_in_which_they_were_held() {
    List<Thread> threads = hold(5);
    held.wake(3);
    Poll.until(() -> ended(threads.subList(0, 3)) == 3);
    threads.subList(3, 5).forEach(Poll::untilBlocked);
    held.wakeAll();
    assertTrue(held.isEmpty());
    Poll.until(() -> ended(threads) == 5);
  }

  @Test
  void a_waker_wakes_one_batch() {
    List<Thread> threads = hold(Wakers.BATCH + 1);
    wakers.start();
    Poll.until(() -> wakers.lastRun() == 1);
    Poll.until(() -> ended(threads) == Wakers.BATCH);
    Poll.untilBlocked(threads.get(Wakers.BATCH));
    wakers.start();
    Poll.until(() -> ended(threads) == threads.size());
    assertEquals(2, wakers.lastRun());
    assertEquals(0, wakers.waiting());
  }

  @Test
  @SuppressWarnings("try") // held for its lifetime
  void while_no_waker_runs_others_follow_up_to_a_limit() {
    try (var carriers = new HeldCarriers()) {
      wakers.start();
      assertEquals(1, wakers.waiting());
      Poll.until(() -> {
        wakers.start();
        return wakers.waiting() > 1;
      });
      assertEquals(1 + Wakers.SEARCH, wakers.waiting());
      Poll.until(() -> {
        wakers.start();
        return wakers.waiting() == Wakers.MOST;
      });
      LockSupport.parkNanos(Wakers.SEARCH_NANOS);
      wakers.start();
      assertEquals(Wakers.MOST, wakers.waiting());
    }
    Poll.until(() -> wakers.waiting() == 0);
  }

  @Test
  void pinned_threads_that_hold_every_carrier_are_woken() {
    List<Thread> threads = hold(HeldCarriers.all(), () -> Blocked.pinned(LockSupport::park));
    Poll.until(() -> {
      wakers.start();
      return ended(threads) == threads.size();
    });
    Poll.until(() -> wakers.waiting() == 0);
  }
}
