package dev.holdfast.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** The PostgreSQL that {@code .ci/postgres} has started, and what it sees of a test. */
final class Database {

  private static final AtomicInteger NUMBERS = new AtomicInteger();

  /** How the sessions of one test are called. */
  private final String application = "test-" + NUMBERS.incrementAndGet();

  /** {@return connections without a pool} */
  DataSource plain() {
    return source(application);
  }

  private static DataSource source(String application) {
    var source = new PGSimpleDataSource();
    source.setUrl(System.getenv("HOLDFAST_POSTGRES"));
    source.setApplicationName(application);
    return source;
  }

  /** {@return a pool of at most that many connections} */
  HikariDataSource pool(int size) {
    var config = new HikariConfig();
    config.setPoolName(application);
    config.setDataSource(plain());
    config.setMaximumPoolSize(size);
    config.setConnectionTimeout(Duration.ofSeconds(20).toMillis());
    return new HikariDataSource(config);
  }

  /** {@return how many sessions of the test run a statement} */
  int active() throws SQLException {
    try (Connection connection = source("observer").getConnection();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select count(*) from pg_stat_activity"
                    + (" where state = 'active' and application_name = '" + application + "'"))) {
      row.next();
      return row.getInt(1);
    }
  }
}
