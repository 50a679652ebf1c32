package dev.holdfast.doc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.holdfast.testing.LeavesNothing;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;

@LeavesNothing
class MonitoringPatternsTest {

  @Test
  void the_server_serves_the_metrics() throws Exception {
    HttpServer server =
        MonitoringPatterns.serve(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    try (HttpClient client = HttpClient.newHttpClient()) {
      URI metrics = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/metrics");
      HttpResponse<String> response =
          client.send(
              HttpRequest.newBuilder(metrics).build(), HttpResponse.BodyHandlers.ofString());
      assertEquals(200, response.statusCode());
      assertTrue(response.body().contains("holdfast_tasks_live{scope=\"(unnamed)\"}"));
    } finally {
      server.stop(0);
    }
  }
}
