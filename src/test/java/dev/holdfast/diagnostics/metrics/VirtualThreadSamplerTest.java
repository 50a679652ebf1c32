package dev.holdfast.diagnostics.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.testing.Poll;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class VirtualThreadSamplerTest {

  private final AtomicLong clock = new AtomicLong();
  private final AtomicInteger counted = new AtomicInteger();

  private VirtualThreadSampler sampler(long seconds, int threads) {
    return new VirtualThreadSampler(
        () -> {
          clock.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
          return Map.of("waiting", threads, "runnable", counted.incrementAndGet());
        },
        clock::get);
  }

  private void counts(VirtualThreadSampler sampler, int times) {
    Poll.until(() -> sampler.count("runnable") == times);
    untilNoneCounts();
  }

  private static void untilNoneCounts() {
    Poll.until(() ->
        Thread.getAllStackTraces().keySet().stream()
            .noneMatch(thread -> thread.getName().equals("holdfast-census")));
  }

  private void isNotCounted(VirtualThreadSampler sampler) {
    int before = counted.get();
    assertEquals(before, sampler.count("runnable"));
    untilNoneCounts();
    assertEquals(before, counted.get());
  }

  private void pass(long seconds) {
    clock.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
  }

  @Test
  void the_first_count_is_not_awaited() throws Exception {
    var go = new CountDownLatch(1);
    var sampler =
        new VirtualThreadSampler(
            () -> {
              go.await();
              return Map.of("waiting", 7);
            },
            clock::get);
    assertTrue(Double.isNaN(sampler.count("waiting")));
    go.countDown();
    Poll.until(() -> sampler.count("waiting") == 7);
    assertTrue(Double.isNaN(sampler.count("blocked")));
  }

  @Test
  void a_count_is_used_for_a_minute() {
    VirtualThreadSampler sampler = sampler(0, 7);
    counts(sampler, 1);
    pass(59);
    isNotCounted(sampler);
    pass(1);
    counts(sampler, 2);
  }

  @Test
  void a_slow_count_is_used_for_longer() {
    VirtualThreadSampler sampler = sampler(10, 7);
    counts(sampler, 1);
    pass(10 * VirtualThreadSampler.SHARE - 1);
    isNotCounted(sampler);
    pass(1);
    counts(sampler, 2);
  }

  @Test
  void a_jvm_that_shows_no_threads_is_asked_rarely() {
    var sampler =
        new VirtualThreadSampler(
            () -> {
              counted.incrementAndGet();
              throw new IOException();
            },
            clock::get);
    sampler.count("waiting");
    untilNoneCounts();
    pass(60);
    for (int i = 0; i < 100; i++) {
      assertTrue(Double.isNaN(sampler.count("waiting")));
    }
    assertEquals(1, counted.get());
  }
}
