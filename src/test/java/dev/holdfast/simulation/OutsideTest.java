package dev.holdfast.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.holdfast.ScopeTimeoutException;
import dev.holdfast.Scopes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Threads that do not belong to the simulation: pools, raw threads, timers of the JDK. */
@Tag("simulation")
class OutsideTest {

  private static final SimulationSpec ONCE = SimulationSpec.DEFAULT.once();

  private static void underSeeds(int seeds, Simulation.Body body) {
    for (long seed = 0; seed < seeds; seed++) {
      ONCE.run(seed, body);
    }
  }

  private static void compute(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() - end < 0) {
      Thread.onSpinWait();
    }
  }

  @Test
  void the_work_of_a_pool_takes_no_virtual_time() {
    underSeeds(
        5,
        simulation ->
            Scopes.timeout(Duration.ofMillis(1))
                .run(scope -> {
                  var future =
                      CompletableFuture.supplyAsync(() -> {
                        compute(Duration.ofMillis(50));
                        return 5;
                      });
                  assertEquals(5, future.get());
                  assertEquals(Duration.ZERO, simulation.elapsed());
                }));
  }

  @Test
  void virtual_threads_outside_that_start_each_other_take_no_virtual_time() {
    underSeeds(
        10,
        simulation ->
            Scopes.timeout(Duration.ofMillis(1))
                .run(scope -> {
                  var future = new CompletableFuture<Integer>();
                  Thread.startVirtualThread(() ->
                      Thread.startVirtualThread(
                          () -> Thread.startVirtualThread(() -> future.complete(7))));
                  assertEquals(7, future.get());
                }));
  }

  @Test
  void a_thread_outside_that_sleeps_or_waits_for_a_timer_is_waited_for() {
    ONCE.run(
        1,
        simulation -> {
          var latch = new CountDownLatch(1);
          Thread sleeper =
              Thread.ofPlatform()
                  .start(() -> {
                    try {
                      Thread.sleep(100);
                    } catch (InterruptedException e) {
                      throw new AssertionError(e);
                    }
                    latch.countDown();
                  });
          latch.await();
          sleeper.join();
        });
    try (ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor()) {
      ONCE.run(
          1,
          simulation -> {
            var future = new CompletableFuture<Integer>();
            var timing = timer.schedule(() -> future.complete(6), 100, TimeUnit.MILLISECONDS);
            assertEquals(6, future.get());
            assertTrue(timing.get());
          });
    }
  }

  @Test
  void a_lock_that_a_thread_outside_holds_is_no_deadlock() throws Exception {
    var lock = new ReentrantLock();
    var locked = new CountDownLatch(1);
    Thread holder =
        Thread.ofPlatform()
            .start(() -> {
              lock.lock();
              try {
                locked.countDown();
                compute(Duration.ofMillis(100));
              } finally {
                lock.unlock();
              }
            });
    locked.await();
    ONCE.run(
        1,
        simulation ->
            Scopes.run(scope -> {
              scope.fork(() -> {
                lock.lock();
                try {
                  Simulation.point();
                } finally {
                  lock.unlock();
                }
              });
              scope.join();
            }));
    holder.join();
  }

  @Test
  void a_future_that_no_thread_completes_is_a_deadlock_even_beside_a_timer() {
    for (long seed = 0; seed < 20; seed++) {
      long each = seed;
      var thrown =
          assertThrows(
              SimulationError.class,
              () -> ONCE.run(each, simulation -> new CompletableFuture<Integer>().get()));
      assertTrue(thrown.getMessage().contains("Deadlock"), thrown::getMessage);
      var late =
          assertThrows(
              SimulationError.class,
              () ->
                  ONCE.run(
                      each,
                      simulation ->
                          Scopes.timeout(Duration.ofHours(1))
                              .run(scope -> new CompletableFuture<Integer>().get())));
      assertEquals(ScopeTimeoutException.class, late.getCause().getClass());
    }
  }

  @Test
  void a_thread_that_was_waited_for_in_vain_is_named_by_each_simulation_that_fails_beside_it() {
    var over = new AtomicBoolean();
    Thread.ofPlatform()
        .name("computes")
        .start(() -> {
          while (!over.get()) {
            Thread.onSpinWait();
          }
        });
    try {
      assertNames("'computes'", simulation -> new CompletableFuture<Integer>().get());
      assertNames("'computes'", simulation -> new CompletableFuture<Integer>().get());
      assertNames(
          "'computes'",
          simulation ->
              Scopes.timeout(Duration.ofHours(1)).run(s -> new CompletableFuture<Integer>().get()));
      var noPart = assertThrows(SimulationError.class, () -> ONCE.run(1, simulation -> fail()));
      assertFalse(noPart.getMessage().contains("'computes'"), noPart::getMessage);
    } finally {
      over.set(true);
    }
  }

  private static void assertNames(String thread, Simulation.Body body) {
    var thrown = assertThrows(SimulationError.class, () -> ONCE.run(1, body));
    assertTrue(thrown.getMessage().contains("did not wait for " + thread), thrown::getMessage);
  }

  @Test
  void a_parallel_stream_computes_beside_the_simulation() {
    underSeeds(
        20,
        simulation ->
            Scopes.timeout(Duration.ofMillis(1))
                .run(scope -> {
                  var sum =
                      scope.fork(() -> IntStream.range(0, 100_000).parallel().asLongStream().sum());
                  assertEquals(4_999_950_000L, sum.join());
                }));
  }

  @Test
  void a_thread_that_is_woken_as_soon_as_it_waits_does_not_count_as_a_loop_of_yields()
      throws InterruptedException {
    underSeeds(1, simulation -> {}); // threads from before the first simulation are left out
    var waiting = new AtomicReference<Thread>();
    Thread waker =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              for (int delay = 0; !Thread.currentThread().isInterrupted(); delay++) {
                Thread woken = waiting.get();
                if (woken != null) {
                  compute(Duration.ofNanos(delay % 100 * 500L));
                  waiting.set(null);
                  LockSupport.unpark(woken);
                }
              }
            });
    try {
      underSeeds(
          100,
          simulation ->
              Scopes.timeout(Duration.ofMillis(1))
                  .run(scope -> {
                    for (int i = 0; i < 5; i++) {
                      Simulation.point();
                      waiting.set(Thread.currentThread());
                      while (waiting.get() != null) {
                        LockSupport.park();
                      }
                    }
                  }));
    } finally {
      waker.interrupt();
      waker.join();
    }
  }

  @Test
  void a_wait_for_a_pool_inside_a_url_is_not_one_for_a_socket() throws Exception {
    var handler =
        new URLStreamHandler() {
          @Override
          protected URLConnection openConnection(URL url) {
            CompletableFuture.runAsync(() -> compute(Duration.ofMillis(20))).join();
            throw new UncheckedIOException(new IOException("opened"));
          }
        };
    URL url = URL.of(URI.create("pool:work"), handler);
    underSeeds(5, simulation -> assertThrows(UncheckedIOException.class, url::openConnection));
  }

  @Test
  void a_loop_of_yields_waits() {
    underSeeds(
        20,
        simulation ->
            Scopes.run(scope -> {
              var flag = new AtomicBoolean();
              scope.fork(() -> yieldUntil(flag));
              scope.fork(() -> {
                Scopes.sleep(Duration.ofMillis(5));
                flag.set(true);
              });
              scope.join();
            }));
  }

  @Test
  void threads_that_start_beside_a_loop_of_yields_run() {
    underSeeds(
        20,
        simulation ->
            Scopes.run(scope -> {
              var flag = new AtomicBoolean();
              scope.fork(() -> {
                Scopes.sleep(Duration.ofMillis(5));
                Scopes.run(inner -> inner.fork(() -> flag.set(true)));
              });
              yieldUntil(flag);
            }));
  }

  private static void yieldUntil(AtomicBoolean flag) {
    while (!flag.get()) {
      Thread.yield();
    }
  }
}
