package dev.holdfast.leak;

import static dev.holdfast.leak.Legacy.stuck;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.ForkFailedException;
import dev.holdfast.Scope;
import dev.holdfast.ScopeTimeoutException;
import dev.holdfast.Scopes;
import dev.holdfast.channel.Channel;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.Poll;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Kernels of bugs in Java projects, with nothing but the JDK: nothing that ends owns the started
 * threads.
 *
 * <p>The rules that remove the bugs: a resource with a {@code close} goes to {@link Scope#use}; an
 * endless loop is a worker; a timeout belongs to the scope, which also ends the work; sender and
 * receiver fail together; and threads come from the scope.
 */
@LeavesNothing
class RealJavaLeakTest {

  /** A client holds a platform thread and several file descriptors. */
  private static final int CLIENTS = 50;

  private static Set<Thread> selectors() {
    var found = new HashSet<Thread>();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().endsWith("-SelectorManager")) {
        found.add(thread);
      }
    }
    return found;
  }

  private static Set<Thread> selectorsBut(Set<Thread> before) {
    Set<Thread> more = selectors();
    more.removeAll(before);
    return more;
  }

  @Test
  void j1_a_client_per_call_leaks_its_selector() {
    assumeTrue(
        Runtime.version().feature() <= 25,
        "a later client uses a virtual thread, which getAllStackTraces does not list");
    Set<Thread> before = selectors();
    List<HttpClient> clients = new ArrayList<>();
    try {
      for (int i = 0; i < CLIENTS; i++) {
        clients.add(HttpClient.newHttpClient());
      }
      Poll.until(() -> selectorsBut(before).size() == CLIENTS);
      assertEquals(CLIENTS, selectorsBut(before).size());
    } finally {
      clients.forEach(HttpClient::shutdownNow);
    }
    Poll.until(() -> selectorsBut(before).isEmpty());
    assertEquals(Set.of(), selectorsBut(before));
  }

  @Test
  void j1_the_scope_closes_its_client() throws Exception {
    Set<Thread> before = selectors();
    Copies.play(
        CLIENTS,
        trace -> {
          HttpClient used =
              Scopes.call(
                  scope -> scope.use(HttpClient.newBuilder().executor(scope.executor()).build()));
          assertTrue(used.isTerminated());
        });
    assertEquals(Set.of(), selectorsBut(before));
  }

  @Test
  void j7_a_connection_pool_per_client_leaks_its_cleaner() {
    try (var legacy =
        Legacy.copies(copy -> {
          var idle = new LinkedBlockingQueue<String>();
          copy.start(
              "cleaner",
              () -> {
                while (!"end".equals(idle.poll(5, TimeUnit.MINUTES))) {
                  Thread.yield();
                }
              });
          idle.put("connection"); // the client is dropped after its one call
        })) {
      legacy.leaves(stuck("cleaner", "LinkedBlockingQueue.poll"));
    }
  }

  /** A client whose cleaner lives as long as a scope. */
  private static final class Client {

    private final Channel<String> idle;

    Client(Scope scope, Trace trace) {
      idle = scope.channel(Copies.NUMBER);
      scope.worker(
          "cleaner",
          () ->
              trace.visit(
                  "cleaner",
                  () -> {
                    while (!"end".equals(idle.receive(Duration.ofMinutes(5)))) {
                      Thread.yield();
                    }
                  }));
    }

    void call() throws InterruptedException {
      idle.send("connection");
    }
  }

  @Test
  void j7_a_client_per_call_ends_its_cleaner_with_its_scope() throws Exception {
    Copies.play(trace ->
        Scopes.run(scope -> {
          var client = new Client(scope, trace);
          client.call();
          if (trace.toss()) {
            trace.awaitBlocked("cleaner");
          }
        }));
  }

  @Test
  void j7_a_client_of_the_application_has_one_cleaner_for_all_calls() throws Exception {
    Copies.play(
        1,
        trace -> {
          Scopes.run(application -> {
            var client = new Client(application, trace);
            Copies.play(call -> client.call());
            trace.awaitBlocked("cleaner");
          });
          assertEquals(1, trace.begun("cleaner"));
        });
  }

  @Test
  void j10_a_housekeeper_outlives_its_pool() throws Exception {
    var shared = new ScheduledThreadPoolExecutor(1);
    try {
      List<AtomicInteger> pools = new ArrayList<>();
      for (int i = 0; i < Copies.NUMBER; i++) {
        var ticks = new AtomicInteger();
        var unused =
            shared.scheduleAtFixedRate(ticks::incrementAndGet, 5, 5, TimeUnit.MILLISECONDS);
        pools.add(ticks); // and closed, without a future to cancel
      }
      List<Integer> atClose = pools.stream().map(AtomicInteger::get).toList();
      Poll.until(() -> allHaveTicked(pools, atClose));
      assertTrue(allHaveTicked(pools, atClose));
    } finally {
      shared.shutdownNow();
      assertTrue(shared.awaitTermination(20, TimeUnit.SECONDS));
    }
  }

  private static boolean allHaveTicked(List<AtomicInteger> pools, List<Integer> since) {
    for (int i = 0; i < pools.size(); i++) {
      if (pools.get(i).get() < since.get(i) + 2) {
        return false;
      }
    }
    return true;
  }

  private record Closed(AtomicInteger ticks, int atClose) {}

  @Test
  void j10_a_housekeeper_ends_with_the_scope_of_its_pool() throws Exception {
    Queue<Closed> pools = new ConcurrentLinkedQueue<>();
    Copies.play(trace -> {
      var ticks = new AtomicInteger();
      Scopes.run(scope -> {
        scope.every("housekeeper", Duration.ofMillis(5), ticks::incrementAndGet);
        Poll.until(() -> ticks.get() > 1);
      });
      pools.add(new Closed(ticks, ticks.get()));
    });
    assertEquals(Copies.NUMBER, pools.size());
    for (Closed pool : pools) {
      assertTrue(pool.atClose > 1);
      assertEquals(pool.atClose, pool.ticks.get());
    }
  }

  private static void compute(CountDownLatch begun, CountDownLatch answer) {
    try {
      begun.countDown();
      answer.await();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void j14_a_future_that_timed_out_keeps_computing() {
    try (var legacy =
        Legacy.copies(copy -> {
          var answer = new CountDownLatch(1);
          var begun = new CountDownLatch(1);
          var future =
              CompletableFuture.runAsync(
                  () -> compute(begun, answer), run -> copy.start("computing", run::run));
          begun.await(); // otherwise the timeout could come before the start
          future.orTimeout(10, TimeUnit.MILLISECONDS);
          var e = assertThrows(CompletionException.class, future::join);
          assertInstanceOf(TimeoutException.class, e.getCause());
        })) {
      legacy.leaves(stuck("computing", "CountDownLatch.await"));
      assertEquals(List.of(), legacy.died());
    }
  }

  @Test
  void j14_a_scope_that_times_out_has_ended_its_work() throws Exception {
    Copies.play(trace -> {
      var answer = new CountDownLatch(1);
      assertThrows(
          ScopeTimeoutException.class,
          () ->
              Scopes.timeout(Duration.ofMillis(10))
                  .call(scope -> scope.fork(() -> trace.visit("computing", answer::await)).join()));
    });
  }

  private static final int ITEMS = 10;

  @Test
  void j20_consumers_that_fail_leave_the_producer_in_put() {
    try (var legacy =
        Legacy.copies(copy -> {
          var queue = new ArrayBlockingQueue<Integer>(2);
          copy.start(
              "consumer",
              () -> {
                throw new IllegalStateException("cannot handle " + queue.take());
              });
          for (int i = 0; i < ITEMS; i++) {
            queue.put(i);
          }
        })) {
      legacy.leaves(stuck("parent", "ArrayBlockingQueue.put"));
      assertEquals(Copies.NUMBER, legacy.died().size());
    }
  }

  @Test
  void j20_a_consumer_that_fails_ends_the_producer() throws Exception {
    Copies.play(trace -> {
      boolean inTheBody = trace.toss();
      var e =
          assertThrows(
              ForkFailedException.class,
              () ->
                  Scopes.run(scope -> {
                    Channel<Integer> queue = scope.channel(2);
                    scope.consume(
                        queue,
                        1,
                        n ->
                            visit(
                                trace,
                                () -> {
                                  throw new IllegalStateException("cannot handle " + n);
                                }));
                    Code sends =
                        () -> {
                          for (int i = 0; i < ITEMS; i++) {
                            queue.send(i);
                          }
                        };
                    if (inTheBody) {
                      visit(trace, sends);
                    } else {
                      scope.fork(() -> trace.visit("producer", sends));
                    }
                  }));
      assertEquals("cannot handle 0", e.getCause().getMessage());
    });
  }

  /** Narrows the exceptions of a body to {@code InterruptedException}. */
  private static void visit(Trace trace, Code code) throws InterruptedException {
    try {
      trace.visit("here", code);
    } catch (InterruptedException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** Handles elements until it is interrupted. */
  private static void drain(LinkedBlockingQueue<Integer> queue, AtomicInteger handled) {
    try {
      while (queue.take() >= 0) {
        handled.incrementAndGet();
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private static ThreadFactory threads(Legacy copy, String role) {
    return run -> {
      Thread thread = Thread.ofVirtual().name(role).unstarted(run);
      copy.watch(thread);
      return thread;
    };
  }

  @Test
  void j27_shutdown_does_not_interrupt_the_drain() {
    try (var legacy =
        Legacy.copies(copy -> {
          var queue = new LinkedBlockingQueue<Integer>();
          ExecutorService executor = Executors.newThreadPerTaskExecutor(threads(copy, "drain"));
          executor.execute(() -> drain(queue, new AtomicInteger()));
          executor.shutdown();
          assertTrue(executor.awaitTermination(1, TimeUnit.HOURS));
        })) {
      legacy.leaves(
          stuck("drain", "LinkedBlockingQueue.take"),
          stuck("parent", "ThreadPerTaskExecutor.awaitTermination"));
    }
  }

  @Test
  void j27_a_drain_that_is_a_worker_is_stopped() throws Exception {
    Copies.play(trace -> {
      var queue = new LinkedBlockingQueue<Integer>();
      var handled = new AtomicInteger();
      Scopes.run(scope -> {
        scope.worker("drain", () -> trace.visit("drain", () -> drain(queue, handled)));
        queue.put(1);
        Poll.until(() -> handled.get() > 0);
      });
      assertEquals(1, handled.get());
    });
  }

  @Test
  void j27_a_drain_in_the_executor_of_a_scope_is_cancelled_with_the_scope() throws Exception {
    Copies.play(trace -> {
      var queue = new LinkedBlockingQueue<Integer>();
      Scopes.run(scope -> {
        scope.executor().execute(trace.task("drain", () -> drain(queue, new AtomicInteger())));
        if (trace.toss()) {
          trace.awaitBlocked("drain");
        }
        scope.cancel("the node stops");
      });
    });
  }

  @Test
  void j30_an_executor_that_is_never_shut_down_leaks_its_thread() {
    try (var legacy =
        Legacy.copies(copy -> {
          ExecutorService executor = Executors.newFixedThreadPool(1, threads(copy, "pool"));
          copy.release(executor::shutdownNow);
          executor.execute(Thread::yield);
        })) {
      legacy.leaves(stuck("pool", "LinkedBlockingQueue.take"));
    }
  }

  @Test
  void j30_the_executor_of_a_scope_ends_with_it() throws Exception {
    Copies.play(trace -> {
      ExecutorService executor =
          Scopes.call(scope -> {
            scope.executor().execute(trace.task("task", Thread::yield));
            return scope.executor();
          });
      assertEquals(1, trace.begun("task"));
      assertThrows(
          RejectedExecutionException.class,
          () -> executor.execute(trace.task("task", Thread::yield)));
    });
  }
}
