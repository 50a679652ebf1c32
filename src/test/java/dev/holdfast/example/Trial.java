package dev.holdfast.example;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Predicate;

/** Measures one way on its own servers and HTTP client. */
final class Trial {

  /**
   * A row of the table.
   *
   * @param way the name of the way
   * @param tally what it returned
   * @param elapsed how long its call took
   * @param requests how many requests the example's own servers were still answering later
   * @param threads the names of the threads that had started since and still ran later
   */
  record Row(
      String way, Tally tally, Duration elapsed, OptionalInt requests, List<String> threads) {}

  private static final Duration PAUSE = Duration.ofMillis(100);

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
        OptionalInt requests = OptionalInt.empty();
        if (suppliers != null) {
          requests =
              OptionalInt.of(
                  left(suppliers::busy, busy -> busy == 0, end, setting.requestsAfter()));
        }
        List<String> threads =
            left(
                () -> ThreadCensus.now().since(before), List::isEmpty, end, setting.threadsAfter());
        return new Row(contender.name(), tally, Duration.ofNanos(end - start), requests, threads);
      }
    } finally {
      client.shutdownNow();
    }
  }

  /** A count of what is still there. */
  private interface Count<T> {
    T now() throws IOException;
  }

  /** Counts until nothing is left or the time has passed. */
  private static <T> T left(Count<T> count, Predicate<T> nothing, long end, Duration time)
      throws IOException, InterruptedException {
    while (true) {
      boolean last = System.nanoTime() - end >= time.toNanos();
      T left = count.now();
      if (last || nothing.test(left)) {
        return left;
      }
      Thread.sleep(PAUSE);
    }
  }
}
