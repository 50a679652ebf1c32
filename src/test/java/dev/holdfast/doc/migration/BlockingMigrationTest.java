package dev.holdfast.doc.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.failsafe.Failsafe;
import dev.failsafe.RetryPolicy;
import dev.holdfast.ScopeTimeoutException;
import dev.holdfast.Scopes;
import dev.holdfast.doc.migration.Context.Mdc;
import dev.holdfast.doc.migration.Trade.Quote;
import dev.holdfast.doc.migration.Trade.Supplier;
import dev.holdfast.junit.LeakFree;
import dev.holdfast.testing.Pace;
import dev.holdfast.testing.Poll;
import io.micrometer.context.ContextRegistry;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Runs the migrations of JDBC, Failsafe, the MDC and loops. */
// Failsafe's pools last as long as the JVM. If the common pool has one thread, Failsafe creates
// another pool, whose threads may start one another.
@LeakFree(ignoreThreads = {"FailsafeDelayScheduler", "ForkJoinPool-"})
class BlockingMigrationTest {

  private static final Quote CHEAP = new Quote("s", 1);

  private final List<String> calls = Collections.synchronizedList(new ArrayList<>());
  private final Semaphore cancelled = new Semaphore(0);
  private final AtomicInteger queries = new AtomicInteger();
  private final AtomicBoolean enough = new AtomicBoolean();
  private final CountDownLatch answered = new CountDownLatch(1);

  @AfterEach
  void nothing_stays_behind() {
    enough.set(true);
    cancelled.release();
    Poll.until(() -> queries.get() == 0);
    assertEquals(0, queries.get());
    Mdc.clear();
  }

  /** A database whose query hangs until it is cancelled and ignores interrupts. */
  private <T> T driver(Class<T> type) {
    InvocationHandler handler =
        (proxy, method, args) ->
            switch (method.getName()) {
              case "getConnection" -> driver(Connection.class);
              case "createStatement" -> driver(Statement.class);
              case "executeQuery" -> {
                queries.incrementAndGet();
                try {
                  cancelled.acquireUninterruptibly();
                } finally {
                  queries.decrementAndGet();
                }
                throw new SQLException("the query was cancelled");
              }
              case "cancel" -> {
                calls.add("cancel");
                cancelled.release();
                yield null;
              }
              case "close" -> {
                calls.add("close " + type.getSimpleName());
                yield null;
              }
              default -> throw new UnsupportedOperationException(method.getName());
            };
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  @Test
  void a_query_runs_on_after_the_timeout_of_its_future() {
    try (var before = new Query.Before()) {
      try {
        assertThrows(TimeoutException.class, () -> before.highest(driver(DataSource.class)));
        assertEquals(1, queries.get());
        assertEquals(List.of(), calls);
      } finally {
        cancelled.release(); // otherwise the pool could not be closed
      }
    }
  }

  @Test
  void a_scope_cancels_the_query_before_it_closes_the_connection() {
    var after = new Query.After();
    assertThrows(ScopeTimeoutException.class, () -> after.highest(driver(DataSource.class)));
    assertEquals(0, queries.get());
    assertEquals(List.of("cancel", "close Statement", "close Connection"), calls);
  }

  /** Counts its calls and fails until {@link #enough} is set. */
  private Supplier failing(AtomicInteger attempts) {
    return product -> {
      attempts.incrementAndGet();
      if (enough.get()) {
        answered.countDown();
        return CHEAP;
      }
      throw new IOException("no answer");
    };
  }

  @Test
  void retries_go_on_after_the_timeout_of_their_future() throws Exception {
    var attempts = new AtomicInteger();
    assertThrows(TimeoutException.class, () -> new Retry.Before().quote(failing(attempts), "p"));
    int atReturn = attempts.get();
    Poll.until(() -> attempts.get() > atReturn);
    assertTrue(attempts.get() > atReturn);
    enough.set(true);
    answered.await(); // otherwise they would run on during other tests
  }

  @Test
  void the_deadline_of_a_scope_ends_the_retries() {
    var attempts = new AtomicInteger();
    assertThrows(
        ScopeTimeoutException.class, () -> new Retry.After().quote(failing(attempts), "p"));
    assertTrue(attempts.get() > 1, attempts::toString);
  }

  @Test
  void the_deadline_of_a_scope_ends_an_attempt() {
    var attempts = new AtomicInteger();
    Supplier hangs =
        product -> {
          attempts.incrementAndGet();
          Thread.sleep(Duration.ofMinutes(1));
          return CHEAP;
        };
    assertThrows(ScopeTimeoutException.class, () -> new Retry.After().quote(hangs, "p"));
    assertEquals(1, attempts.get());
  }

  @Test
  void retries_return_the_result_of_the_attempt_that_succeeds() throws Exception {
    enough.set(true);
    assertEquals(CHEAP, new Retry.Before().quote(failing(new AtomicInteger()), "p"));
    assertEquals(CHEAP, new Retry.After().quote(failing(new AtomicInteger()), "p"));
  }

  /** A policy that retries everything also retries an interrupt. */
  @Test
  void the_deadline_ends_a_policy_that_retries_interrupts() {
    RetryPolicy<Quote> everything =
        RetryPolicy.<Quote>builder().withDelay(Duration.ofMinutes(1)).withMaxRetries(1000).build();
    Supplier hangs =
        product -> {
          Thread.sleep(Duration.ofMinutes(1));
          return CHEAP;
        };
    assertThrows(
        ScopeTimeoutException.class,
        () ->
            Scopes.timeout(Duration.ofMillis(50))
                .call(scope -> Failsafe.with(everything).get(() -> hangs.quote("p"))));
  }

  /** Records the request under which a line would be logged. */
  private static Quote log(List<Object> seen) {
    Map<String, String> context = Mdc.get();
    seen.add(context == null ? "nothing" : context.get("request"));
    return CHEAP;
  }

  @Test
  void a_pool_thread_keeps_the_context_of_the_previous_request() throws Exception {
    List<Object> seen = Collections.synchronizedList(new ArrayList<>());
    try (var before = new Context.Before()) {
      Mdc.set(Map.of("request", "first"));
      before.quote(product -> log(seen), "p").get();
      Mdc.set(Map.of("request", "second"));
      before.pool().submit(() -> log(seen)).get(); // copies no context
      assertEquals(List.of("first", "first"), seen);
    }
  }

  @Test
  void a_scope_passes_its_context_to_its_tasks() throws Exception {
    List<Object> seen = Collections.synchronizedList(new ArrayList<>());
    Context.After.atStart();
    try {
      Mdc.set(Map.of("request", "first"));
      List<Supplier> suppliers = List.of(product -> log(seen), product -> log(seen));
      new Context.After().quotes(suppliers, "p");
      Mdc.set(Map.of("request", "second"));
      Scopes.run(scope -> scope.fork(() -> new Context.After().quotes(suppliers, "p")));
      Mdc.clear();
      Scopes.run(scope -> scope.fork(() -> log(seen)));
      assertEquals(List.of("first", "first", "second", "second", "nothing"), seen);
      assertNull(Mdc.get());
    } finally {
      ContextRegistry.getInstance().removeThreadLocalAccessor("mdc");
    }
  }

  @Test
  void a_handler_sets_the_context_of_its_message() throws Exception {
    Map<String, Object> seen = new ConcurrentHashMap<>();
    List<Context.Message> messages =
        IntStream.range(0, 100)
            .mapToObj(Integer::toString)
            .map(order -> new Context.Message(order, Map.of("request", order)))
            .toList();
    Context.perMessage(messages, order -> seen.put(order, Mdc.get().get("request")));
    assertEquals(100, seen.size());
    seen.forEach((order, request) -> assertEquals(order, request));
  }

  @Test
  void both_find_the_number() throws Exception {
    try (var before = new Loop.Before()) {
      assertEquals(5000, before.search(n -> n == 5000));
    }
    assertEquals(5000, new Loop.After().search(n -> n == 5000));
  }

  @Test
  void a_loop_does_not_notice_that_its_future_was_cancelled() {
    try (var before = new Loop.Before()) {
      assertThrows(TimeoutException.class, () -> before.search(n -> enough.get()));
      assertTrue(before.isSearching());
      enough.set(true);
    }
  }

  @Test
  void a_checkpoint_ends_a_loop_at_the_timeout() {
    assertThrows(ScopeTimeoutException.class, () -> new Loop.After().search(n -> false));
  }

  @Test
  void a_checkpoint_ends_a_loop_on_a_platform_thread() throws Exception {
    Pace.find(time -> {
      var thread = new AtomicReference<Thread>();
      assertThrows(
          ScopeTimeoutException.class,
          () ->
              Scopes.timeout(time)
                  .threads(Thread.ofPlatform().factory())
                  .run(scope ->
                      scope.fork(() -> {
                        thread.set(Thread.currentThread());
                        while (true) {
                          Scopes.checkpoint();
                        }
                      })));
      if (thread.get() == null) {
        return false;
      }
      assertFalse(thread.get().isVirtual());
      assertEquals(Thread.State.TERMINATED, thread.get().getState());
      return true;
    });
  }
}
