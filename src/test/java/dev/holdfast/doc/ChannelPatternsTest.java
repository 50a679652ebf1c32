package dev.holdfast.doc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ForkFailedException;
import dev.holdfast.Scopes;
import dev.holdfast.Worker;
import dev.holdfast.channel.Channel;
import dev.holdfast.channel.ChannelClosedException;
import dev.holdfast.channel.Receiver;
import dev.holdfast.doc.ChannelPatterns.Order;
import dev.holdfast.doc.ChannelPatterns.Shop;
import dev.holdfast.doc.Patterns.Product;
import dev.holdfast.doc.Patterns.Quote;
import dev.holdfast.doc.Patterns.Supplier;
import dev.holdfast.testing.Blocked;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Runs the examples of {@link ChannelPatterns}. */
class ChannelPatternsTest {

  private final List<String> shipped = Collections.synchronizedList(new ArrayList<>());

  private final Shop shop =
      new Shop() {
        @Override
        public void ship(Order order) {
          shipped.add(order.id());
        }

        @Override
        public void cancel(String id) {
          shipped.add("not " + id);
        }
      };

  private static List<Order> orders(int count) {
    return IntStream.range(0, count).mapToObj(i -> new Order("o" + i)).toList();
  }

  @Test
  void a_pipeline_ships_every_line() throws Exception {
    ChannelPatterns.pipeline(new BufferedReader(new StringReader("a\n b\nc \n")), shop);
    assertEquals(List.of("a", "b", "c"), shipped.stream().sorted().toList());
  }

  @Test
  void a_pipeline_throws_the_failure_of_its_source() {
    var file =
        new BufferedReader(new StringReader("a")) {
          @Override
          public String readLine() throws IOException {
            throw new IOException("the disk is gone");
          }
        };
    var thrown =
        assertThrows(ForkFailedException.class, () -> ChannelPatterns.pipeline(file, shop));
    assertEquals("the disk is gone", thrown.getCause().getMessage());
  }

  @Test
  void a_pool_ships_every_order() throws Exception {
    ChannelPatterns.pool(orders(1000), shop);
    assertEquals(1000, shipped.size());
  }

  @Test
  void an_order_that_cannot_be_shipped_goes_to_the_backlog() throws Exception {
    List<String> backlog = Collections.synchronizedList(new ArrayList<>());
    Shop picky =
        new Shop() {
          @Override
          public void ship(Order order) throws IOException {
            if (order.id().equals("o7")) {
              throw new IOException("no such address");
            }
            shipped.add(order.id());
          }

          @Override
          public void cancel(String id) {}
        };
    Shop keeps =
        new Shop() {
          @Override
          public void ship(Order order) {
            backlog.add(order.id());
          }

          @Override
          public void cancel(String id) {}
        };
    ChannelPatterns.deadLetters(orders(20), picky, keeps);
    assertEquals(19, shipped.size());
    assertEquals(List.of("o7"), backlog);
  }

  @Test
  void a_fan_in_shows_the_quotes_that_succeed() throws Exception {
    Supplier good = product -> new Quote("good", 1);
    Supplier bad =
        product -> {
          throw new IOException("no");
        };
    List<Quote> shown = new ArrayList<>();
    ChannelPatterns.fanIn(List.of(good, bad, good), new Product("p"), shown::add);
    assertEquals(List.of(new Quote("good", 1), new Quote("good", 1)), shown);
  }

  @Test
  void a_select_loop_ends_with_its_orders() throws Exception {
    Scopes.run(scope -> {
      Channel<Order> orders = scope.channel(4);
      Channel<String> cancellations = scope.channel(4);
      cancellations.send("x");
      var loop =
          scope.fork(() -> {
            ChannelPatterns.select(orders, cancellations, shop);
            return null;
          });
      orders.send(new Order("a"));
      while (shipped.isEmpty()) {
        Thread.sleep(1);
      }
      orders.close();
      loop.join();
    });
    assertEquals(List.of("not x"), shipped);
  }

  @Test
  void a_conflating_ticker_sends_the_time() throws Exception {
    List<Instant> ticks = ChannelPatterns.conflating(Duration.ofMillis(1), 3);
    assertTrue(ticks.get(0).isBefore(ticks.get(2)));
  }

  @Test
  void a_draining_shutdown_ships_the_buffered_orders() throws Exception {
    var stop = new CountDownLatch(1);
    List<Order> backlog = new ArrayList<>();
    stop.countDown();
    ChannelPatterns.drain(stop, shop, orders(100), backlog);
    assertEquals(100, shipped.size());
    assertEquals(List.of(), backlog);
  }

  @Test
  void a_receiver_that_has_enough_frees_its_producer() throws Exception {
    Scopes.run(scope -> {
      Receiver<String> lines =
          scope.produce(
              1,
              out -> {
                while (true) {
                  out.send("line");
                }
              });
      assertEquals(3, ChannelPatterns.firstLines(scope, lines).size());
    });
  }

  @Test
  void a_copy_that_fails_delivers_the_lines_before_it() throws Exception {
    var failure = new UncheckedIOException(new IOException("marker"));
    Iterable<String> lines =
        () ->
            Stream.of("a", "b")
                .peek(line -> {
                  if (line.equals("b")) {
                    throw failure;
                  }
                })
                .iterator();
    List<String> seen = new ArrayList<>();
    Scopes.run(scope -> {
      Channel<String> out = scope.channel(4);
      ChannelPatterns.copy(lines, out);
      assertTrue(ChannelPatterns.poll(out, seen::add));
      var thrown =
          assertThrows(ChannelClosedException.class, () -> ChannelPatterns.poll(out, seen::add));
      assertEquals(failure, thrown.getCause());
      Channel<String> empty = scope.channel(4);
      assertTrue(ChannelPatterns.poll(empty, seen::add));
      ChannelPatterns.copy(List.of(), empty);
      assertFalse(ChannelPatterns.poll(empty, seen::add));
    });
    assertEquals(List.of("a"), seen);
  }

  @Test
  void a_paused_clause_lets_the_commands_through() throws Exception {
    Scopes.run(scope -> {
      Channel<String> orders = scope.channel(1);
      Channel<String> commands = scope.channel(1);
      orders.send("order");
      commands.send("resume");
      assertEquals("resume", ChannelPatterns.next(orders, commands, new AtomicBoolean(true)));
      assertEquals("order", ChannelPatterns.next(orders, commands, new AtomicBoolean(false)));
    });
  }

  @Test
  void a_select_takes_a_fork_or_its_progress() throws Exception {
    Scopes.run(scope -> {
      Channel<String> progress = scope.channel(1);
      progress.send("50");
      var go = new CountDownLatch(1);
      var answer =
          scope.fork(() -> {
            go.await();
            return "answer";
          });
      var broken = new CountDownLatch(1);
      Worker<Void> connection = scope.worker(() -> broken.await());
      assertEquals("50 %", ChannelPatterns.forkOrTime(answer, connection, progress));
      broken.countDown();
      assertEquals(
          "the connection has ended", ChannelPatterns.forkOrTime(answer, connection, progress));
      Worker<Void> other = scope.worker(() -> Blocked.forever());
      go.countDown();
      assertEquals("answer", ChannelPatterns.forkOrTime(answer, other, progress));
    });
  }
}
