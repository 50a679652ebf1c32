package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@LeavesNothing
class Law11StuckTaskIsNamedTest {

  private static final Logger LOGGER = Logger.getLogger("dev.holdfast");

  private final Queue<String> warnings = new ConcurrentLinkedQueue<>();
  private final CountDownLatch release = new CountDownLatch(1);
  private final CountDownLatch started = new CountDownLatch(1);

  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord record) {
          if (record.getLevel().intValue() >= Level.WARNING.intValue()) {
            warnings.add(record.getMessage());
          }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeEach
  void listen() {
    LOGGER.setUseParentHandlers(false);
    LOGGER.addHandler(handler);
  }

  @AfterEach
  void stopListening() {
    release.countDown();
    LOGGER.removeHandler(handler);
    LOGGER.setUseParentHandlers(true);
  }

  private void ignoresEverything() {
    started.countDown();
    Blocked.stubbornly(release);
  }

  private String awaitWarning() {
    Poll.until(() -> !warnings.isEmpty());
    release.countDown();
    return warnings.isEmpty() ? "no warning" : warnings.peek();
  }

  private static void contains(String warning, String part) {
    assertTrue(warning.contains(part), "'" + part + "' in: " + warning);
  }

  private static void pass(Duration time) {
    Deadline deadline = Deadline.after(time);
    Poll.until(deadline::isExpired);
  }

  /** What cancels the scope of the stuck task. */
  enum Source {
    EXPLICIT,
    FAILURE,
    BODY,
    DEADLINE,
    INTERRUPT,
    PARENT
  }

  @ParameterizedTest
  @EnumSource
  void whatever_cancelled_it(Source source) {
    var owner = OnThread.run(() -> cancelBy(source));
    String warning = awaitWarning();
    owner.end();
    contains(warning, "'stuck'");
    contains(warning, "'works'");
    contains(warning, "ignoresEverything");
    assertEquals(1, warnings.size(), () -> "warnings: " + warnings);
  }

  private void cancelBy(Source source) throws Exception {
    ScopeSpec works = Scopes.named("works");
    ScopeAction<Exception> body =
        scope -> {
          scope.fork("stuck", () -> ignoresEverything());
          started.await();
          switch (source) {
            case EXPLICIT -> scope.cancel("enough");
            case FAILURE ->
                scope.fork(() -> {
                  throw new IllegalStateException("marker");
                });
            case BODY -> throw new IllegalStateException("marker");
            case INTERRUPT -> Thread.currentThread().interrupt();
            case DEADLINE, PARENT -> {}
          }
          scope.join();
        };
    switch (source) {
      case DEADLINE -> works.timeout(Duration.ofMillis(50)).run(body);
      case PARENT -> Scopes.named("outer").timeout(Duration.ofMillis(50)).run(o -> works.run(body));
      default -> works.run(body);
    }
  }

  private void cancelTheFork(Scope scope) throws InterruptedException {
    Fork<?> stuck = scope.fork("stuck", () -> ignoresEverything());
    started.await();
    stuck.cancel();
  }

  @Test
  void not_before_a_second() {
    long start = System.nanoTime();
    var owner =
        OnThread.run(() ->
            Scopes.run(scope -> {
              scope.fork("stuck", () -> ignoresEverything());
              started.await();
              scope.cancel("enough");
            }));
    String warning = awaitWarning();
    long millis = (System.nanoTime() - start) / 1_000_000;
    owner.end();
    contains(warning, "'stuck'");
    assertTrue(millis >= 1000 && millis < 4000, "after " + millis + " ms");
  }

  @Test
  void not_before_the_grace_is_over() {
    var owner =
        OnThread.run(() ->
            Scopes.named("patient")
                .grace(Duration.ofSeconds(1))
                .run(scope -> {
                  scope.fork("stuck", () -> ignoresEverything());
                  started.await();
                  scope.cancel("enough");
                }));
    pass(Duration.ofMillis(1900));
    assertEquals(List.of(), List.copyOf(warnings));
    contains(awaitWarning(), "'stuck'");
    owner.end();
  }

  @Test
  void the_grace_holds_for_a_single_fork_that_is_cancelled() {
    var owner =
        OnThread.run(
            () -> Scopes.named("patient").grace(Duration.ofMinutes(1)).run(this::cancelTheFork));
    pass(Duration.ofMillis(2500));
    release.countDown();
    owner.end();
    assertEquals(List.of(), List.copyOf(warnings));
  }

  @Test
  void a_cancelled_fork_is_named_though_its_scope_goes_on() {
    var owner = OnThread.run(() -> Scopes.run(this::cancelTheFork));
    contains(awaitWarning(), "'stuck'");
    owner.end();
  }

  @Test
  void only_once_and_only_those_that_are_stuck() {
    var owner =
        OnThread.run(() ->
            Scopes.named("outer")
                .run(scope -> {
                  scope.fork("prompt", () -> Blocked.forEver());
                  scope.fork(
                      "host",
                      () ->
                          Scopes.named("inner")
                              .run(inner -> inner.fork("stuck", () -> ignoresEverything())));
                  started.await();
                  scope.cancel("enough");
                }));
    Poll.until(() -> warnings.stream().anyMatch(warning -> warning.contains("'stuck'")));
    pass(Duration.ofMillis(2500));
    release.countDown();
    owner.end();
    var stuck = warnings.stream().filter(warning -> warning.contains("Task 'stuck'")).toList();
    assertEquals(1, stuck.size(), () -> "warnings: " + warnings);
    contains(stuck.get(0), "'inner'");
    assertTrue(warnings.stream().noneMatch(warning -> warning.contains("'prompt'")));
  }

  @Test
  void nobody_is_named_who_ends_in_time() throws Exception {
    for (int i = 0; i < 20; i++) {
      Scopes.run(scope -> {
        scope.fork(() -> Blocked.forEver());
        scope.cancel("enough");
      });
    }
    pass(Duration.ofMillis(1500));
    assertEquals(List.of(), List.copyOf(warnings));
  }

  @Test
  void on_cancel_gets_it_unstuck() throws Exception {
    Scopes.run(scope -> {
      scope.fork("stuck", () -> ignoresEverything());
      started.await();
      scope.onCancel(release::countDown);
      scope.cancel("enough");
    });
    assertEquals(List.of(), List.copyOf(warnings));
  }
}
