package dev.holdfast.doc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Fork;
import dev.holdfast.ScopeTimeoutException;
import dev.holdfast.Scopes;
import dev.holdfast.doc.Patterns.Page;
import dev.holdfast.doc.Patterns.Product;
import dev.holdfast.doc.Patterns.Quote;
import dev.holdfast.doc.Patterns.RemoteLock;
import dev.holdfast.doc.Patterns.Supplier;
import dev.holdfast.testing.Pace;
import dev.holdfast.testing.Poll;
import java.io.IOException;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Runs the examples of {@link Patterns} against servers on loopback. */
class PatternsTest {

  private static final Product PRODUCT = new Product("p1");

  private final List<LoopbackServer> servers = new ArrayList<>();

  @AfterEach
  void close() throws IOException {
    for (LoopbackServer server : servers) {
      server.close();
    }
  }

  private LoopbackServer server(LoopbackServer.Answer answer) throws IOException {
    var server = new LoopbackServer(answer);
    servers.add(server);
    return server;
  }

  private Supplier supplier(LoopbackServer.Answer answer) throws IOException {
    LoopbackServer server = server(answer);
    return product -> {
      String cents = server.ask(product.id());
      if (cents.equals("error")) {
        throw new IOException("no such product");
      }
      return new Quote("s", Integer.parseInt(cents));
    };
  }

  private Supplier asking(int cents) throws IOException {
    return supplier(product -> Integer.toString(cents));
  }

  private Supplier silent() throws IOException {
    return supplier(LoopbackServer.SILENCE);
  }

  private Supplier failing() throws IOException {
    return supplier(product -> "error");
  }

  /** A server notices a closed connection a moment later. */
  private void assertNobodyConnected() throws InterruptedException {
    for (LoopbackServer server : servers) {
      long start = System.nanoTime();
      while (server.connected() > 0 && System.nanoTime() - start < 10_000_000_000L) {
        Thread.sleep(1);
      }
      assertEquals(0, server.connected(), "clients connected");
    }
  }

  @Test
  void a_scope_combines_the_results_of_its_forks() throws Exception {
    Page page = Patterns.scope(Product::new, asking(12), "p1");
    assertEquals(new Page(PRODUCT, List.of(new Quote("s", 12))), page);
    assertNobodyConnected();
  }

  @Test
  void a_fan_out_returns_results_in_the_order_of_the_items() throws Exception {
    Supplier slow =
        supplier(product -> {
          Thread.sleep(50);
          return "1";
        });
    List<Quote> quotes = Patterns.fanOut(List.of(slow, asking(2)), PRODUCT);
    assertEquals(List.of(new Quote("s", 1), new Quote("s", 2)), quotes);
  }

  @Test
  void a_fan_out_cancels_its_other_calls_when_one_fails() throws Exception {
    List<Supplier> suppliers = List.of(silent(), failing(), silent());
    var failure = assertThrows(IOException.class, () -> Patterns.fanOut(suppliers, PRODUCT));
    assertEquals("no such product", failure.getMessage());
    assertNobodyConnected();
  }

  @Test
  void a_fan_out_combines_two_different_results() throws Exception {
    Page page = Patterns.combine(Product::new, asking(7), "p1");
    assertEquals(new Page(PRODUCT, List.of(new Quote("s", 7))), page);
  }

  @Test
  void a_timeout_names_the_running_tasks() throws Exception {
    List<Supplier> suppliers = List.of(asking(1), silent());
    var timeout =
        assertThrows(ScopeTimeoutException.class, () -> Patterns.quotes(suppliers, PRODUCT));
    assertTrue(timeout.getMessage().contains("quotes/2"), timeout::getMessage);
    assertNobodyConnected();
  }

  @Test
  void a_timeout_can_be_caught() throws Exception {
    assertEquals(List.of(), Patterns.timeout(List.of(silent()), PRODUCT));
    List<Supplier> fast = List.of(asking(3));
    Pace.repeat(() -> Patterns.timeout(fast, PRODUCT).size() == 1);
  }

  @Test
  void settle_keeps_the_results_that_were_in_time() throws Exception {
    List<Supplier> suppliers = List.of(asking(30), failing(), silent(), asking(20));
    Pace.repeat(() -> Patterns.settle(suppliers, PRODUCT) == 20);
    assertNobodyConnected();
  }

  @Test
  void the_successes_of_a_settle_leave_out_the_rest() throws Exception {
    List<Supplier> suppliers = List.of(asking(30), failing(), silent());
    var expected = List.of(new Quote("s", 30));
    Pace.repeat(() -> Patterns.successes(suppliers, PRODUCT).equals(expected));
    assertNobodyConnected();
  }

  @Test
  void results_are_shown_as_they_arrive_and_stored_for_each() throws Exception {
    List<Quote> shown = new ArrayList<>();
    Patterns.each(List.of(asking(1), asking(2)), PRODUCT, shown::add);
    assertEquals(3, shown.stream().mapToInt(Quote::cents).sum());
    List<Quote> stored = Collections.synchronizedList(new ArrayList<>());
    Patterns.forEach(List.of("a", "b"), asking(5), stored::add);
    assertEquals(2, stored.size());
    assertNobodyConnected();
  }

  @Test
  void progress_counts_every_supplier_also_one_that_is_too_slow() throws Exception {
    List<Supplier> suppliers = List.of(asking(1), silent(), failing());
    Pace.repeat(() -> {
      var ended = new AtomicInteger();
      List<Quote> quotes = Patterns.progress(suppliers, PRODUCT, ended::incrementAndGet);
      assertEquals(3, ended.get());
      return quotes.size() == 1;
    });
    assertNobodyConnected();
  }

  @Test
  void the_nearer_of_two_different_suppliers_wins() throws Exception {
    assertEquals(new Quote("s", 2), Patterns.race(silent(), asking(2), PRODUCT));
    assertNobodyConnected();
  }

  @Test
  void a_join_with_a_timeout_gives_up_the_slow_result() throws Exception {
    assertEquals(1, Patterns.join(asking(1), silent(), PRODUCT).size());
    Supplier first = asking(1);
    Supplier second = asking(2);
    Pace.repeat(() -> Patterns.join(first, second, PRODUCT).size() == 2);
    assertNobodyConnected();
  }

  @Test
  void a_hedged_race_calls_the_next_replica_when_the_first_is_slow() throws Exception {
    List<Supplier> replicas = List.of(silent(), asking(2));
    Pace.repeat(() -> {
      assertEquals(new Quote("s", 2), Patterns.hedge(replicas, PRODUCT));
      return true;
    });
    assertNobodyConnected();
  }

  @Test
  void a_hedged_race_calls_no_second_replica_when_the_first_is_fast() throws Exception {
    Pace.repeat(() -> {
      Supplier first = asking(1);
      Supplier second = asking(2);
      long begun = System.nanoTime();
      Quote quote = Patterns.hedge(List.of(first, second), PRODUCT);
      boolean inTime = System.nanoTime() - begun < 50_000_000; // otherwise the second is called
      if (inTime) {
        assertEquals(new Quote("s", 1), quote);
        assertEquals(1, servers.get(servers.size() - 2).accepted());
        assertEquals(0, servers.getLast().accepted());
      }
      return inTime;
    });
  }

  @Test
  void on_cancel_unblocks_a_read_that_ignores_interrupts() throws Exception {
    LoopbackServer server = server(LoopbackServer.SILENCE);
    var timeout =
        assertThrows(ScopeTimeoutException.class, () -> Patterns.onCancel(server.address()));
    assertTrue(timeout.getSuppressed()[0] instanceof SocketException, timeout::toString);
    Poll.until(() -> server.accepted() == 1);
    assertEquals(1, server.accepted());
    assertNobodyConnected();
  }

  @Test
  void a_shield_lets_a_cancelled_task_release_its_lock() throws Exception {
    List<String> lines = Collections.synchronizedList(new ArrayList<>());
    LoopbackServer server =
        server(line -> {
          Thread.sleep(100); // longer than the time between two interrupts
          lines.add(line);
          return "ok";
        });
    var lock = lockOn(server);
    var acquired = new CountDownLatch(1);
    Scopes.run(scope -> {
      Fork<Path> fork =
          scope.fork(() ->
              Patterns.shield(
                  lock,
                  () -> {
                    acquired.countDown();
                    Thread.sleep(Duration.ofMinutes(1));
                    return Path.of("never");
                  }));
      acquired.await();
      fork.cancel();
      assertThrows(CancellationException.class, fork::join);
    });
    assertEquals(List.of("acquire", "release"), lines);
    assertNobodyConnected();
  }

  private static RemoteLock lockOn(LoopbackServer server) {
    return new RemoteLock() {
      @Override
      public void acquire() throws IOException {
        server.ask("acquire");
      }

      @Override
      public void release() throws IOException {
        server.ask("release");
      }
    };
  }

  @Test
  void a_limit_bounds_the_running_tasks_and_the_items_read_ahead() throws Exception {
    var running = new AtomicInteger();
    var most = new AtomicInteger();
    var done = new AtomicInteger();
    var ahead = new AtomicInteger();
    Supplier supplier =
        product -> {
          most.accumulateAndGet(running.incrementAndGet(), Math::max);
          Thread.sleep(1);
          running.decrementAndGet();
          done.incrementAndGet();
          return new Quote("s", 1);
        };
    Iterable<String> ids =
        () -> {
          Iterator<Integer> numbers = IntStream.range(0, 100).boxed().iterator();
          return new Iterator<>() {
            @Override
            public boolean hasNext() {
              return numbers.hasNext();
            }

            @Override
            public String next() {
              int number = numbers.next();
              ahead.accumulateAndGet(number + 1 - done.get(), Math::max);
              return Integer.toString(number);
            }
          };
        };
    assertEquals(100, Patterns.limit(ids, supplier).size());
    assertTrue(most.get() <= 10, () -> most + " ran at once");
    assertTrue(ahead.get() <= 10, () -> ahead + " were read ahead");
  }

  @Test
  void an_executor_and_the_scope_that_replaces_it_return_the_same() throws Exception {
    List<Supplier> suppliers = List.of(asking(1), asking(2));
    var before = new Replacement.Before();
    try {
      Pace.repeat(() -> {
        List<Quote> replaced = new Replacement.After().quotes(suppliers, PRODUCT);
        assertEquals(before.quotes(suppliers, PRODUCT), replaced);
        return true;
      });
    } finally {
      before.close();
    }
  }

  @Test
  void the_scope_that_replaces_an_executor_throws_the_failure_itself() throws Exception {
    List<Supplier> suppliers = List.of(failing());
    var failure =
        assertThrows(IOException.class, () -> new Replacement.After().quotes(suppliers, PRODUCT));
    assertEquals("no such product", failure.getMessage());
    assertNull(failure.getCause());
    assertSame(IOException.class, failure.getClass());
  }
}
