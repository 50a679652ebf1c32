package dev.holdfast.doc.migration;

import dev.failsafe.Failsafe;
import dev.failsafe.RetryPolicy;
import dev.holdfast.Scopes;
import dev.holdfast.doc.migration.Trade.Quote;
import dev.holdfast.doc.migration.Trade.Supplier;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Retries with Failsafe: on its threads, and in a scope. */
final class Retry {

  private Retry() {}

  static final class Before {

    // @start region="retry-before"
    static final RetryPolicy<Quote> PATIENT =
        RetryPolicy.<Quote>builder()
            .handle(IOException.class)
            .withDelay(Duration.ofMillis(20))
            .withMaxRetries(1000)
            .build();

    Quote quote(Supplier supplier, String product)
        throws ExecutionException, TimeoutException, InterruptedException {
      return Failsafe.with(PATIENT)
          .getAsync(() -> supplier.quote(product))
          .get(2, TimeUnit.SECONDS);
    }
    // @end
  }

  static final class After {

    static final RetryPolicy<Quote> PATIENT = Before.PATIENT;

    // @start region="retry-after"
    Quote quote(Supplier supplier, String product) throws InterruptedException {
      return Scopes.timeout(Duration.ofSeconds(2))
          .call(scope -> Failsafe.with(PATIENT).get(() -> supplier.quote(product)));
    }
    // @end
  }
}
