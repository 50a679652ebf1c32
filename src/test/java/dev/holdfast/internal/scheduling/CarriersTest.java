package dev.holdfast.internal.scheduling;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.Poll;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@LeavesNothing
@Tag("one-carrier")
class CarriersTest {

  @Test
  void a_thread_that_runs_holds_a_carrier_and_is_not_pinned() throws Exception {
    var runs = new CountDownLatch(1);
    var ended = new AtomicBoolean();
    Thread thread =
        Thread.startVirtualThread(() -> {
          runs.countDown();
          while (!ended.get()) {
            Thread.onSpinWait();
          }
        });
    runs.await();
    assertTrue(Carriers.holds(thread), thread::toString);
    assertFalse(Carriers.isPinned(thread), thread::toString);
    ended.set(true);
    thread.join();
  }

  @Test
  void a_thread_that_waits_holds_no_carrier() throws Exception {
    var end = new CountDownLatch(1);
    Thread thread = Thread.startVirtualThread(() -> await(end));
    Poll.until(() -> thread.getState() == Thread.State.WAITING && !Carriers.holds(thread));
    assertFalse(Carriers.isPinned(thread), thread::toString);
    end.countDown();
    thread.join();
  }

  @Test
  void a_thread_that_waits_under_a_native_frame_is_pinned() throws Exception {
    var end = new CountDownLatch(1);
    Thread thread = Thread.startVirtualThread(() -> Blocked.pinned(() -> await(end)));
    Poll.until(() -> Carriers.isPinned(thread));
    assertTrue(Carriers.holds(thread), thread::toString);
    end.countDown();
    thread.join();
  }

  @Test
  void a_platform_thread_holds_no_carrier() {
    assertFalse(Carriers.holds(Thread.currentThread()));
    assertFalse(Carriers.isPinned(Thread.currentThread()));
  }

  private static void await(CountDownLatch end) {
    try {
      end.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
