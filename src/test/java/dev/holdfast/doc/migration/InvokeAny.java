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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The first result: a pool, and a scope. */
final class InvokeAny {

  private InvokeAny() {}

  static final class Before implements AutoCloseable {

    // @start region="invoke-any-before"
    private final ExecutorService pool = Executors.newCachedThreadPool();

    Quote first(List<Supplier> replicas, String product) throws IOException, InterruptedException {
      List<Callable<Quote>> calls = new ArrayList<>();
      replicas.forEach(replica -> calls.add(() -> replica.quote(product)));
      try {
        return pool.invokeAny(calls, 5, TimeUnit.SECONDS);
      } catch (ExecutionException e) {
        throw new IOException(e.getCause());
      } catch (TimeoutException e) {
        throw new IOException("too slow", e);
      }
    }

    // @end

    @Override
    public void close() {
      pool.close();
    }
  }

  static final class After {

    // @start region="invoke-any-after"
    Quote first(List<Supplier> replicas, String product) throws IOException, InterruptedException {
      return Scopes.timeout(Duration.ofSeconds(5))
          .race(replicas, replica -> replica.quote(product));
    }
    // @end
  }
}
