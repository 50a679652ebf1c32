package dev.holdfast.doc;

import dev.holdfast.Fork;
import dev.holdfast.Outcome;
import dev.holdfast.ScopeSpec;
import dev.holdfast.Scopes;
import java.io.IOException;
import java.net.Socket;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;

/** The examples of the documentation. */
final class Patterns {

  private Patterns() {}

  /** A shop's product. */
  record Product(String id) {}

  /** What a supplier asks for a product. */
  record Quote(String supplier, int cents) {}

  /** A product page. */
  record Page(Product product, List<Quote> quotes) {}

  /** A supplier that is asked over the network. */
  interface Supplier {
    Quote quote(Product product) throws IOException, InterruptedException;
  }

  static Page scope(String id, Supplier supplier) throws InterruptedException {
    // @start region="scope"
    return Scopes.call(scope -> {
      Fork<Product> product = scope.fork(() -> find(id));
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

  // @start region="spec"
  static final ScopeSpec QUOTES = Scopes.named("quotes").timeout(Duration.ofMillis(800)).limit(20);

  static List<Quote> quotes(List<Supplier> suppliers, Product product)
      throws IOException, InterruptedException {
    return QUOTES.fanOut(suppliers, supplier -> supplier.quote(product));
  }

  // @end

  static int settle(List<Supplier> suppliers, Product product) throws InterruptedException {
    // @start region="settle"
    int cheapest = Integer.MAX_VALUE;
    for (Outcome<Supplier, Quote> outcome :
        QUOTES.settle(suppliers, (Supplier supplier) -> supplier.quote(product))) {
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
    statement.setQueryTimeout((int) Scopes.deadline().remaining().toSeconds());
    // @end
  }

  static int onCancel(String host) throws IOException, InterruptedException {
    // @start region="on-cancel"
    return Scopes.timeout(Duration.ofSeconds(2))
        .call(scope -> {
          Socket socket = scope.use(new Socket(host, 7));
          scope.onCancel(() -> closeQuietly(socket));
          return socket.getInputStream().read();
        });
    // @end
  }

  static void shield(Socket connection) throws IOException, InterruptedException {
    // @start region="shield"
    try {
      connection.getInputStream().read();
    } finally {
      Scopes.shield(
          Duration.ofMillis(200),
          () -> {
            connection
                .getOutputStream()
                .write("bye".getBytes(java.nio.charset.StandardCharsets.UTF_8));
            return null;
          });
    }
    // @end
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static Product find(String id) {
    return new Product(id);
  }
}
