package com.example.plain;

import dev.holdfast.Guard;
import dev.holdfast.Outcome;
import dev.holdfast.ScopeSpec;
import dev.holdfast.Scopes;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import javax.sql.DataSource;

/** Takes orders, and has them delivered from an outbox that the same transaction writes. */
final class Orders {

  private static final Duration SHIELD = Duration.ofSeconds(2);

  /** Requests wait here and not in the pool, where a deadline could not end their wait. */
  private static final Guard PLACES =
      Guard.named("database").maxConcurrent(18).waitingUpTo(Duration.ofMillis(500));

  private static final ScopeSpec DELIVERY =
      Scopes.named("outbox").timeout(Duration.ofMillis(500)).limit(50);

  private final DataSource pool;
  private final Upstreams upstreams;

  Orders(DataSource pool, Upstreams upstreams) {
    this.pool = pool;
    this.upstreams = upstreams;
  }

  void createTables() throws SQLException, InterruptedException {
    transaction(statement ->
        statement.execute(
            """
            create table if not exists items (id int primary key, stock int not null);
            create table if not exists outbox (
              order_id bigint generated always as identity primary key,
              item int not null references items);
            insert into items select id, 1000000 from generate_series(0, 99) as id
              on conflict do nothing
            """));
  }

  long place(int item) throws IOException, SQLException, InterruptedException {
    upstreams.offer(item); // no connection is held while other services work
    return PLACES.<Long, SQLException>call(place ->
        transaction(statement -> {
          statement.executeUpdate("update items set stock = stock - 1 where id = " + item);
          ResultSet row =
              statement.executeQuery(
                  "insert into outbox (item) values (" + item + ") returning order_id");
          row.next();
          return row.getLong(1);
        }));
  }

  /** Delivers for at most half a second. The rest stays in the outbox. */
  void deliver() throws SQLException, InterruptedException {
    List<Long> orders =
        transaction(statement -> {
          List<Long> found = new ArrayList<>();
          ResultSet rows =
              statement.executeQuery("select order_id from outbox order by order_id limit 500");
          while (rows.next()) {
            found.add(rows.getLong(1));
          }
          return found;
        });
    String delivered =
        DELIVERY
            .settle(
                orders,
                order -> {
                  upstreams.deliver(order);
                  return order;
                })
            .stream()
            .filter(Outcome.Success.class::isInstance)
            .map(outcome -> outcome.item().toString())
            .collect(Collectors.joining(","));
    if (!delivered.isEmpty()) {
      transaction(statement ->
          statement.executeUpdate("delete from outbox where order_id in (" + delivered + ")"));
    }
  }

  private interface Work<R> {
    R in(Statement statement) throws SQLException;
  }

  // @start region="plain-transaction"
  /** Does work in a transaction. A cancellation cancels the statement that runs. */
  private <R> R transaction(Work<R> work) throws SQLException, InterruptedException {
    return Scopes.call(scope -> {
      Connection connection = scope.use(Scopes.shield(SHIELD, pool::getConnection));
      Statement statement = scope.use(connection.createStatement());
      return scope.blocking(
          statement::cancel,
          () -> {
            connection.setAutoCommit(false); // the pool rolls back what is not committed
            R result = work.in(statement);
            connection.commit();
            return result;
          });
    });
  }
  // @end
}
