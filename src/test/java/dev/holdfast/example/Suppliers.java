package dev.holdfast.example;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** HTTP servers on loopback, some fast, one slow, some failing, some hanging. */
final class Suppliers implements AutoCloseable {

  /** The prefix of the server threads, which the thread count leaves out. */
  static final String THREADS = "supplier-";

  private static final Duration DRIP = Duration.ofMillis(20);

  /** How a supplier answers. */
  private interface Manner {
    void answer(HttpExchange exchange) throws IOException, InterruptedException;
  }

  private final List<HttpServer> servers = new ArrayList<>();
  private final AtomicInteger busy = new AtomicInteger();
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name(THREADS, 0).factory());

  private Suppliers() {}

  static Suppliers start(Setting setting) throws IOException {
    var suppliers = new Suppliers();
    suppliers.add(exchange -> quote(exchange, "1999"));
    suppliers.add(exchange -> hang(exchange, setting.hang()));
    suppliers.add(exchange -> quote(exchange, "2050"));
    suppliers.add(Suppliers::fail);
    suppliers.add(exchange -> slow(exchange, setting.slow()));
    suppliers.add(exchange -> hang(exchange, setting.hang()));
    suppliers.add(exchange -> quote(exchange, "1890"));
    suppliers.add(Suppliers::fail);
    return suppliers;
  }

  static String describe(Setting setting) {
    return "8 suppliers: 3 answer at once, 1 after "
        + setting.slow().toMillis()
        + " ms, 2 fail with 500, 2 hang for "
        + setting.hang().toMillis()
        + " ms.";
  }

  private void add(Manner manner) throws IOException {
    var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", exchange -> handle(exchange, manner));
    server.start();
    servers.add(server);
  }

  private void handle(HttpExchange exchange, Manner manner) {
    busy.incrementAndGet();
    try (exchange;
        InputStream request = exchange.getRequestBody()) {
      request.readAllBytes();
      manner.answer(exchange);
    } catch (IOException clientIsGone) {
      // the client has closed the connection
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
    } finally {
      busy.decrementAndGet();
    }
  }

  private static void quote(HttpExchange exchange, String cents) throws IOException {
    byte[] body = cents.getBytes(UTF_8);
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
  }

  private static void slow(HttpExchange exchange, Duration delay)
      throws IOException, InterruptedException {
    Thread.sleep(delay);
    quote(exchange, "1795");
  }

  private static void fail(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(500, -1);
  }

  /** Drips spaces, so that a write fails when the client has gone. */
  private static void hang(HttpExchange exchange, Duration time)
      throws IOException, InterruptedException {
    exchange.sendResponseHeaders(200, 0);
    OutputStream body = exchange.getResponseBody();
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() - end < 0) {
      body.write(' ');
      body.flush();
      Thread.sleep(DRIP);
    }
    body.write("1500".getBytes(UTF_8));
  }

  List<URI> uris() {
    return servers.stream()
        .map(HttpServer::getAddress)
        .map(address -> URI.create("http://127.0.0.1:" + address.getPort() + "/quote"))
        .toList();
  }

  /** {@return how many requests are being answered at this moment} */
  int busy() {
    return busy.get();
  }

  @Override
  public void close() {
    servers.forEach(server -> server.stop(0));
    threads.shutdownNow();
  }
}
