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

/** Runs the example with timeouts that a busy machine keeps. */
class ExampleTest {

  /** For a way that leaves nothing: its counts end as soon as nothing is left. */
  private static final Setting PATIENT = setting(Duration.ofSeconds(20));

  /** For a way that leaks: what is left now is left for as long as a supplier hangs. */
  private static final Setting SHORT = setting(Duration.ofMillis(500));

  private static Setting setting(Duration after) {
    return new Setting(
        Duration.ofSeconds(4), Duration.ofMillis(50), Duration.ofMinutes(2), after, after);
  }

  private static final Tally EXPECTED = new Tally(4, 2, 2);

  @Test
  void the_scope_leaves_no_request_running_and_no_thread_behind()
      throws IOException, InterruptedException {
    Trial.Row row = new Trial(PATIENT, List.of()).of(new Contender("Holdfast", HoldfastWay::new));
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
    try (Suppliers suppliers = Suppliers.start(PATIENT)) {
      List<URI> urls = List.of(suppliers.uris().getFirst());
      Trial.Row row = new Trial(PATIENT, urls).of(new Contender("Holdfast", HoldfastWay::new));
      assertEquals(new Tally(1, 0, 0), row.tally());
      assertEquals(OptionalInt.empty(), row.requests());
      assertFalse(Table.of(PATIENT, List.of(row)).contains("requests"));
    }
  }
}
