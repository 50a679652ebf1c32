package dev.holdfast.example;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Completable futures with {@code orTimeout}. */
final class CompletableFutureWay implements Way {

  private final Http http;
  private final Duration timeout;
  private final ExecutorService pool =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("call-", 1).factory());

  CompletableFutureWay(Http http, Duration timeout) {
    this.http = http;
    this.timeout = timeout;
  }

  @Override
  public Tally ask(List<URI> suppliers) {
    List<CompletableFuture<String>> futures =
        suppliers.stream()
            .map(supplier ->
                CompletableFuture.supplyAsync(() -> get(supplier), pool)
                    .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS))
            .toList();
    Tally tally = Tally.ZERO;
    for (CompletableFuture<String> future : futures) {
      try {
        future.join();
        tally = tally.answer();
      } catch (CompletionException e) {
        tally = e.getCause() instanceof TimeoutException ? tally.timeout() : tally.failure();
      }
    }
    return tally;
  }

  private String get(URI supplier) {
    try {
      return http.get(supplier);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException();
    }
  }

  @Override
  public void close() {
    pool.shutdownNow();
  }
}
