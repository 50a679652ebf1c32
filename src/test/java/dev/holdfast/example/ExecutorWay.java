package dev.holdfast.example;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** An executor with a timeout for each {@code get}. */
final class ExecutorWay implements Way {

  private final Http http;
  private final Duration timeout;
  private final ExecutorService pool =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("call-", 1).factory());

  ExecutorWay(Http http, Duration timeout) {
    this.http = http;
    this.timeout = timeout;
  }

  @Override
  public Tally ask(List<URI> suppliers) throws InterruptedException {
    List<Future<String>> futures =
        suppliers.stream().map(supplier -> pool.submit(() -> http.get(supplier))).toList();
    Tally tally = Tally.ZERO;
    for (Future<String> future : futures) {
      try {
        future.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        tally = tally.answer();
      } catch (ExecutionException e) {
        tally = tally.failure();
      } catch (TimeoutException e) {
        tally = tally.timeout();
      }
    }
    return tally;
  }

  @Override
  public void close() {
    pool.shutdownNow();
  }
}
