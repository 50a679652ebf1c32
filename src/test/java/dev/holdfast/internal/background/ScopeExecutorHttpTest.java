package dev.holdfast.internal.background;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.holdfast.Scope;
import dev.holdfast.Scopes;
import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.LeavesNothing;
import java.io.IOException;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A client and a server of the JDK that get their threads from a scope. */
@LeavesNothing
class ScopeExecutorHttpTest {

  private final AtomicInteger outside = new AtomicInteger();
  private final CountDownLatch asked = new CountDownLatch(1);

  private HttpServer serve(Scope scope) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(scope.executor());
    server.createContext("/", this::answer);
    server.createContext(
        "/never",
        exchange -> {
          asked.countDown();
          try {
            Blocked.forever();
          } catch (InterruptedException e) {
            exchange.close();
          }
        });
    server.start();
    scope.onExit(() -> server.stop(0));
    return server;
  }

  private void answer(HttpExchange exchange) throws IOException {
    if (ThreadScope.current() == null) {
      outside.incrementAndGet();
    }
    exchange.sendResponseHeaders(200, 2);
    exchange.getResponseBody().write(new byte[] {'o', 'k'});
    exchange.close();
  }

  private static HttpRequest request(HttpServer server, String path) {
    return HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path))
        .build();
  }

  @Test
  void client_and_server_run_on_it() throws Exception {
    Scopes.named("http")
        .timeout(Duration.ofSeconds(20))
        .run(scope -> {
          HttpServer server = serve(scope);
          HttpClient client = scope.use(HttpClient.newBuilder().executor(scope.executor()).build());
          List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
          for (int i = 0; i < 50; i++) {
            answers.add(client.sendAsync(request(server, "/"), BodyHandlers.ofString()));
          }
          for (CompletableFuture<HttpResponse<String>> answer : answers) {
            assertEquals("ok", answer.get().body());
          }
          assertEquals("ok", client.send(request(server, "/"), BodyHandlers.ofString()).body());
        });
    assertEquals(0, outside.get());
  }

  @Test
  void a_handler_that_hangs_ends_with_the_scope() {
    // The server may close the connection first.
    assertThrows(
        Exception.class,
        () ->
            Scopes.named("http")
                .run(scope -> {
                  HttpServer server = serve(scope);
                  HttpClient client =
                      scope.use(HttpClient.newBuilder().executor(scope.executor()).build());
                  scope.fork(() -> {
                    asked.await();
                    scope.cancel("enough");
                  });
                  client.send(request(server, "/never"), BodyHandlers.ofString());
                }));
    assertTrue(asked.getCount() == 0);
  }
}
