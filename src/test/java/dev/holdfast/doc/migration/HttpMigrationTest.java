package dev.holdfast.doc.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.holdfast.testing.Pace;
import dev.holdfast.testing.Poll;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Runs the migrations of HTTP calls against a server on loopback. */
class HttpMigrationTest {

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final AtomicInteger answering = new AtomicInteger();
  private HttpServer server;
  private URI ok;
  private URI broken;

  @BeforeEach
  void open() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/ok", exchange -> answer(exchange, 200, 2));
    server.createContext("/broken", exchange -> answer(exchange, 500, 64 << 20));
    server.start();
    ok = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/ok");
    broken = ok.resolve("/broken");
  }

  /** Sends a body larger than all buffers on its way. */
  private void answer(HttpExchange exchange, int status, long length) throws IOException {
    answering.incrementAndGet();
    try (exchange) {
      exchange.sendResponseHeaders(status, length);
      OutputStream body = exchange.getResponseBody();
      byte[] part = new byte[(int) Math.min(length, 1 << 16)];
      for (long sent = 0; sent < length; sent += part.length) {
        body.write(part);
      }
    } finally {
      answering.decrementAndGet();
    }
  }

  @AfterEach
  void close() {
    Poll.until(() -> answering.get() == 0);
    server.stop(0);
    threads.close();
    assertEquals(0, answering.get());
  }

  /** {@return the selector thread of each live client} */
  private static List<Thread> clients() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().matches("HttpClient-\\d+-SelectorManager"))
        .toList();
  }

  /** An unreachable client ends some seconds after it was garbage-collected. */
  private static void awaitNoClients() {
    Poll.until(
        () -> {
          System.gc();
          return clients().isEmpty();
        },
        () -> clients() + " run on");
  }

  @Test
  void a_client_for_each_request_leaves_its_threads_behind() throws Exception {
    assumeTrue(
        Runtime.version().feature() <= 25,
        "a later client uses a virtual thread, which getAllStackTraces does not list");
    awaitNoClients();
    var before = new RequestClient.Before();
    Pace.repeat(() -> {
      for (int i = 0; i < 5; i++) {
        assertEquals("\0\0", before.get(ok));
      }
      boolean left = clients().size() > 1; // the first may have ended by now
      awaitNoClients();
      return left;
    });
  }

  @Test
  void the_client_of_a_scope_ends_with_the_scope() throws Exception {
    awaitNoClients();
    List<String> bodies = new RequestClient.After().get(List.of(ok, ok, ok));
    assertEquals(List.of("\0\0", "\0\0", "\0\0"), bodies);
    assertEquals(List.of(), clients());
  }

  @Test
  void an_unread_body_keeps_its_server_busy() throws Exception {
    HttpClient client = HttpClient.newHttpClient();
    try {
      var request = HttpRequest.newBuilder(broken).build();
      assertThrows(IOException.class, () -> new UnreadBody.Before().read(client, request));
      assertEquals(1, answering.get());
    } finally {
      client.shutdownNow();
    }
  }

  @Test
  void the_scope_closes_its_body() throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      var request = HttpRequest.newBuilder(broken).build();
      var failure =
          assertThrows(IOException.class, () -> new UnreadBody.After().read(client, request));
      assertEquals("status 500", failure.getMessage());
      Poll.until(() -> answering.get() == 0);
      assertEquals(0, answering.get());
      var fine = HttpRequest.newBuilder(ok).build();
      assertEquals("\0\0", new UnreadBody.After().read(client, fine));
    }
  }
}
