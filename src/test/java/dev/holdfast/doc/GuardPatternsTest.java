package dev.holdfast.doc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.holdfast.doc.GuardPatterns.Jobs;
import dev.holdfast.doc.GuardPatterns.Refunds;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Runs the examples of {@link GuardPatterns}. */
class GuardPatternsTest {

  @Test
  void a_guard_returns_the_result_of_its_call() throws Exception {
    assertEquals("refunded 7", Refunds.refund(order -> "refunded " + order, "7"));
    assertEquals(0, Refunds.REFUND.inside());
  }

  @Test
  void a_guarded_server_answers() throws Exception {
    var loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    HttpServer server =
        GuardPatterns.serve(
            loopback,
            exchange -> {
              exchange.sendResponseHeaders(204, -1);
              exchange.close();
            });
    try (HttpClient client = HttpClient.newHttpClient();
        ExecutorService ends = (ExecutorService) server.getExecutor()) {
      URI uri = URI.create("http://localhost:" + server.getAddress().getPort() + "/refund");
      assertEquals(
          204,
          client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.discarding()).statusCode());
      server.stop(0);
      ends.shutdown();
    }
  }

  @Test
  void a_job_runs_once_more_for_all_changes_during_a_run() throws Exception {
    var runs = new AtomicInteger();
    var in = new CountDownLatch(1);
    var go = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> first =
          threads.submit(() -> {
            Jobs.onChange(scope -> {
              runs.incrementAndGet();
              in.countDown();
              go.await();
            });
            return null;
          });
      in.await();
      Future<?> second =
          threads.submit(() -> {
            Jobs.onChange(scope -> runs.incrementAndGet());
            return null;
          });
      while (Jobs.REBUILD.waiting() == 0) {
        Thread.yield();
      }
      Jobs.onChange(scope -> runs.incrementAndGet()); // skipped: the waiting run sees the change
      go.countDown();
      first.get();
      second.get();
    }
    assertEquals(2, runs.get());
    assertTrue(Jobs.REBUILD.refused() > 0);
  }
}
