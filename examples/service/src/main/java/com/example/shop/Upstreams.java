package com.example.shop;

import dev.holdfast.Scope;
import dev.holdfast.Scopes;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/** The other services: what an item costs, whether it is in stock, when it can be delivered. */
@Component
final class Upstreams implements Background {

  private final URI prices;
  private final URI stock;
  private final URI delivery;
  private volatile HttpClient client;

  Upstreams(
      @Value("${shop.prices}") URI prices,
      @Value("${shop.stock}") URI stock,
      @Value("${shop.delivery}") URI delivery) {
    this.prices = prices;
    this.stock = stock;
    this.delivery = delivery;
  }

  @Override
  public void start(Scope scope) {
    client =
        scope.use(
            HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(1))
                .executor(scope.executor())
                .build());
  }

  /** Asks all three at once. The first failure cancels the others. */
  // @start region="service-fan-out"
  Offer offer(int item) throws IOException, InterruptedException {
    return Scopes.named("offer")
        .fanOut(
            () -> get(prices, item),
            () -> get(stock, item),
            () -> get(delivery, item),
            (cents, available, days) -> new Offer(item, cents, available, days));
  }

  // @end

  /** Has an order delivered. Doing so twice does no harm. */
  void deliver(long order) throws IOException, InterruptedException {
    send(to(delivery, "/orders/" + order).PUT(BodyPublishers.noBody()).build());
  }

  private int get(URI service, int item) throws IOException, InterruptedException {
    return Integer.parseInt(send(to(service, "/items/" + item).build()).body());
  }

  /** The upstream learns how long this service will wait. */
  private static HttpRequest.Builder to(URI service, String path) {
    long millis = Math.max(1, Scopes.deadline().remaining().toMillis());
    return HttpRequest.newBuilder(service.resolve(path))
        .header(RequestScope.TIMEOUT, Long.toString(millis));
  }

  /** An interrupt, such as that of a deadline, aborts the request and closes its connection. */
  private HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
    HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
    if (response.statusCode() != 200) {
      throw new IOException(request.uri() + " answered " + response.statusCode());
    }
    return response;
  }

  record Offer(int item, int cents, int available, int days) {}
}
