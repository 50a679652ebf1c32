package dev.holdfast.internal.cancel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.timer.TimerThread;
import dev.holdfast.testing.LeavesNothing;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The races of a closing; {@link dev.holdfast.ClosingTest} has it in scopes. */
@Timeout(60)
@LeavesNothing
class ClosingScopeTest {

  private static final long HOUR_NANOS = TimeUnit.HOURS.toNanos(1);

  private final CountDownLatch noticing = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);

  /** A scope that closes resources; a cancellation of it has to wait for the end of the closing. */
  private final class Owner extends CancelScopeStub {

    Owner() {
      super(ThreadScope.enter());
    }

    @Override
    public long graceNanos() {
      noticing.countDown();
      await(ended);
      return HOUR_NANOS;
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(30, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void a_cancellation_that_comes_while_the_closing_ends_leaves_no_alarm() throws Exception {
    var owner = new Owner();
    owner.threadScope().push(owner);
    var closing = new ClosingScope(owner, () -> "a resource");
    var canceller = new Thread(() -> closing.notice(Cancellation.explicit("The test", "enough")));
    closing.run(() -> {
      canceller.start();
      await(noticing);
    });
    ended.countDown();
    canceller.join();
    owner.threadScope().pop(owner, null);
    assertEquals(0, TimerThread.alarms());
  }
}
