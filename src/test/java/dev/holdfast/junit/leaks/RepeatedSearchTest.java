package dev.holdfast.junit.leaks;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.junit.threads.Ownership;
import dev.holdfast.testing.Blocked;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RepeatedSearchTest {

  private final CountDownLatch release = new CountDownLatch(1);
  private final Thread left = new Thread(() -> Blocked.stubbornly(release));
  private final AtomicInteger searches = new AtomicInteger();

  /** Owns one thread; each search asks for its owner once. */
  private final class OwnsTheThread implements Ownership {

    @Override
    public boolean owns(long id) {
      if (id != left.threadId()) {
        return false;
      }
      try {
        switch (searches.incrementAndGet()) {
          case 1 -> Thread.sleep(800); // longer than leaks may linger
          case 3 -> {
            release.countDown();
            left.join();
          }
          default -> {}
        }
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      return true;
    }

    @Override
    public boolean ownsPoolWork(Thread worker) {
      return false;
    }

    @Override
    public List<StackTraceElement> createdFrom(long id) {
      return List.of();
    }

    @Override
    public List<String> candidates(long id) {
      return List.of();
    }

    @Override
    public boolean isShared(long id) {
      return false;
    }

    @Override
    public boolean isInOlderPool(String name, long id, List<StackTraceElement> stack) {
      return false;
    }

    @Override
    public boolean wasIdleBefore(Thread worker) {
      return false;
    }

    @Override
    public boolean isTest() {
      return true;
    }

    @Override
    public boolean mayWakeWorkers() {
      return false;
    }
  }

  @Test
  void the_time_of_a_machine_that_stalls_counts_in_part_only() {
    left.start();
    var rules = LeakRules.DEFAULT.lingering(Duration.ofMillis(500));
    Leaks leaks = RepeatedSearch.run(new OwnsTheThread(), rules, false);
    release.countDown();
    assertTrue(leaks.isEmpty(), () -> searches + " searches");
  }
}
