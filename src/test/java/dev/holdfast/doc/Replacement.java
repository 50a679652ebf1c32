package dev.holdfast.doc;

import dev.holdfast.Scopes;
import dev.holdfast.doc.Patterns.Product;
import dev.holdfast.doc.Patterns.Quote;
import dev.holdfast.doc.Patterns.Supplier;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The same method with an executor, and with a scope. */
final class Replacement {

  private Replacement() {}

  /** With an executor. */
  static final class Before {

    // @start region="executor"
    private final ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor();

    List<Quote> quotes(List<Supplier> suppliers, Product product)
        throws IOException, InterruptedException {
      List<Future<Quote>> futures = new ArrayList<>();
      for (Supplier supplier : suppliers) {
        futures.add(pool.submit(() -> supplier.quote(product)));
      }
      try {
        List<Quote> quotes = new ArrayList<>();
        for (Future<Quote> future : futures) {
          quotes.add(future.get(800, TimeUnit.MILLISECONDS));
        }
        return quotes;
      } catch (ExecutionException e) {
        throw new IOException(e.getCause());
      } catch (TimeoutException e) {
        throw new IOException("too slow", e);
      } finally {
        futures.forEach(future -> future.cancel(true));
      }
    }

    // @end

    void close() {
      pool.shutdownNow();
    }
  }

  /** With a scope. */
  static final class After {

    // @start region="executor-replaced"
    List<Quote> quotes(List<Supplier> suppliers, Product product)
        throws IOException, InterruptedException {
      return Scopes.timeout(Duration.ofMillis(800))
          .fanOut(suppliers, supplier -> supplier.quote(product));
    }
    // @end
  }
}
