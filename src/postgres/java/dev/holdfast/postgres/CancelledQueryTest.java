package dev.holdfast.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.zaxxer.hikari.HikariDataSource;
import dev.holdfast.Scope;
import dev.holdfast.ScopeTimeoutException;
import dev.holdfast.Scopes;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What a cancelled query leaves on a real PostgreSQL: nothing that runs, nothing that is broken.
 */
@Timeout(50) // a query that is not cancelled takes a minute
class CancelledQueryTest {

  private static final int CALLERS = 20;
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String LONG = "select 1 from pg_sleep(60)";

  /** The kinds of threads that make the calls. */
  enum Kind {
    VIRTUAL,
    PLATFORM;

    ThreadFactory factory() {
      return this == VIRTUAL
          ? Thread.ofVirtual().factory()
          : Thread.ofPlatform().daemon().factory();
    }
  }

  private static final Logger POOL = Logger.getLogger("com.zaxxer.hikari");

  private final Database database = new Database();
  private final Queue<String> warnings = new ConcurrentLinkedQueue<>();
  private final Handler recorder =
      new Handler() {
        @Override
        public void publish(LogRecord entry) {
          if (entry.getLevel().intValue() >= Level.WARNING.intValue()) {
            warnings.add(entry.getMessage());
          }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeEach
  void listen() {
    POOL.addHandler(recorder);
  }

  @AfterEach
  void listenNoMore() {
    POOL.removeHandler(recorder);
  }

  /** A way to make a query that runs for a minute unless it is cancelled. */
  private interface Query {
    int run(Scope scope, Statement statement) throws SQLException, InterruptedException;
  }

  private static int blocking(Scope scope, Statement statement)
      throws SQLException, InterruptedException {
    return scope.blocking(statement::cancel, () -> first(statement));
  }

  private static int onCancel(Scope scope, Statement statement) throws SQLException {
    scope.onCancel(statement::cancel);
    return first(statement);
  }

  private static int first(Statement statement) throws SQLException {
    ResultSet rows = statement.executeQuery(LONG);
    return rows.next() ? rows.getInt(1) : 0;
  }

  private static int query(DataSource source, Duration time, Query query)
      throws SQLException, InterruptedException {
    return Scopes.timeout(time)
        .call(scope -> {
          // A pool may validate the connection here, and an interrupt would break it.
          Connection connection = scope.use(Scopes.shield(PATIENCE, source::getConnection));
          return query.run(scope, scope.use(connection.createStatement()));
        });
  }

  /** Has twenty callers do something on threads of a kind, and waits for them. */
  private static void everyCaller(Kind kind, CallerCode code) throws InterruptedException {
    Scopes.named("callers")
        .threads(kind.factory())
        .fanOut(
            IntStream.range(0, CALLERS).boxed().toList(),
            caller -> {
              code.run(caller);
              return caller;
            });
  }

  private interface CallerCode {
    void run(int caller) throws InterruptedException;
  }

  @ParameterizedTest
  @EnumSource
  void no_query_is_active_after_the_call(Kind kind) throws Exception {
    for (Query query : new Query[] {CancelledQueryTest::blocking, CancelledQueryTest::onCancel}) {
      everyCaller(
          kind,
          caller ->
              assertThrows(
                  ScopeTimeoutException.class,
                  () -> query(database.plain(), Duration.ofMillis(500), query)));
      assertEquals(0, database.active());
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_connection_is_usable_after_its_query_was_cancelled(Kind kind) throws Exception {
    everyCaller(
        kind,
        caller -> {
          try (Connection connection = database.plain().getConnection()) {
            assertThrows(
                ScopeTimeoutException.class,
                () ->
                    Scopes.timeout(Duration.ofMillis(500))
                        .call(scope -> blocking(scope, scope.use(connection.createStatement()))));
            assertTrue(connection.isValid(5));
          } catch (SQLException e) {
            throw new AssertionError(e);
          }
        });
    assertEquals(0, database.active());
  }

  @ParameterizedTest
  @EnumSource
  void a_deadline_that_passes_before_the_query_begins_is_not_lost(Kind kind) throws Exception {
    everyCaller(
        kind,
        caller -> {
          long begun = System.nanoTime();
          for (Query query :
              new Query[] {CancelledQueryTest::blocking, CancelledQueryTest::onCancel}) {
            assertThrows(
                ScopeTimeoutException.class,
                () ->
                    Scopes.timeout(Duration.ofMillis(50))
                        .call(scope -> {
                          Connection connection = scope.use(database.plain().getConnection());
                          while (!scope.isCancelled()) {
                            Thread.yield(); // as a slow getConnection does
                          }
                          return query.run(scope, scope.use(connection.createStatement()));
                        }));
          }
          assertTrue(System.nanoTime() - begun < Duration.ofSeconds(30).toNanos());
        });
    assertEquals(0, database.active());
  }

  @ParameterizedTest
  @EnumSource
  void a_thousand_cancelled_calls_leave_a_pool_whole(Kind kind) throws Exception {
    try (HikariDataSource pool = database.pool(CALLERS)) {
      var cancelled = new AtomicInteger();
      everyCaller(
          kind,
          caller -> {
            var random = new SplittableRandom(caller);
            for (int i = 0; i < 1000 / CALLERS; i++) {
              Duration time = Duration.ofMillis(random.nextInt(1, 40));
              var thrown =
                  assertThrows(
                      Exception.class, () -> query(pool, time, CancelledQueryTest::blocking));
              assertInstanceOf(ScopeTimeoutException.class, thrown);
              cancelled.getAndIncrement();
            }
          });
      assertEquals(1000, cancelled.get());
      assertEquals(0, database.active());
      assertEquals(0, pool.getHikariPoolMXBean().getActiveConnections());
      assertEquals(pool.getHikariPoolMXBean().getTotalConnections(), usable(pool));
      assertTrue(warnings.isEmpty(), warnings::toString);
    }
  }

  /** {@return how many connections of the pool, all taken at once, answer} */
  private static int usable(HikariDataSource pool) throws Exception {
    return Scopes.call(scope -> {
      int usable = 0;
      for (int i = pool.getHikariPoolMXBean().getTotalConnections(); i > 0; i--) {
        Connection connection = scope.use(pool.getConnection());
        try (Statement statement = connection.createStatement();
            ResultSet row = statement.executeQuery("select 42")) {
          usable += row.next() && row.getInt(1) == 42 ? 1 : 0;
        }
      }
      return usable;
    });
  }
}
