package dev.holdfast.internal.timer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.testing.LawFixtures;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.Poll;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

@LeavesNothing
class TimerQueueTest {

  @Test
  void many_actions_at_once_delay_no_deadline() throws Exception {
    int many = 10_000;
    var timers = new TimerQueue();
    var rang = new AtomicInteger();
    var go = new CountDownLatch(1);
    var between = new AtomicInteger(-1);
    long now = System.nanoTime();
    TimerThread.set(alarm(() -> LawFixtures.awaitUninterruptibly(go)), now); // until all are set
    for (int i = 0; i < many; i++) {
      timers.set(
          new TimerQueue.Timer() {
            @Override
            public long due() {
              return NEVER;
            }

            @Override
            public void ring() {
              rang.incrementAndGet();
            }

            @Override
            public void drop() {}
          },
          now + 1);
    }
    TimerThread.set(alarm(() -> between.set(rang.get())), now + 2);
    go.countDown();
    Poll.until(() -> rang.get() == many && between.get() >= 0);
    assertEquals(many, rang.get());
    assertTrue(between.get() >= 0 && between.get() < many, () -> "after " + between);
    timers.close();
  }

  private static Alarm alarm(Runnable rings) {
    return new Alarm() {
      @Override
      public void ring() {
        rings.run();
      }
    };
  }
}
