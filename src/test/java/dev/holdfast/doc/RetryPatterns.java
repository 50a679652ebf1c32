package dev.holdfast.doc;

import dev.holdfast.Guard;
import dev.holdfast.Restart;
import dev.holdfast.Retry;
import dev.holdfast.Scopes;
import dev.holdfast.doc.Patterns.Product;
import dev.holdfast.doc.Patterns.Quote;
import dev.holdfast.doc.Patterns.Supplier;
import java.io.IOException;
import java.time.Duration;

/** The examples of retries and rates. */
final class RetryPatterns {

  private RetryPatterns() {}

  // @start region="retry"
  static final Retry PATIENT =
      Retry.attempts(5)
          .backoff(Restart.onFailure().backoff(Duration.ofMillis(20), 2, Duration.ofSeconds(1)))
          .on(IOException.class::isInstance);

  static Quote quote(Supplier supplier, Product product) throws IOException, InterruptedException {
    return Scopes.timeout(Duration.ofSeconds(2))
        .call(scope -> PATIENT.call(() -> supplier.quote(product)));
  }

  // @end

  // @start region="rate"
  static final Guard SUPPLIER =
      Guard.named("supplier").perSecond(50).waitingUpTo(Duration.ofSeconds(1));

  static Quote rated(Supplier supplier, Product product) throws IOException, InterruptedException {
    return SUPPLIER.call(scope -> supplier.quote(product));
  }

  // @end
}
