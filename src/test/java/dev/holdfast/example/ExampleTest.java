package dev.holdfast.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** Runs the example with short durations. */
class ExampleTest {

  private static final Setting SHORT =
      new Setting(
          Duration.ofMillis(1000),
          Duration.ofMillis(50),
          Duration.ofSeconds(10),
          Duration.ofMillis(2000),
          Duration.ofMillis(3000));

  private static final Tally EXPECTED = new Tally(4, 2, 2);

  @Test
  void the_scope_leaves_no_request_running_and_no_thread_behind()
      throws IOException, InterruptedException {
    Trial.Row row = new Trial(SHORT, List.of()).of(new Contender("Holdfast", HoldfastWay::new));
    assertEquals(EXPECTED, row.tally());
    assertEquals(OptionalInt.of(0), row.requests());
    assertEquals(List.of(), row.threads());
  }

  /** If this fails, the example proves nothing: it counts no leaks at all. */
  @Test
  void the_example_counts_the_leaks_of_completable_futures()
      throws IOException, InterruptedException {
    Trial.Row row =
        new Trial(SHORT, List.of())
            .of(new Contender("CompletableFuture", CompletableFutureWay::new));
    assertEquals(EXPECTED, row.tally());
    assertEquals(OptionalInt.of(2), row.requests());
    assertTrue(row.threads().size() >= 2, () -> row.threads().toString());
  }

  @Test
  void the_example_counts_the_leaks_of_an_executor() throws IOException, InterruptedException {
    Trial.Row row =
        new Trial(SHORT, List.of()).of(new Contender("ExecutorService", ExecutorWay::new));
    assertEquals(EXPECTED, row.tally());
    assertEquals(OptionalInt.of(2), row.requests());
    assertTrue(row.threads().size() >= 2, () -> row.threads().toString());
  }

  @Test
  void the_table_of_given_urls_has_no_column_for_requests()
      throws IOException, InterruptedException {
    try (Suppliers suppliers = Suppliers.start(SHORT)) {
      List<URI> urls = List.of(suppliers.uris().getFirst());
      Trial.Row row = new Trial(SHORT, urls).of(new Contender("Holdfast", HoldfastWay::new));
      assertEquals(new Tally(1, 0, 0), row.tally());
      assertEquals(OptionalInt.empty(), row.requests());
      assertFalse(Table.of(SHORT, List.of(row)).contains("requests"));
    }
  }
}
