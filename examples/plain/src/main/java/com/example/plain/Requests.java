package com.example.plain;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.holdfast.Guard;
import dev.holdfast.GuardFullException;
import dev.holdfast.ScopeTimeoutException;
import dev.holdfast.Scopes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Runs each request in a scope whose timeout its caller sets. */
final class Requests implements HttpHandler {

  /** How long the caller waits for the answer: a duration, because clocks differ. */
  static final String TIMEOUT = "X-Timeout-Millis";

  private static final long LONGEST = 2000;
  private static final Guard PLACES =
      Guard.named("requests").maxConcurrent(64).waitingUpTo(Duration.ofMillis(200));

  private final Orders orders;
  private final Upstreams upstreams;
  private volatile boolean draining;

  Requests(Orders orders, Upstreams upstreams) {
    this.orders = orders;
    this.upstreams = upstreams;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try {
      String body =
          Scopes.named("request")
              .timeout(timeout(exchange))
              .grace(
                  Duration.ofSeconds(1)) // on a loaded machine, a warning of a stuck task can wait
              .call(scope -> PLACES.call(place -> body(exchange)));
      answer(exchange, 200, body);
    } catch (ScopeTimeoutException e) {
      answer(exchange, 504, "");
    } catch (GuardFullException e) {
      exchange.getResponseHeaders().set("Retry-After", "1");
      answer(exchange, 503, "");
    } catch (InterruptedException e) { // the service ends, and this request has taken too long
      Thread.currentThread().interrupt();
      answer(exchange, 503, "");
    } catch (Exception e) {
      answer(exchange, 502, "");
    } finally {
      exchange.close();
    }
  }

  private String body(HttpExchange exchange) throws Exception {
    String[] path = exchange.getRequestURI().getPath().split("/");
    int item = Integer.parseInt(path[2]);
    return exchange.getRequestMethod().equals("POST")
        ? Long.toString(orders.place(item))
        : upstreams.offer(item).toString();
  }

  /** The answer is sent when the scope of the request has ended: nothing interrupts it. */
  private void answer(HttpExchange exchange, int status, String body) throws IOException {
    if (draining) {
      exchange.getResponseHeaders().set("Connection", "close");
    }
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  /** Has the clients close their connections. */
  void drain() throws InterruptedException {
    draining = true;
    Thread.sleep(500);
  }

  private static Duration timeout(HttpExchange exchange) {
    String header = exchange.getRequestHeaders().getFirst(TIMEOUT);
    try {
      long millis = header == null ? LONGEST : Long.parseLong(header);
      return Duration.ofMillis(Math.clamp(millis, 1, LONGEST));
    } catch (NumberFormatException e) {
      return Duration.ofMillis(LONGEST);
    }
  }
}
