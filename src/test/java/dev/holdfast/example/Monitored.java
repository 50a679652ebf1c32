package dev.holdfast.example;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.holdfast.RootScope;
import dev.holdfast.Scopes;
import dev.holdfast.diagnostics.HoldfastMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A service with a leak: each order leaves a task behind that waits for an answer without end.
 * Prometheus can scrape it; see docs/monitoring/prove.sh.
 *
 * <p>{@code /heal} ends the tasks. {@code /quit} ends the service, which otherwise ends after two
 * minutes.
 */
public final class Monitored {

  private static final int ORDERS = 600;
  private static final long MINUTES = 2;

  private Monitored() {}

  /**
   * Runs the service.
   *
   * @param args none
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    new HoldfastMetrics().bindTo(registry);
    var quit = new CountDownLatch(1);
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    try (RootScope orders = Scopes.open(Scopes.named("orders").limit(ORDERS))) {
      for (int i = 0; i < ORDERS; i++) {
        orders.run(scope -> scope.fork("order", Monitored::awaitAnswer));
      }
      server.createContext("/metrics", exchange -> answer(exchange, registry.scrape()));
      server.createContext(
          "/heal",
          exchange -> {
            orders.cancel("healed");
            answer(exchange, "ok");
          });
      server.createContext(
          "/quit",
          exchange -> {
            answer(exchange, "ok");
            quit.countDown();
          });
      server.start();
      System.out.println("127.0.0.1:" + server.getAddress().getPort());
      if (!quit.await(MINUTES, TimeUnit.MINUTES)) {
        System.out.println("No /quit request arrived.");
      }
    } finally {
      server.stop(0);
    }
  }

  private static void awaitAnswer() throws InterruptedException {
    new CountDownLatch(1).await();
  }

  private static void answer(HttpExchange exchange, String text) throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }
}
