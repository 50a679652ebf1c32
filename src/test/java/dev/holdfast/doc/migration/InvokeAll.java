package dev.holdfast.doc.migration;

import dev.holdfast.Scopes;
import dev.holdfast.doc.migration.Trade.Quote;
import dev.holdfast.doc.migration.Trade.Supplier;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** The same with many items: a fixed pool, and a scope. */
final class InvokeAll {

  private InvokeAll() {}

  static final class Before implements AutoCloseable {

    // @start region="invoke-all-before"
    private final ExecutorService pool = Executors.newFixedThreadPool(8);

    List<Quote> quotes(List<Supplier> suppliers, String product)
        throws IOException, InterruptedException {
      List<Callable<Quote>> calls = new ArrayList<>();
      suppliers.forEach(supplier -> calls.add(() -> supplier.quote(product)));
      List<Quote> quotes = new ArrayList<>();
      try {
        for (Future<Quote> future : pool.invokeAll(calls, 2, TimeUnit.SECONDS)) {
          quotes.add(future.get());
        }
      } catch (ExecutionException e) {
        throw new IOException(e.getCause());
      }
      return quotes;
    }

    // @end

    @Override
    public void close() {
      pool.close();
    }
  }

  static final class After {

    // @start region="invoke-all-after"
    List<Quote> quotes(List<Supplier> suppliers, String product)
        throws IOException, InterruptedException {
      return Scopes.timeout(Duration.ofSeconds(2))
          .limit(8)
          .fanOut(suppliers, supplier -> supplier.quote(product));
    }
    // @end
  }
}
