package dev.holdfast.doc.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ScopeTimeoutException;
import dev.holdfast.doc.migration.Trade.Offer;
import dev.holdfast.doc.migration.Trade.Quote;
import dev.holdfast.doc.migration.Trade.Shop;
import dev.holdfast.doc.migration.Trade.Supplier;
import dev.holdfast.testing.Poll;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Runs the migrations of {@code invokeAll}, {@code allOf} and {@code invokeAny}. */
class FanOutMigrationTest {

  private static final Quote CHEAP = new Quote("s", 1);

  private final Gauge gauge = new Gauge();

  private final Supplier answers = product -> CHEAP;

  private final Supplier fails =
      product -> {
        throw new IOException("no " + product);
      };

  private final Supplier hangs =
      product -> {
        gauge.hang();
        return CHEAP;
      };

  private final Supplier swallowsAnInterrupt =
      product -> {
        gauge.hangOn();
        return CHEAP;
      };

  @AfterEach
  void nothing_stays_behind() {
    gauge.open();
    Poll.until(() -> gauge.inside() == 0);
    assertEquals(0, gauge.inside());
  }

  @Test
  void both_call_all_suppliers() throws Exception {
    List<Supplier> suppliers = List.of(answers, answers);
    try (var before = new InvokeAll.Before()) {
      assertEquals(List.of(CHEAP, CHEAP), before.quotes(suppliers, "p"));
    }
    assertEquals(List.of(CHEAP, CHEAP), new InvokeAll.After().quotes(suppliers, "p"));
  }

  @Test
  void invoke_all_leaves_a_task_running_that_swallows_its_interrupt() {
    try (var before = new InvokeAll.Before()) {
      try {
        assertThrows(
            CancellationException.class, () -> before.quotes(List.of(swallowsAnInterrupt), "p"));
        assertEquals(1, gauge.inside());
      } finally {
        gauge.open(); // or the pool could never be closed
      }
    }
  }

  @Test
  void invoke_all_reports_a_failure_when_the_slowest_task_has_ended() {
    try (var before = new InvokeAll.Before()) {
      long start = System.nanoTime();
      assertThrows(IOException.class, () -> before.quotes(List.of(fails, hangs), "p"));
      assertTrue(System.nanoTime() - start >= 2_000_000_000);
    }
  }

  @Test
  void a_scope_ends_a_task_that_swallows_its_interrupt() {
    assertThrows(
        ScopeTimeoutException.class,
        () -> new InvokeAll.After().quotes(List.of(swallowsAnInterrupt), "p"));
    assertEquals(0, gauge.inside());
  }

  @Test
  void a_scope_throws_a_failure_at_once() {
    var failure =
        assertThrows(
            IOException.class, () -> new InvokeAll.After().quotes(List.of(fails, hangs), "p"));
    assertEquals("no p", failure.getMessage());
    assertEquals(0, gauge.inside());
  }

  /** A shop with the given price, whose stock never arrives. */
  private Shop shop(boolean hasPrice) {
    return new Shop() {
      @Override
      public int price(String product) {
        if (!hasPrice) {
          throw new IllegalStateException("no price");
        }
        return 12;
      }

      @Override
      public int stock(String product) {
        try {
          gauge.hang();
          return 3;
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
      }

      @Override
      public void ship(String order) {}
    };
  }

  @Test
  void both_make_an_offer() throws Exception {
    gauge.open();
    assertEquals(new Offer(12, 3), new AllOf.Before().offer(shop(true), "p"));
    assertEquals(new Offer(12, 3), new AllOf.After().offer(shop(true), "p"));
  }

  @Test
  void all_of_times_out_and_its_tasks_run_on() {
    var failure =
        assertThrows(CompletionException.class, () -> new AllOf.Before().offer(shop(true), "p"));
    assertInstanceOf(TimeoutException.class, failure.getCause());
    Poll.until(() -> gauge.inside() == 1);
    assertEquals(1, gauge.inside());
  }

  @Test
  void all_of_reports_no_failure_before_the_slowest_task_has_ended() {
    var failure =
        assertThrows(CompletionException.class, () -> new AllOf.Before().offer(shop(false), "p"));
    assertInstanceOf(TimeoutException.class, failure.getCause());
    Poll.until(() -> gauge.inside() == 1);
  }

  @Test
  void a_scope_ends_its_tasks_at_its_timeout() {
    assertThrows(ScopeTimeoutException.class, () -> new AllOf.After().offer(shop(true), "p"));
    assertEquals(0, gauge.inside());
  }

  @Test
  void a_scope_throws_the_failure_of_one_task_and_ends_the_other() {
    var failure =
        assertThrows(IllegalStateException.class, () -> new AllOf.After().offer(shop(false), "p"));
    assertEquals("no price", failure.getMessage());
    assertEquals(0, gauge.inside());
  }

  /** Answers when the other replica has started, so that one replica loses. */
  private Quote answerAsSecond() {
    Poll.until(() -> gauge.inside() == 1);
    return CHEAP;
  }

  @Test
  void invoke_any_leaves_a_loser_running_that_swallows_its_interrupt() throws Exception {
    try (var before = new InvokeAny.Before()) {
      List<Supplier> replicas = List.of(swallowsAnInterrupt, product -> answerAsSecond());
      assertEquals(CHEAP, before.first(replicas, "p"));
      assertEquals(1, gauge.inside());
      gauge.open();
    }
  }

  @Test
  void invoke_any_keeps_one_of_many_failures() {
    try (var before = new InvokeAny.Before()) {
      var failure =
          assertThrows(IOException.class, () -> before.first(List.of(fails, fails, fails), "p"));
      assertEquals(0, failure.getCause().getSuppressed().length);
      assertEquals(0, failure.getSuppressed().length);
    }
  }

  @Test
  void a_race_returns_when_its_losers_have_ended() throws Exception {
    List<Supplier> replicas = List.of(swallowsAnInterrupt, product -> answerAsSecond());
    assertEquals(CHEAP, new InvokeAny.After().first(replicas, "p"));
    assertEquals(0, gauge.inside());
  }

  @Test
  void a_race_keeps_all_failures() {
    var failure =
        assertThrows(
            IOException.class,
            () -> new InvokeAny.After().first(List.of(fails, fails, fails), "p"));
    assertEquals(2, failure.getSuppressed().length);
  }
}
