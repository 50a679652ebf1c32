package dev.holdfast.doc;

import com.sun.net.httpserver.HttpServer;
import dev.holdfast.diagnostics.HoldfastMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/** The examples of monitoring in the documentation. */
final class MonitoringPatterns {

  private MonitoringPatterns() {}

  static HttpServer serve(InetSocketAddress address) throws IOException {
    // @start region="metrics"
    var registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    new HoldfastMetrics().bindTo(registry);
    // @end
    // @start region="metrics-http"
    HttpServer server = HttpServer.create(address, 0);
    server.createContext(
        "/metrics",
        exchange -> {
          byte[] body = registry.scrape().getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4");
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    // @end
    return server;
  }
}
