package com.example.shop;

import dev.holdfast.Outcome;
import dev.holdfast.Restart;
import dev.holdfast.Scope;
import dev.holdfast.ScopeSpec;
import dev.holdfast.Scopes;
import java.time.Duration;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Has the orders in the outbox delivered: at least once, and none is forgotten. */
@Component
final class Outbox implements Background {

  private static final Duration PERIOD = Duration.ofMillis(200);
  private static final ScopeSpec DELIVERY =
      Scopes.named("outbox").timeout(Duration.ofMillis(500)).limit(50);

  private final JdbcClient jdbc;
  private final Upstreams upstreams;

  Outbox(JdbcClient jdbc, Upstreams upstreams) {
    this.jdbc = jdbc;
    this.upstreams = upstreams;
  }

  /** In place of {@code @Scheduled}: runs never overlap, and a failure is logged and retried. */
  @Override
  public void start(Scope scope) {
    // @start region="service-every"
    scope.every("outbox", Restart.onFailure(), PERIOD, this::deliver);
    // @end
  }

  private void deliver() throws InterruptedException {
    // @start region="service-outbox"
    List<Long> orders =
        jdbc.sql("select order_id from outbox order by id limit 500").query(Long.class).list();
    List<Long> delivered =
        DELIVERY
            .settle(
                orders,
                order -> {
                  upstreams.deliver(order);
                  return order;
                })
            .stream()
            .filter(Outcome.Success.class::isInstance) // the others are tried again
            .map(Outcome::item)
            .toList();
    // @end
    if (!delivered.isEmpty()) {
      jdbc.sql("delete from outbox where order_id in (:orders)")
          .param("orders", delivered)
          .update();
    }
  }
}
