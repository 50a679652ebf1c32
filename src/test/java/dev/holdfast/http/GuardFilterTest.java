package dev.holdfast.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.Filter;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import dev.holdfast.Deadline;
import dev.holdfast.Guard;
import dev.holdfast.ScopeTimeoutException;
import dev.holdfast.Scopes;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LawFixtures;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Pace;
import dev.holdfast.testing.Poll;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@LeavesNothing
class GuardFilterTest {

  private static final Duration RETRY = Duration.ofMillis(1500);
  private static final Duration SHORT = Duration.ofMillis(50);

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient client = HttpClient.newHttpClient();
  private HttpServer server;

  /** What left the filter. */
  private final AtomicReference<Throwable> thrown = new AtomicReference<>();

  @AfterEach
  void close() {
    client.close();
    if (server != null) {
      server.stop(0);
    }
    threads.close();
  }

  private void serve(Guard guard, HttpHandler handler) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    List<Filter> filters = server.createContext("/", handler).getFilters();
    filters.add(
        new Filter() {
          @Override
          public void doFilter(HttpExchange exchange, Chain chain) throws IOException {
            try {
              chain.doFilter(exchange);
            } catch (Throwable t) {
              thrown.set(t);
              throw t;
            }
          }

          @Override
          public String description() {
            return "remembers what is thrown";
          }
        });
    filters.add(GuardFilter.of(guard, RETRY));
    server.start();
  }

  private HttpRequest request() {
    return HttpRequest.newBuilder(
            URI.create("http://localhost:" + server.getAddress().getPort() + "/"))
        .timeout(Duration.ofSeconds(20))
        .build();
  }

  private HttpResponse<String> get() throws IOException, InterruptedException {
    return client.send(request(), BodyHandlers.ofString());
  }

  private static void answer(HttpExchange exchange, String text) throws IOException {
    byte[] body = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  /** The JDK's server does not say what a handler that was interrupted is to throw. */
  private static void blockUntilInterrupted() throws IOException {
    try {
      Blocked.forever();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException();
    }
  }

  private static void assertSentAway(HttpResponse<String> response) {
    assertEquals(503, response.statusCode());
    assertEquals("2", response.headers().firstValue("Retry-After").orElse(null));
    assertEquals("", response.body());
  }

  @Test
  void a_request_is_handled_in_the_scope_of_the_guard() throws Exception {
    Guard guard = Guard.named("door").maxConcurrent(1);
    serve(
        guard,
        exchange -> {
          assertEquals(1, guard.inside());
          assertTrue(Scopes.deadline() != Deadline.NONE);
          answer(exchange, "handled");
        });
    for (int i = 0; i < 3; i++) {
      Poll.until(() -> guard.inside() == 0);
      HttpResponse<String> response = get();
      assertEquals(200, response.statusCode());
      assertEquals("handled", response.body());
    }
    Poll.until(() -> guard.inside() == 0);
    assertEquals(0, guard.inside());
    assertEquals(0, guard.refused());
  }

  @Test
  void a_full_guard_answers_503_with_retry_after() throws Exception {
    for (Guard guard :
        List.of(
            Guard.named("rejecting").maxConcurrent(2),
            Guard.named("skipping").maxConcurrent(2).skipping(),
            Guard.named("waiting").maxConcurrent(2).waitingUpTo(SHORT))) {
      if (server != null) {
        server.stop(0);
      }
      var go = new CountDownLatch(1);
      serve(
          guard,
          exchange -> {
            Blocked.stubbornly(go);
            answer(exchange, "handled");
          });
      List<OnThread<HttpResponse<String>>> held = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        held.add(OnThread.start(this::get));
      }
      Poll.until(() -> guard.inside() == 2);
      assertSentAway(get());
      assertSentAway(get()); // the connection is still usable
      assertEquals(2, guard.refused());
      go.countDown();
      for (OnThread<HttpResponse<String>> call : held) {
        assertEquals(200, call.value().statusCode());
      }
      Poll.until(() -> guard.inside() == 0);
      assertEquals(200, get().statusCode());
    }
    assertEquals(null, thrown.get());
  }

  @Test
  void a_request_with_a_body_is_rejected_too() throws Exception {
    Guard guard = Guard.named("door").maxConcurrent(1);
    serve(guard, exchange -> answer(exchange, "handled"));
    guard.run(scope -> {
      HttpRequest post =
          HttpRequest.newBuilder(request().uri())
              .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[10_000]))
              .build();
      assertSentAway(client.send(post, BodyHandlers.ofString()));
    });
    assertEquals(200, get().statusCode());
  }

  @Test
  void a_timeout_before_the_response_has_begun_answers_503() throws Exception {
    Guard guard = Guard.named("door").timeout(SHORT);
    serve(guard, exchange -> blockUntilInterrupted());
    assertSentAway(get());
    assertEquals(0, guard.inside());
    assertEquals(null, thrown.get());
  }

  @Test
  void a_timeout_after_the_response_has_begun_is_thrown() throws Exception {
    Pace.find(time -> {
      var begun = new AtomicBoolean();
      thrown.set(null);
      serve(
          Guard.named("door").timeout(time),
          exchange -> {
            exchange.sendResponseHeaders(200, 10);
            exchange.getResponseBody().flush();
            begun.set(true);
            blockUntilInterrupted();
          });
      var answer = OnThread.start(this::get).end();
      server.stop(0);
      if (begun.get()) {
        assertInstanceOf(IOException.class, answer.thrown());
        // The exception of the previous try may arrive only now.
        Poll.until(
            () -> thrown.get() instanceof ScopeTimeoutException e && e.timeout().equals(time));
        assertEquals(time, ((ScopeTimeoutException) thrown.get()).timeout());
      }
      return begun.get();
    });
  }

  @Test
  void another_guard_that_is_full_answers_503() throws Exception {
    Guard inner = Guard.named("inner").maxConcurrent(1);
    serve(
        Guard.named("door"),
        exchange -> {
          try {
            inner.run(scope -> answer(exchange, "handled"));
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
        });
    inner.run(scope -> assertSentAway(get()));
    assertEquals(200, get().statusCode());
  }

  @Test
  void the_exception_of_the_handler_is_thrown_itself() throws Exception {
    Guard guard = Guard.named("door").maxConcurrent(1);
    for (Exception failure : List.of(new IOException("planned"), new IllegalStateException("p"))) {
      if (server != null) {
        server.stop(0);
      }
      serve(
          guard,
          exchange -> {
            throw LawFixtures.sneak(failure);
          });
      thrown.set(null);
      assertThrows(IOException.class, this::get);
      Poll.until(() -> thrown.get() != null);
      assertEquals(failure, thrown.get());
      assertEquals(0, guard.inside());
    }
  }

  @EachThreadKind
  void an_interrupt_is_set_again(java.util.concurrent.ThreadFactory factory) throws Exception {
    Guard guard = Guard.named("door").maxConcurrent(1).waitingUpTo(Duration.ofSeconds(30));
    Filter filter = GuardFilter.of(guard, RETRY);
    guard.run(scope -> {
      OnThread<Void> waits = OnThread.run(factory, () -> filter.doFilter(null, null));
      Poll.until(() -> guard.waiting() == 1);
      waits.interrupt();
      Throwable stopped = assertInstanceOf(InterruptedIOException.class, waits.thrown());
      assertInstanceOf(InterruptedException.class, stopped.getCause());
      assertTrue(waits.flag());
    });
  }

  @Test
  void retry_after_is_rounded_up_to_seconds() throws Exception {
    Guard guard = Guard.named("door").maxConcurrent(1);
    serve(guard, exchange -> answer(exchange, "handled"));
    List<Filter> filters = new ArrayList<>();
    for (Object[] pair :
        new Object[][] {
          {Duration.ofNanos(1), "1"},
          {Duration.ofSeconds(1), "1"},
          {Duration.ofSeconds(1, 1), "2"},
          {Duration.ofSeconds(Integer.MAX_VALUE), "2147483647"}
        }) {
      String path = "/" + filters.size();
      filters.add(GuardFilter.of(guard, (Duration) pair[0]));
      server
          .createContext(path, exchange -> answer(exchange, "handled"))
          .getFilters()
          .add(filters.getLast());
      guard.run(scope -> {
        HttpRequest there = HttpRequest.newBuilder(request().uri().resolve(path)).build();
        HttpResponse<String> response = client.send(there, BodyHandlers.ofString());
        assertEquals(503, response.statusCode());
        assertEquals(pair[1], response.headers().firstValue("Retry-After").orElse(null));
      });
    }
  }

  @Test
  void bad_input_is_refused_by_name() {
    Guard guard = Guard.named("door");
    assertNamed(
        "guard", assertThrows(NullPointerException.class, () -> GuardFilter.of(null, RETRY)));
    assertNamed(
        "retryAfter", assertThrows(NullPointerException.class, () -> GuardFilter.of(guard, null)));
    for (Duration bad :
        List.of(
            Duration.ZERO,
            Duration.ofNanos(-1),
            Duration.ofDays(400_000),
            Duration.ofSeconds(Long.MAX_VALUE))) {
      assertNamed(
          "retryAfter",
          assertThrows(IllegalArgumentException.class, () -> GuardFilter.of(guard, bad)));
    }
    assertTrue(GuardFilter.of(guard, RETRY).description().contains("'door'"));
  }

  private static void assertNamed(String argument, Exception thrown) {
    assertTrue(thrown.getMessage().contains(argument), thrown::getMessage);
  }
}
