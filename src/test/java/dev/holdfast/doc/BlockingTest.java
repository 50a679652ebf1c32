package dev.holdfast.doc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ScopeTimeoutException;
import dev.holdfast.Scopes;
import dev.holdfast.testing.Pace;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.net.URI;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Semaphore;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** Runs the examples of {@link Blocking}, and the JDBC one of {@link Patterns}. */
class BlockingTest {

  private final List<Object> calls = Collections.synchronizedList(new ArrayList<>());
  private final Semaphore cancelled = new Semaphore(0);

  /** A driver whose query hangs until it is cancelled, and does not react to interrupts. */
  private <T> T driver(Class<T> type) {
    InvocationHandler handler =
        (proxy, method, args) ->
            switch (method.getName()) {
              case "getConnection" -> driver(Connection.class);
              case "createStatement" -> driver(Statement.class);
              case "setQueryTimeout" -> {
                calls.add(args[0]);
                yield null;
              }
              case "executeQuery" -> {
                cancelled.acquireUninterruptibly();
                throw new SQLException("the query was cancelled");
              }
              case "cancel" -> {
                calls.add("cancel");
                cancelled.release();
                yield null;
              }
              case "close" -> {
                calls.add("close");
                yield null;
              }
              default -> throw new UnsupportedOperationException(method.getName());
            };
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private int queryTimeout(Duration timeout) throws SQLException, InterruptedException {
    calls.clear();
    Scopes.timeout(timeout).run(scope -> Patterns.deadline(driver(Statement.class)));
    return (int) calls.getFirst();
  }

  @Test
  void the_deadline_reaches_jdbc_in_seconds_and_never_as_zero() throws Exception {
    int most = queryTimeout(Duration.ofSeconds(60));
    assertTrue(most > 30 && most < 60, () -> most + " s");
    Pace.repeat(() -> {
      assertEquals(1, queryTimeout(Duration.ofMillis(999)));
      return true;
    });
  }

  @Test
  void no_deadline_is_a_very_long_query_timeout() throws Exception {
    Patterns.deadline(driver(Statement.class));
    assertEquals(Integer.MAX_VALUE, calls.getFirst());
  }

  @Test
  void deadline_reaches_a_connection_that_does_not_react_to_interrupts() throws Exception {
    try (var server = new LoopbackServer(LoopbackServer.SILENCE)) {
      int port = ((InetSocketAddress) server.address()).getPort();
      URI uri = URI.create("http://127.0.0.1:" + port + "/");
      Exception thrown =
          assertThrows(
              Exception.class,
              () -> Scopes.timeout(Duration.ofMillis(200)).call(scope -> Blocking.http(uri)));
      // Both times are the same, so either can expire first.
      assertTrue(thrown instanceof IOException || thrown instanceof ScopeTimeoutException);
    }
  }

  @Test
  void blocking_cancels_a_query_then_statement_and_connection_are_closed() {
    assertThrows(ScopeTimeoutException.class, () -> Blocking.jdbc(driver(DataSource.class)));
    assertEquals(List.of("cancel", "close", "close"), calls);
  }

  @Test
  void blocking_closes_a_socket_that_no_interrupt_reaches() throws Exception {
    try (var server = new LoopbackServer(LoopbackServer.SILENCE)) {
      assertThrows(ScopeTimeoutException.class, () -> Blocking.socket(server.address()));
    }
  }

  @Test
  void blocking_destroys_a_process_that_would_run_on() throws Exception {
    assertEquals("done\n", Blocking.process(new ProcessBuilder("echo", "done")));
    var command = new ProcessBuilder("sleep", "60");
    assertThrows(ScopeTimeoutException.class, () -> Blocking.process(command));
  }

  @Test
  void checkpoint_ends_a_loop_that_never_blocks() throws Exception {
    assertEquals(6, Blocking.checkpoint(new long[] {1, 2, 3}));
    assertThrows(
        ScopeTimeoutException.class,
        () ->
            Scopes.timeout(Duration.ofMillis(50))
                .run(scope -> {
                  while (true) {
                    Blocking.checkpoint(new long[4096]);
                  }
                }));
  }
}
