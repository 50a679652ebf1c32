package dev.holdfast.internal.scheduling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.LawFixtures;
import dev.holdfast.testing.LeavesNothing;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

@LeavesNothing
class NextQueueTest {

  private static final List<Integer> ALL = IntStream.range(0, 100).boxed().toList();

  /** {@return the order in which one worker of a pool runs tasks that wait for it} */
  private static List<Integer> order(Runnable beforeEach) throws InterruptedException {
    int workers = 4;
    var pool =
        new ForkJoinPool(workers, ForkJoinPool.defaultForkJoinWorkerThreadFactory, null, true);
    var order = new ArrayList<Integer>();
    var busy = new CountDownLatch(workers);
    var one = new CountDownLatch(1);
    var ran = new CountDownLatch(ALL.size());
    try {
      for (int i = 0; i < workers; i++) {
        CountDownLatch release = i == 0 ? one : ran;
        pool.execute(() -> {
          busy.countDown();
          Blocked.stubbornly(release);
        });
      }
      LawFixtures.await(busy);
      for (int task : ALL) {
        beforeEach.run();
        pool.execute(() -> {
          order.add(task);
          ran.countDown();
        });
      }
      one.countDown();
      LawFixtures.await(ran);
      return List.copyOf(order);
    } finally {
      one.countDown();
      ALL.forEach(task -> ran.countDown());
      pool.shutdown();
      pool.awaitTermination(20, TimeUnit.SECONDS);
    }
  }

  @Test
  void a_thread_submits_to_one_queue_of_a_pool() throws Exception {
    assertEquals(ALL, order(() -> {}));
  }

  @Test
  void a_thread_that_advances_submits_to_several() throws Exception {
    List<Integer> order = order(new NextQueue()::advance);
    assertNotEquals(ALL, order);
    assertEquals(ALL, order.stream().sorted().toList());
  }
}
