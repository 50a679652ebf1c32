package com.example.plain;

import dev.holdfast.Scopes;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;

/** The other services: what an item costs, whether it is in stock, when it can be delivered. */
record Upstreams(HttpClient client, URI prices, URI stock, URI delivery) {

  /** Asks all three at once. The first failure cancels the others. */
  Offer offer(int item) throws IOException, InterruptedException {
    return Scopes.named("offer")
        .fanOut(
            () -> get(prices, item),
            () -> get(stock, item),
            () -> get(delivery, item),
            (cents, available, days) -> new Offer(item, cents, available, days));
  }

  /** Has an order delivered. Doing so twice does no harm. */
  void deliver(long order) throws IOException, InterruptedException {
    send(to(delivery, "/orders/" + order).PUT(BodyPublishers.noBody()).build());
  }

  private int get(URI service, int item) throws IOException, InterruptedException {
    return Integer.parseInt(send(to(service, "/items/" + item).build()).body());
  }

  private static HttpRequest.Builder to(URI service, String path) {
    long millis = Math.max(1, Scopes.deadline().remaining().toMillis());
    return HttpRequest.newBuilder(service.resolve(path))
        .header(Requests.TIMEOUT, Long.toString(millis));
  }

  private HttpResponse<String> send(HttpRequest request) throws IOException, InterruptedException {
    HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
    if (response.statusCode() != 200) {
      throw new IOException(request.uri() + " answered " + response.statusCode());
    }
    return response;
  }

  record Offer(int item, int cents, int available, int days) {}
}
