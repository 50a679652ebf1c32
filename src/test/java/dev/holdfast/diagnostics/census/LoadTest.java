package dev.holdfast.diagnostics.census;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoadTest {

  private HttpServer server;
  private volatile String page = "";

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] body = page.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private Load load(String metric) {
    return Load.at("http://127.0.0.1:" + server.getAddress().getPort() + "/metrics" + metric);
  }

  @Test
  void a_page_may_be_a_number() throws Exception {
    page = " 1.25e2\n";
    assertEquals(125, load("").read());
  }

  @Test
  void a_gauge_of_prometheus_is_the_sum_of_its_series() throws Exception {
    page = "# HELP busy x\nbusy{a=\"}\"} 3\nbusy{a=\"y\"} 4.5 1700000000\nbusy_more 9\n";
    assertEquals(7.5, load("#busy").read());
  }

  @Test
  void a_counter_is_a_rate_from_the_second_reading_on() throws Exception {
    page = "requests_total 100\n";
    Load load = load("#requests_total");
    assertTrue(Double.isNaN(load.read()));
    page = "requests_total 200\n";
    double rate = load.read();
    assertTrue(rate > 0 && rate <= 100 / 1e-6, () -> String.valueOf(rate));
    page = "requests_total 5\n";
    assertTrue(Double.isNaN(load.read()), "the service was restarted");
  }

  @Test
  void a_metric_of_the_actuator_is_read() throws Exception {
    page = "{\"name\":\"x\",\"measurements\":[{\"statistic\":\"VALUE\",\"value\":8.0}]}";
    assertEquals(8, load("").read());
    page = "{\"name\":\"x\",\"measurements\":[{\"statistic\":\"COUNT\",\"value\":8.0}]}";
    assertTrue(Double.isNaN(load("").read()));
  }

  @Test
  void a_page_without_the_metric_says_how_to_name_it() {
    page = "other 1\n";
    IOException none = assertThrows(IOException.class, () -> load("#busy").read());
    assertTrue(String.valueOf(none.getMessage()).startsWith("There is no number for busy"));
    server.stop(0);
    IOException gone = assertThrows(IOException.class, () -> load("").read());
    assertTrue(String.valueOf(gone.getMessage()).startsWith("The load could not be read from"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "requests", "file:/etc/passwd", "ftp://a/b", "http://", "a b"})
  void other_addresses_are_refused(String address) {
    assertThrows(IllegalArgumentException.class, () -> Load.at(address));
  }
}
