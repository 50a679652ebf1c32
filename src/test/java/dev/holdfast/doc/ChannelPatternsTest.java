package dev.holdfast.doc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ForkFailedException;
import dev.holdfast.Scopes;
import dev.holdfast.channel.Channel;
import dev.holdfast.doc.ChannelPatterns.Order;
import dev.holdfast.doc.ChannelPatterns.Shop;
import dev.holdfast.doc.Patterns.Product;
import dev.holdfast.doc.Patterns.Quote;
import dev.holdfast.doc.Patterns.Supplier;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
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
}
