package dev.holdfast.example;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;

/** Measures one way on its own servers and HTTP client. */
final class Trial {

  /**
   * A row of the table.
   *
   * @param way the name of the way
   * @param tally what it returned
   * @param elapsed how long its call took
   * @param requests how many requests the example's own servers were still answering later
   * @param threads the names of the threads that had started since and still ran
   */
  record Row(
      String way, Tally tally, Duration elapsed, OptionalInt requests, List<String> threads) {}

  private final Setting setting;
  private final List<URI> given;

  /**
   * @param given the URLs to call; empty for servers on loopback
   */
  Trial(Setting setting, List<URI> given) {
    this.setting = setting;
    this.given = given;
  }

  Row of(Contender contender) throws IOException, InterruptedException {
    if (!given.isEmpty()) {
      return measure(contender, given, null);
    }
    try (Suppliers suppliers = Suppliers.start(setting)) {
      return measure(contender, suppliers.uris(), suppliers);
    }
  }

  private Row measure(Contender contender, List<URI> uris, Suppliers suppliers)
      throws IOException, InterruptedException {
    HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    try {
      ThreadCensus before = ThreadCensus.now();
      try (Way way = contender.maker().apply(new Http(client), setting.timeout())) {
        long start = System.nanoTime();
        Tally tally = way.ask(uris);
        long end = System.nanoTime();
        sleepUntil(end + setting.requestsAfter().toNanos());
        OptionalInt requests =
            suppliers == null ? OptionalInt.empty() : OptionalInt.of(suppliers.busy());
        sleepUntil(end + setting.threadsAfter().toNanos());
        List<String> threads = ThreadCensus.now().since(before);
        return new Row(contender.name(), tally, Duration.ofNanos(end - start), requests, threads);
      }
    } finally {
      client.shutdownNow();
    }
  }

  private static void sleepUntil(long nanos) throws InterruptedException {
    Thread.sleep(Duration.ofNanos(Math.max(0, nanos - System.nanoTime())));
  }
}
