package dev.holdfast.http.debug;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.testing.LeavesNothing;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

@LeavesNothing
class CachedTest {

  private final AtomicLong now = new AtomicLong();
  private final AtomicInteger made = new AtomicInteger();
  private final CountDownLatch making = new CountDownLatch(1);
  private final CountDownLatch finish = new CountDownLatch(1);

  /** {@return a cache whose thread waits while it makes the value with that number} */
  private Cached<Integer> waiting(int at) {
    return new Cached<>(
        1_000,
        now::get,
        () -> {
          int number = made.incrementAndGet();
          if (number == at) {
            making.countDown();
            await(finish);
          }
          return number;
        },
        value -> 0);
  }

  @Test
  void a_value_stays_for_its_least_age() {
    var cached = new Cached<>(1_000, now::get, made::incrementAndGet, value -> 0);
    assertEquals(1, cached.get());
    now.set(999);
    assertEquals(1, cached.get());
    now.set(1_000);
    assertEquals(2, cached.get());
  }

  @Test
  void a_value_that_took_long_stays_longer_but_not_forever() {
    var cost = new AtomicLong(100);
    var cached =
        new Cached<>(
            1_000,
            now::get,
            () -> {
              now.addAndGet(cost.get());
              return made.incrementAndGet();
            },
            value -> 0);
    assertEquals(1, cached.get());
    now.set(100 + 100 * Cached.REST - 1);
    assertEquals(1, cached.get());
    now.incrementAndGet();
    cost.set(Cached.MAX_AGE_NANOS);
    assertEquals(2, cached.get());
    now.addAndGet(Cached.MAX_AGE_NANOS - 1);
    assertEquals(2, cached.get());
    now.incrementAndGet();
    assertEquals(3, cached.get());
  }

  @Test
  void time_spent_on_a_value_later_counts_too() {
    var later = new AtomicLong();
    var cached = new Cached<>(1_000, now::get, made::incrementAndGet, value -> later.get());
    assertEquals(1, cached.get());
    later.set(100);
    now.set(100 * Cached.REST - 1);
    assertEquals(1, cached.get());
    now.incrementAndGet();
    assertEquals(2, cached.get());
  }

  @Test
  void one_thread_makes_the_value_while_the_others_get_the_last_one() throws Exception {
    var cached = waiting(2);
    assertEquals(1, cached.get());
    now.set(1_000);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var second = threads.submit(cached::get);
      making.await();
      assertEquals(1, cached.get());
      finish.countDown();
      assertEquals(2, second.get());
    }
    assertEquals(2, made.get());
  }

  @Test
  void an_interrupted_thread_does_not_wait_for_the_first_value() throws Exception {
    var cached = waiting(1);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var first = threads.submit(cached::get);
      making.await();
      Thread.currentThread().interrupt();
      assertNull(cached.get());
      assertTrue(Thread.interrupted(), "the interrupt stays set");
      finish.countDown();
      assertEquals(1, first.get());
    }
  }

  @Test
  void a_failure_is_not_kept() {
    var cached =
        new Cached<>(
            1_000,
            now::get,
            () -> {
              if (made.incrementAndGet() == 1) {
                throw new IllegalStateException("once");
              }
              return made.get();
            },
            value -> 0);
    assertThrows(IllegalStateException.class, cached::get);
    assertEquals(2, cached.get());
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
