package dev.holdfast.doc;

import dev.holdfast.Fork;
import dev.holdfast.Outcome;
import dev.holdfast.ScopeSpec;
import dev.holdfast.ScopeTimeoutException;
import dev.holdfast.Scopes;
import dev.holdfast.Task;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** The examples of the documentation. */
final class Patterns {

  private Patterns() {}

  /** A shop's product. */
  record Product(String id) {}

  /** A supplier's price for a product. */
  record Quote(String supplier, int cents) {}

  /** A product page. */
  record Page(Product product, List<Quote> quotes) {}

  /** The products of the shop. */
  interface Catalogue {
    Product find(String id) throws IOException, InterruptedException;
  }

  /** A supplier, called over the network. */
  interface Supplier {
    Quote quote(Product product) throws IOException, InterruptedException;
  }

  /** A lock that is held on another machine. */
  interface RemoteLock {
    void acquire() throws IOException, InterruptedException;

    void release() throws IOException, InterruptedException;
  }

  static Page scope(Catalogue catalogue, Supplier supplier, String id) throws InterruptedException {
    // @start region="scope"
    return Scopes.call(scope -> {
      Fork<Product> product = scope.fork(() -> catalogue.find(id));
      Fork<Quote> quote = scope.fork(() -> supplier.quote(new Product(id)));
      return new Page(product.join(), List.of(quote.join()));
    });
    // @end
  }

  static List<Quote> fanOut(List<Supplier> suppliers, Product product)
      throws IOException, InterruptedException {
    // @start region="fan-out"
    List<Quote> quotes = Scopes.fanOut(suppliers, supplier -> supplier.quote(product));
    // @end
    return quotes;
  }

  static List<Quote> fanOutInTime(List<Supplier> suppliers, Product product)
      throws IOException, InterruptedException {
    // @start region="fan-out-timeout"
    List<Quote> quotes =
        Scopes.timeout(Duration.ofMillis(800))
            .fanOut(suppliers, supplier -> supplier.quote(product));
    // @end
    return quotes;
  }

  static Page combine(Catalogue catalogue, Supplier supplier, String id)
      throws IOException, InterruptedException {
    // @start region="combine"
    Page page =
        Scopes.fanOut(
            () -> catalogue.find(id),
            () -> supplier.quote(new Product(id)),
            (product, quote) -> new Page(product, List.of(quote)));
    // @end
    return page;
  }

  // @start region="spec"
  static final ScopeSpec QUOTES = Scopes.named("quotes").timeout(Duration.ofMillis(800)).limit(20);

  static List<Quote> quotes(List<Supplier> suppliers, Product product)
      throws IOException, InterruptedException {
    return QUOTES.fanOut(suppliers, supplier -> supplier.quote(product));
  }

  // @end

  static List<Quote> timeout(List<Supplier> suppliers, Product product)
      throws IOException, InterruptedException {
    // @start region="timeout"
    try {
      return QUOTES.fanOut(suppliers, supplier -> supplier.quote(product));
    } catch (ScopeTimeoutException e) {
      System.err.println(e.getMessage()); // one line, which also fits into a response
      e.running().forEach(System.err::println); // each task, with its stack
      return List.of();
    }
    // @end
  }

  static int settle(List<Supplier> suppliers, Product product) throws InterruptedException {
    // @start region="settle"
    int cheapest = Integer.MAX_VALUE;
    for (Outcome<Supplier, Quote> outcome :
        QUOTES.settle(suppliers, supplier -> supplier.quote(product))) {
      switch (outcome) {
        case Outcome.Success<Supplier, Quote> s -> cheapest = Math.min(cheapest, s.value().cents());
        case Outcome.Failure<Supplier, Quote> f -> System.err.println(f.item() + ": " + f.cause());
        case Outcome.Unfinished<Supplier, Quote> u ->
            System.err.println(u.item() + " was too slow");
      }
    }
    // @end
    return cheapest;
  }

  static List<Quote> successes(List<Supplier> suppliers, Product product)
      throws InterruptedException {
    // @start region="successes"
    var outcomes = QUOTES.settle(suppliers, supplier -> supplier.quote(product));
    List<Quote> quotes = Outcome.successes(outcomes);
    Outcome.failures(outcomes)
        .forEach(failed -> System.err.println(failed.item() + ": " + failed.cause()));
    // @end
    return quotes;
  }

  static List<Quote> join(Supplier fast, Supplier slow, Product product)
      throws InterruptedException {
    // @start region="join-timeout"
    return Scopes.call(scope -> {
      Fork<Quote> first = scope.fork(() -> fast.quote(product));
      Fork<Quote> second = scope.fork(() -> slow.quote(product));
      try {
        return List.of(first.join(), second.join(Duration.ofMillis(200)));
      } catch (ScopeTimeoutException e) {
        second.cancel();
        return List.of(first.join());
      }
    });
    // @end
  }

  static Quote hedge(List<Supplier> replicas, Product product)
      throws IOException, InterruptedException {
    // @start region="hedge"
    Quote first =
        Scopes.timeout(Duration.ofSeconds(1))
            .hedge(Duration.ofMillis(50))
            .race(replicas, replica -> replica.quote(product));
    // @end
    return first;
  }

  static void deadline(Statement statement) throws SQLException {
    // @start region="deadline"
    // Never 0: to JDBC that means no limit.
    statement.setQueryTimeout(
        Math.clamp(Scopes.deadline().remaining().toSeconds(), 1, Integer.MAX_VALUE));
    // @end
  }

  static int onCancel(SocketAddress address) throws IOException, InterruptedException {
    return Scopes.timeout(Duration.ofSeconds(2))
        .call(scope -> {
          Socket socket = scope.use(new Socket());
          scope.onCancel(socket::close);
          socket.connect(address);
          return socket.getInputStream().read();
        });
  }

  static Path shield(RemoteLock lock, Task<Path, IOException> export)
      throws IOException, InterruptedException {
    // @start region="shield"
    lock.acquire();
    try {
      return export.call();
    } finally {
      Scopes.shield(Duration.ofSeconds(2), () -> lock.release());
    }
    // @end
  }

  static void forEach(List<String> ids, Supplier supplier, Consumer<Quote> store)
      throws IOException, InterruptedException {
    // @start region="for-each"
    Scopes.limit(10).forEach(ids, id -> store.accept(supplier.quote(new Product(id))));
    // @end
  }

  static void actions(RemoteLock first, RemoteLock second)
      throws IOException, InterruptedException {
    // @start region="actions"
    Scopes.fanOut(() -> first.release(), () -> second.release());
    // @end
  }

  static void each(List<Supplier> suppliers, Product product, Consumer<Quote> show)
      throws IOException, InterruptedException {
    // @start region="each"
    Scopes.each(suppliers, supplier -> supplier.quote(product), quote -> show.accept(quote));
    // @end
  }

  static List<Quote> progress(List<Supplier> suppliers, Product product, Runnable progress)
      throws InterruptedException {
    // @start region="progress"
    var outcomes =
        Scopes.named("quotes")
            .timeout(Duration.ofSeconds(2))
            .itemTimeout(Duration.ofMillis(500))
            .settle(suppliers, supplier -> supplier.quote(product), outcome -> progress.run());
    // @end
    return Outcome.successes(outcomes);
  }

  static Quote race(Supplier near, Supplier far, Product product)
      throws IOException, InterruptedException {
    // @start region="race"
    Quote first = Scopes.race(() -> near.quote(product), () -> far.quote(product));
    // @end
    return first;
  }

  static List<Quote> limit(Iterable<String> ids, Supplier supplier)
      throws IOException, InterruptedException {
    // @start region="limit"
    // ids may read a file or a cursor: at most ten rows are read ahead of the results.
    return Scopes.limit(10).fanOut(ids, id -> supplier.quote(new Product(id)));
    // @end
  }
}
