package com.example.load;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;

/** Clients that send one request after the other: half of them are orders. */
final class Clients implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final URI service;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<Thread> threads = new ArrayList<>();
  private final Map<Integer, LongAdder> answers = new ConcurrentSkipListMap<>();
  private final LongAdder refused = new LongAdder();
  private final LongAdder cut = new LongAdder();
  private volatile boolean stopping;

  /**
   * Starts them one after the other.
   *
   * @param service the base of the requests
   * @param count how many clients
   * @param ramp the time from the first to the last start, in which the JVM of the service warms up
   */
  Clients(URI service, int count, Duration ramp) {
    this.service = service;
    for (int i = 0; i < count; i++) {
      Duration delay = ramp.multipliedBy(i).dividedBy(count);
      threads.add(Thread.ofVirtual().start(() -> run(delay)));
    }
  }

  private void run(Duration delay) {
    try {
      Thread.sleep(delay);
      while (!stopping && sendOne()) {}
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** {@return whether the service still listens} */
  private boolean sendOne() throws InterruptedException {
    try {
      HttpResponse<Void> response = http.send(request(), BodyHandlers.discarding());
      answers.computeIfAbsent(response.statusCode(), status -> new LongAdder()).increment();
      boolean busy = response.headers().firstValue("Retry-After").isPresent();
      Thread.sleep(busy ? 1000 : ThreadLocalRandom.current().nextInt(200));
    } catch (ConnectException e) {
      refused.increment();
      return false;
    } catch (IOException e) {
      if (cut.sum() == 0) {
        System.out.println("the first request that was cut: " + e);
      }
      cut.increment();
    }
    return true;
  }

  private HttpRequest request() {
    var random = ThreadLocalRandom.current();
    boolean order = random.nextBoolean();
    String path = "/items/" + random.nextInt(100) + (order ? "/orders" : "");
    return HttpRequest.newBuilder(service.resolve(path))
        .header("X-Timeout-Millis", Integer.toString(random.nextInt(500, 1500)))
        .timeout(PATIENCE)
        .method(order ? "POST" : "GET", BodyPublishers.noBody())
        .build();
  }

  /** {@return how many answers there were of each status} */
  Map<Integer, LongAdder> answers() {
    return answers;
  }

  /** {@return how many requests were sent and not answered} */
  long cut() {
    return cut.sum();
  }

  /** {@return how many clients could not connect, because the service no longer listened} */
  long refused() {
    return refused.sum();
  }

  /** Lets every client end its request. */
  void stop() throws InterruptedException {
    stopping = true;
    for (Thread thread : threads) {
      thread.join();
    }
  }

  @Override
  public void close() {
    http.close();
  }
}
