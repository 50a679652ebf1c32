package dev.holdfast.internal.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.inspect.Report;
import dev.holdfast.internal.clock.CurrentScope;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Poll;
import dev.holdfast.testing.Warnings;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@LeavesNothing
class ReportsTest {

  private static final Report REPORT =
      new Report(Report.Kind.STUCK, "orders", List.of("a", "b"), "two tasks are stuck");

  @RegisterExtension final Warnings warnings = new Warnings();

  private final List<Report> received = new ArrayList<>();
  private final List<Throwable> uncaught = new ArrayList<>();
  private final ScopeCounters counters = new CounterRegistry(1).of("orders");

  private final ThreadFactory threads =
      Thread.ofPlatform().uncaughtExceptionHandler((t, e) -> uncaught.add(e)).factory();

  private void pass() {
    OnThread.run(threads, () -> Reports.pass(REPORT, counters, CurrentScope.Place.NONE)).value();
  }

  private void passTo(Consumer<Report> listener) {
    Reports.add(listener);
    try {
      pass();
    } finally {
      Reports.remove(listener);
    }
  }

  @Test
  void a_report_is_logged_counted_and_passed_to_listeners() {
    passTo(received::add);
    assertEquals(List.of(REPORT), received);
    assertEquals(List.of(REPORT.text()), warnings.messages());
    assertEquals(2, counters.stats().stuck());
  }

  @Test
  void a_listener_does_not_find_the_interrupt_flag_of_another() {
    Consumer<Report> leaving =
        report -> {
          assertFalse(Thread.currentThread().isInterrupted());
          received.add(report);
          Thread.currentThread().interrupt();
        };
    Reports.add(leaving);
    try {
      passTo(leaving);
    } finally {
      Reports.remove(leaving);
    }
    assertEquals(2, received.size());
    assertEquals(List.of(), uncaught);
  }

  @Test
  void only_some_of_very_many_failures_that_no_call_throws_are_logged() {
    var failure = new IllegalStateException("fails for each message");
    for (int i = 0; i < 1000; i++) {
      Reports.unjoined("Task 'orders/1'", failure);
    }
    int logged = warnings.count();
    assertTrue(logged >= 1 && logged <= 5 * Reports.MOST_UNJOINED, "logged " + logged);
    Poll.until(() -> {
      Reports.unjoined("Task 'orders/1'", failure);
      return warnings.messages().stream().anyMatch(m -> m.contains("were not logged"));
    });
  }

  @Test
  void a_removed_listener_gets_no_report() {
    passTo(received::add);
    pass();
    assertEquals(1, received.size());
    assertEquals(2, warnings.count());
  }

  @Test
  void a_listener_that_throws_keeps_the_report_from_no_other_and_not_from_the_log() {
    var broken = new IllegalStateException("broken listener");
    Consumer<Report> throwing =
        report -> {
          throw broken;
        };
    Reports.add(throwing);
    try {
      passTo(received::add);
    } finally {
      Reports.remove(throwing);
    }
    assertEquals(List.of(REPORT), received);
    assertEquals(1, warnings.count());
    assertEquals(List.of(broken), uncaught);
  }

  @Test
  void an_exception_of_the_logger_goes_to_the_handler() {
    var broken = new IllegalStateException("broken log");
    var handler =
        new Handler() {
          @Override
          public void publish(LogRecord record) {
            throw broken;
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger logger = Logger.getLogger("dev.holdfast");
    logger.addHandler(handler);
    try {
      passTo(received::add);
    } finally {
      logger.removeHandler(handler);
    }
    assertEquals(List.of(REPORT), received);
    assertEquals(List.of(broken), uncaught);
  }

  @Test
  void explanations_come_in_order_without_the_empty_ones() {
    var broken = new IllegalStateException("broken explainer");
    List<Function<Thread, String>> explainers =
        List.of(
            thread -> "first of " + thread.getName(),
            thread -> "",
            thread -> {
              throw broken;
            },
            thread -> "last");
    explainers.forEach(Reports::addExplainer);
    try {
      Thread thread = Thread.ofPlatform().name("t").unstarted(() -> {});
      OnThread<List<String>> asking = OnThread.start(threads, () -> Reports.explanations(thread));
      assertEquals(List.of("first of t", "last"), asking.value());
    } finally {
      explainers.forEach(Reports::removeExplainer);
    }
    assertEquals(1, uncaught.size());
    assertSame(broken, uncaught.getFirst());
    assertEquals(List.of(), Reports.explanations(Thread.currentThread()));
  }
}
