package dev.holdfast.internal.cancel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.holdfast.inspect.WaitInfo;
import dev.holdfast.internal.util.BargingLock;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;

@LeavesNothing
class BlockerTest {

  /** Parks a thread with a blocker, and returns what a report says of it. */
  private static WaitInfo parkedOn(Object blocker) {
    var go = new CountDownLatch(1);
    OnThread<Void> call =
        OnThread.run(() -> {
          while (go.getCount() > 0) {
            LockSupport.park(blocker);
          }
        });
    try {
      call.blocked();
      return Blocker.of(ThreadScope.enter(), call.thread());
    } finally {
      go.countDown();
      LockSupport.unpark(call.thread());
      call.end();
    }
  }

  @Test
  void a_lock_is_named_by_the_class_that_a_user_knows() throws Exception {
    var lock = new ReentrantLock();
    OnThread<Void> call;
    WaitInfo waits;
    lock.lock();
    try {
      call = OnThread.run(lock::lock);
      waits = Blocker.of(ThreadScope.enter(), call.blocked().thread());
    } finally {
      lock.unlock();
    }
    call.end();
    assertEquals("waits for a ReentrantLock", waits.toString());
  }

  @Test
  void a_class_of_the_user_is_named() {
    assertEquals("waits for a BlockerTest", parkedOn(this).toString());
  }

  @Test
  void a_blocker_that_is_text_is_shown() {
    assertEquals("the printer", parkedOn("the printer").on());
  }

  @Test
  void a_class_of_the_library_is_not_named() {
    assertNull(parkedOn(new BargingLock()));
  }

  @Test
  void a_thread_that_does_not_wait_has_none() {
    assertNull(Blocker.of(ThreadScope.enter(), Thread.currentThread()));
    assertNull(Blocker.of(ThreadScope.enter(), null));
  }
}
