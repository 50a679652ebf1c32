package dev.holdfast.doc.migration;

import dev.holdfast.Scopes;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.sql.DataSource;

/** A query with a timeout: on a future, and on a scope that cancels the statement. */
final class Query {

  private Query() {}

  static final class Before implements AutoCloseable {

    // @start region="query-before"
    private final ExecutorService pool = Executors.newFixedThreadPool(8);

    int highest(DataSource database)
        throws ExecutionException, TimeoutException, InterruptedException {
      Future<Integer> price =
          pool.submit(() -> {
            try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
              ResultSet rows = statement.executeQuery("select max(price) from quotes");
              return rows.next() ? rows.getInt(1) : 0;
            }
          });
      try {
        return price.get(2, TimeUnit.SECONDS);
      } finally {
        price.cancel(true); // most drivers ignore the interrupt
      }
    }

    // @end

    @Override
    public void close() {
      pool.close();
    }
  }

  static final class After {

    // @start region="query-after"
    int highest(DataSource database) throws SQLException, InterruptedException {
      return Scopes.timeout(Duration.ofSeconds(2))
          .call(scope -> {
            Connection connection = scope.use(database.getConnection());
            Statement statement = scope.use(connection.createStatement());
            return scope.blocking(
                statement::cancel,
                () -> {
                  ResultSet rows = statement.executeQuery("select max(price) from quotes");
                  return rows.next() ? rows.getInt(1) : 0;
                });
          });
    }
    // @end
  }
}
