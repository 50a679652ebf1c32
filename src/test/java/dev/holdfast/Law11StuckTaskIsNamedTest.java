package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.cancel.Patience;
import dev.holdfast.internal.timer.TimerThread;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Pace;
import dev.holdfast.testing.Poll;
import dev.holdfast.testing.Warnings;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests {@code ScopeTimeoutException} as well. */
@LeavesNothing
class Law11StuckTaskIsNamedTest {

  private static final Duration SOON = Duration.ofMillis(250);

  @RegisterExtension final Warnings warnings = new Warnings();
  @RegisterExtension final Patience patience = new Patience();

  private final CountDownLatch release = new CountDownLatch(1);
  private final CountDownLatch started = new CountDownLatch(1);
  private final AtomicInteger interrupts = new AtomicInteger();

  @AfterEach
  void release() {
    release.countDown();
  }

  private void ignoresEverything() {
    started.countDown();
    Blocked.stubbornly(release);
  }

  private String awaitWarning() {
    Poll.until(() -> warnings.count() > 0);
    release.countDown();
    return warnings.count() == 0 ? "no warning" : warnings.messages().getFirst();
  }

  private static void contains(String warning, String part) {
    assertTrue(warning.contains(part), "'" + part + "' in: " + warning);
  }

  /** Ignores interrupts and counts them. */
  private void ignoresAndCounts() {
    started.countDown();
    while (release.getCount() > 0) {
      try {
        release.await();
      } catch (InterruptedException ignored) {
        interrupts.incrementAndGet();
      }
    }
  }

  private void awaitInterrupts(int more) {
    int most = interrupts.get() + more;
    Poll.until(() -> interrupts.get() >= most);
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
  void whatever_cancelled_it(Source source) throws Exception {
    patience.forEnding(SOON);
    var ending = new AtomicReference<OnThread<Void>>();
    Pace.find(time -> {
      var call = OnThread.run(() -> cancelBy(source, time));
      Poll.until(() -> started.getCount() == 0 || !call.thread().isAlive());
      ending.set(call);
      return started.getCount() == 0;
    });
    OnThread<Void> owner = ending.get();
    String warning = awaitWarning();
    owner.end();
    contains(warning, "'stuck'");
    contains(warning, "'works'");
    contains(warning, "ignoresEverything");
    assertEquals(1, warnings.count(), () -> "warnings: " + warnings.messages());
  }

  private void cancelBy(Source source, Duration time) throws Exception {
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
      case DEADLINE -> works.timeout(time).run(body);
      case PARENT -> Scopes.named("outer").timeout(time).run(o -> works.run(body));
      default -> works.run(body);
    }
  }

  @Test
  void a_task_is_not_named_before_a_second() {
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
    assertTrue(millis >= 1000, "after " + millis + " ms");
  }

  @Test
  void a_task_is_not_named_before_its_grace_is_over() {
    patience.forEnding(SOON);
    long begun = System.nanoTime();
    var owner =
        OnThread.run(() ->
            Scopes.named("patient")
                .grace(Duration.ofMillis(500))
                .run(scope -> {
                  scope.fork("stuck", () -> ignoresEverything());
                  started.await();
                  scope.cancel("enough");
                }));
    contains(awaitWarning(), "'stuck'");
    long millis = (System.nanoTime() - begun) / 1_000_000;
    assertTrue(millis >= 750, "after " + millis + " ms");
    owner.end();
  }

  @Test
  void the_grace_holds_for_a_single_fork_that_is_cancelled() {
    patience.forEnding(Duration.ofMillis(10));
    var owner =
        OnThread.run(() ->
            Scopes.named("patient")
                .grace(Duration.ofMinutes(1))
                .run(scope -> {
                  Fork<?> stuck = scope.fork("stuck", () -> ignoresAndCounts());
                  started.await();
                  stuck.cancel();
                }));
    awaitInterrupts(5); // each would be followed by a report
    release.countDown();
    owner.end();
    assertEquals(List.of(), warnings.messages());
  }

  @Test
  void a_cancelled_fork_is_named_though_its_scope_goes_on() {
    patience.forEnding(SOON);
    var owner =
        OnThread.run(() ->
            Scopes.run(scope -> {
              Fork<?> stuck = scope.fork("stuck", () -> ignoresEverything());
              started.await();
              stuck.cancel();
            }));
    contains(awaitWarning(), "'stuck'");
    owner.end();
  }

  @Test
  void only_stuck_tasks_are_named_and_each_once() {
    patience.forEnding(Duration.ofMinutes(1));
    var prompt = new AtomicReference<Fork<?>>();
    var owner =
        OnThread.run(() ->
            Scopes.named("outer")
                .run(scope -> {
                  prompt.set(scope.fork("prompt", () -> Blocked.forever()));
                  scope.fork(
                      "host",
                      () ->
                          Scopes.named("inner")
                              .run(inner -> inner.fork("stuck", () -> ignoresAndCounts())));
                  started.await();
                  scope.cancel("enough");
                }));
    Poll.until(() -> prompt.get() != null && prompt.get().isDone());
    patience.forEnding(Duration.ofMillis(10));
    Poll.until(() -> warnings.messages().stream().anyMatch(warning -> warning.contains("'stuck'")));
    awaitInterrupts(2); // each would be followed by another report
    release.countDown();
    owner.end();
    var stuck =
        warnings.messages().stream().filter(warning -> warning.contains("Task 'stuck'")).toList();
    assertEquals(1, stuck.size(), () -> "warnings: " + warnings.messages());
    contains(stuck.get(0), "'inner'");
    assertTrue(warnings.messages().stream().noneMatch(warning -> warning.contains("'prompt'")));
  }

  @Test
  void a_task_that_ends_in_time_is_not_named() throws Exception {
    patience.forEnding(Duration.ofMinutes(1));
    for (int i = 0; i < 20; i++) {
      Scopes.run(scope -> {
        scope.fork(() -> Blocked.forever());
        scope.cancel("enough");
      });
    }
    Poll.until(() -> TimerThread.alarms() == 0); // none is left that could report it later
    assertEquals(List.of(), warnings.messages());
  }

  @Test
  void an_onCancel_action_unblocks_it() throws Exception {
    patience.forEnding(Duration.ofMinutes(1));
    Scopes.run(scope -> {
      scope.fork("stuck", () -> ignoresEverything());
      started.await();
      scope.onCancel(release::countDown);
      scope.cancel("enough");
    });
    assertEquals(List.of(), warnings.messages());
  }

  @Test
  void a_stuck_onCancel_action_is_shown_with_its_own_stack() throws Exception {
    isShownWithItsOwnStack(
        "onCancel action",
        action ->
            scope -> {
              scope.onCancel(action);
              scope.cancel("enough");
            });
  }

  @Test
  void a_stuck_cancel_action_of_a_blocking_call_is_shown_with_its_own_stack() throws Exception {
    isShownWithItsOwnStack(
        "cancel action of a blocking call",
        action ->
            scope -> {
              var inCall = new CountDownLatch(1);
              var begun = new CountDownLatch(1);
              scope.fork(
                  "calls",
                  () ->
                      scope.blocking(
                          () -> {
                            begun.countDown();
                            action.run();
                          },
                          () -> {
                            inCall.countDown();
                            begun.await();
                            return 1;
                          }));
              inCall.await();
              scope.cancel("enough");
              scope.join();
            });
  }

  /** Repeats the scope with more patience if the warning came before the action had begun. */
  private void isShownWithItsOwnStack(String what, Function<Action, ScopeAction<Exception>> body)
      throws Exception {
    Pace.find(patient -> {
      patience.forEnding(patient);
      int before = warnings.count();
      var end = new CountDownLatch(1);
      var owner =
          OnThread.run(() -> Scopes.named("works").run(body.apply(() -> ignoresEverything(end))));
      Poll.until(() -> warnings.count() > before);
      String warning = warnings.messages().get(before);
      end.countDown();
      owner.end();
      if (!warning.contains("ignoresEverything")) {
        return false;
      }
      contains(warning, what);
      contains(warning, "Scope 'works'");
      assertFalse(warning.contains("CancelActions"), warning);
      return true;
    });
  }

  private static void ignoresEverything(CountDownLatch end) {
    Blocked.stubbornly(end);
  }

  @Test
  void of_many_stuck_tasks_some_are_described_and_the_rest_are_counted() {
    patience.forEnding(SOON);
    var all = new CountDownLatch(150);
    OnThread<Void> owner =
        OnThread.run(() ->
            Scopes.named("many")
                .run(scope -> {
                  for (int i = 0; i < 150; i++) {
                    scope.fork(() -> {
                      all.countDown();
                      Blocked.stubbornly(release);
                    });
                  }
                  Blocked.stubbornly(all);
                  scope.cancel("enough");
                }));
    String warning = awaitWarning();
    owner.end();
    contains(warning, "Task 'many/1'");
    contains(warning, "and 50 more");
  }
}
