package dev.holdfast.doc;

import dev.holdfast.Fork;
import dev.holdfast.Scope;
import dev.holdfast.ScopeTimeoutException;
import dev.holdfast.Scopes;
import dev.holdfast.Worker;
import dev.holdfast.channel.Channel;
import dev.holdfast.channel.ChannelSpec;
import dev.holdfast.channel.Overflow;
import dev.holdfast.channel.Receiver;
import dev.holdfast.channel.Select;
import dev.holdfast.doc.Patterns.Product;
import dev.holdfast.doc.Patterns.Quote;
import dev.holdfast.doc.Patterns.Supplier;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** The examples of channels in the documentation. */
final class ChannelPatterns {

  private ChannelPatterns() {}

  /** A customer's order. */
  record Order(String id) {

    static Order parse(String line) {
      return new Order(line.strip());
    }
  }

  /** Ships orders and cancels them. */
  interface Shop {
    void ship(Order order) throws IOException, InterruptedException;

    void cancel(String id);
  }

  /** Shows quotes as they arrive. */
  interface Page {
    void show(Quote quote);
  }

  static void pipeline(BufferedReader file, Shop shop) throws IOException, InterruptedException {
    // @start region="pipeline"
    Scopes.run(scope -> {
      Receiver<String> lines =
          scope.produce(
              64,
              out -> {
                for (String line; (line = file.readLine()) != null; ) {
                  out.send(line);
                }
              });
      Receiver<Order> orders =
          scope.produce(64, out -> lines.forEach(line -> out.send(Order.parse(line))));
      scope.consume(orders, 4, shop::ship);
    });
    // @end
  }

  static void pool(Iterable<Order> incoming, Shop shop) throws InterruptedException {
    // @start region="worker-pool"
    Scopes.run(scope -> {
      Channel<Order> orders = scope.channel(100);
      scope.consume(orders, 8, shop::ship);
      for (Order order : incoming) {
        orders.send(order); // waits while 8 orders are being shipped and 100 are buffered
      }
    });
    // @end
  }

  static void deadLetters(Iterable<Order> incoming, Shop shop, Shop backlog)
      throws InterruptedException {
    // @start region="consume-on-failure"
    Scopes.run(scope -> {
      Channel<Order> orders = scope.channel(100);
      scope.consume(orders, 8, shop::ship, failed -> backlog.ship(failed.item()));
      for (Order order : incoming) {
        orders.send(order);
      }
    });
    // @end
  }

  static void fanIn(List<Supplier> suppliers, Product product, Page page)
      throws InterruptedException {
    // @start region="fan-in"
    Scopes.run(scope -> {
      Receiver<Quote> quotes =
          scope.produce(
              16,
              out ->
                  Scopes.settle(
                      suppliers,
                      supplier -> {
                        out.send(supplier.quote(product));
                        return supplier;
                      }));
      quotes.forEach(page::show);
    });
    // @end
  }

  static void select(Receiver<Order> orders, Receiver<String> cancellations, Shop shop)
      throws InterruptedException {
    // @start region="select"
    Select<Boolean> next =
        Select.of(
            cancellations.onReceive(id -> {
              shop.cancel(id);
              return true;
            }),
            orders.onReceiveOrNull(order -> {
              if (order != null) {
                pack(order);
              }
              return order != null;
            }),
            Select.timeout(Duration.ofSeconds(30), () -> false));
    while (next.await()) {
      // ends with the orders, or after 30 seconds without a message
    }
    // @end
  }

  static void pack(Order order) {
    if (order.id().isEmpty()) {
      throw new IllegalArgumentException("an order without an id");
    }
  }

  static List<Instant> conflating(Duration period, int ticks) throws InterruptedException {
    return Scopes.call(scope -> {
      // @start region="conflating"
      Receiver<Instant> ticker =
          scope.produce(
              ChannelSpec.<Instant>of(1).overflow(Overflow.DROP_OLDEST),
              out -> {
                while (true) {
                  Thread.sleep(period);
                  out.send(Instant.now());
                }
              });
      // @end
      var seen = new java.util.ArrayList<Instant>();
      while (seen.size() < ticks) {
        seen.add(ticker.receive());
      }
      return seen;
    });
  }

  static void drain(CountDownLatch stop, Shop shop, List<Order> incoming, List<Order> backlog)
      throws InterruptedException {
    // @start region="draining"
    Scopes.run(scope -> {
      Channel<Order> orders = scope.channel(ChannelSpec.<Order>of(100).onUndelivered(backlog::add));
      Fork<?> workers = scope.fork(() -> Scopes.run(inner -> inner.consume(orders, 8, shop::ship)));
      for (Order order : incoming) {
        orders.send(order);
      }
      stop.await();
      orders.close(); // the workers finish the buffered orders
      try {
        Scopes.timeout(Duration.ofSeconds(5)).run(patience -> workers.join());
      } catch (ScopeTimeoutException e) {
        scope.cancel("the orders were not shipped in time"); // the rest goes to the backlog
      }
    });
    // @end
  }

  static List<String> firstLines(Scope scope, Receiver<String> lines) throws InterruptedException {
    // @start region="cancel-receiver"
    List<String> head = new ArrayList<>();
    for (String line; head.size() < 3 && (line = lines.receiveOrNull()) != null; ) {
      head.add(line);
    }
    lines.cancel(); // the producer ends at its next send, and the body goes on
    // @end
    return head;
  }

  static void copy(Iterable<String> lines, Channel<String> out) throws InterruptedException {
    // @start region="close-cause"
    try {
      for (String line : lines) {
        out.send(line);
      }
      out.close();
    } catch (UncheckedIOException e) {
      out.close(e); // receivers get the lines before it, and then the cause
    }
    // @end
  }

  static boolean poll(Receiver<String> lines, Consumer<String> print) {
    // @start region="is-ended"
    String line = lines.tryReceive();
    if (line != null) {
      print.accept(line);
    } else if (lines.isEnded()) {
      return false; // no element will come
    }
    return true;
    // @end
  }

  static String next(Receiver<String> orders, Receiver<String> commands, AtomicBoolean paused)
      throws InterruptedException {
    // @start region="when"
    Select<String> next =
        Select.of(
            commands.onReceive(command -> command),
            orders.<String>onReceive(order -> order).when(() -> !paused.get()));
    return next.await();
    // @end
  }

  static String forkOrTime(Fork<String> answer, Worker<?> connection, Receiver<String> progress)
      throws InterruptedException {
    // @start region="on-join"
    Select<String> next =
        Select.of(
            answer.onJoin(value -> value),
            connection.onJoin(() -> "the connection has ended"),
            progress.onReceive(percent -> percent + " %"),
            Select.timeout(Duration.ofSeconds(2), () -> "no answer in two seconds"));
    return next.await();
    // @end
  }
}
