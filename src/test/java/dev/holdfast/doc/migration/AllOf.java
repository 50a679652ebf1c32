package dev.holdfast.doc.migration;

import dev.holdfast.Scopes;
import dev.holdfast.doc.migration.Trade.Offer;
import dev.holdfast.doc.migration.Trade.Shop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Two different things: completable futures, and a scope. */
final class AllOf {

  private AllOf() {}

  static final class Before {

    // @start region="all-of-before"
    Offer offer(Shop shop, String id) {
      var price = CompletableFuture.supplyAsync(() -> shop.price(id));
      var stock = CompletableFuture.supplyAsync(() -> shop.stock(id));
      CompletableFuture.allOf(price, stock).orTimeout(2, TimeUnit.SECONDS).join();
      return new Offer(price.join(), stock.join());
    }
    // @end
  }

  static final class After {

    // @start region="all-of-after"
    Offer offer(Shop shop, String id) throws InterruptedException {
      return Scopes.timeout(Duration.ofSeconds(2))
          .fanOut(() -> shop.price(id), () -> shop.stock(id), Offer::new);
    }
    // @end
  }
}
