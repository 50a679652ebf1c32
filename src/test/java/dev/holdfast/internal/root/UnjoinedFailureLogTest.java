package dev.holdfast.internal.root;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Fork;
import dev.holdfast.ForkFailedException;
import dev.holdfast.RootScope;
import dev.holdfast.Scopes;
import dev.holdfast.internal.scope.UnjoinedFailures;
import dev.holdfast.internal.timer.TimerThread;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.Poll;
import dev.holdfast.testing.RootFixture;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

/** Failures in isolated roots reach the log while the root lives. */
class UnjoinedFailureLogTest extends RootFixture {

  private final IOException marker = new IOException("broken");

  private Fork<?> fails(RootScope root, String name) throws InterruptedException {
    return root.call(scope -> scope.fork(name, () -> throwIt(marker)));
  }

  @EachThreadKind
  void a_failure_that_no_thread_has_joined_is_logged_while_the_root_lives(ThreadFactory threads)
      throws Exception {
    RootScope root =
        Scopes.named("shop")
            .isolated()
            .threads(task -> {
              Thread thread = threads.newThread(task);
              thread.setUncaughtExceptionHandler((t, e) -> log.add("handled"));
              return thread;
            })
            .open();
    fails(root, "order");
    LogRecord record = warnings.only();
    assertSame(marker, record.getThrown());
    String message = record.getMessage();
    assertTrue(message.contains("In Scope 'shop' no thread has joined"), message);
    assertTrue(message.contains("Task 'order'; the first threw java.io.IOException: broken"));
    assertEquals("RootScope[shop, open]", root.toString());
    fails(root, "second"); // a later one is logged too
    Poll.until(() -> warnings.count() == 2);
    assertTrue(warnings.messages().get(1).contains("these failed tasks: Task 'second';"));
    root.close();
    assertEquals(2, log.size(), "the handler gets both at the end");
  }

  @Test
  void many_failures_make_one_warning_in_a_second() throws Exception {
    try (RootScope root = quiet()) {
      long begun = System.nanoTime();
      for (int i = 0; i < 100; i++) {
        fails(root, "order-" + i);
      }
      String several = "(?s).*Task 'order-\\d+' and \\d+ more; .*";
      Poll.until(() -> warnings.messages().stream().anyMatch(message -> message.matches(several)));
      int count = warnings.count();
      long seconds = (System.nanoTime() - begun) / 1_000_000_000;
      assertTrue(count <= 2 + seconds, () -> warnings.messages().toString());
    }
  }

  @Test
  void more_failures_than_are_kept_are_counted_in_the_same_warning() throws Exception {
    int all = 2 * UnjoinedFailures.KEPT;
    try (RootScope root = quiet()) {
      root.run(scope -> {
        for (int i = 0; i < all; i++) {
          scope.fork(() -> throwIt(marker));
        }
      });
      Poll.until(() -> warnings.count() > 0);
      assertFalse(Poll.holdsWithin(Duration.ofMillis(50), () -> warnings.count() > 5));
    }
  }

  @Test
  void a_failure_that_a_thread_joins_is_not_logged() throws Exception {
    try (RootScope root = quiet()) {
      assertThrows(ForkFailedException.class, () -> fails(root, "order").join());
      Poll.until(() -> TimerThread.alarms() == 1); // that of the root itself
      warnings.none();
    }
  }

  @Test
  void a_root_that_ends_early_leaves_no_alarm_and_logs_its_failure_once() throws Exception {
    RootScope root = quiet();
    fails(root, "order");
    Poll.until(() -> TimerThread.alarms() == 2 || warnings.count() > 0); // unless it has rung
    root.close();
    Poll.until(() -> TimerThread.alarms() == 0);
    Poll.until(() -> warnings.count() == 1);
    assertFalse(Poll.holdsWithin(Duration.ofMillis(50), () -> warnings.count() > 1));
  }

  private static RootScope quiet() {
    return Scopes.named("shop")
        .isolated()
        .threads(Thread.ofVirtual().uncaughtExceptionHandler((thread, thrown) -> {}).factory())
        .open();
  }
}
