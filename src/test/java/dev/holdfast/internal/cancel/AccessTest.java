package dev.holdfast.internal.cancel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Scope;
import dev.holdfast.ScopeClosedException;
import dev.holdfast.ScopeTimeoutException;
import dev.holdfast.Scopes;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import org.junit.jupiter.api.Test;

@LeavesNothing
class AccessTest {

  private static final ThreadFactory UNNAMED = Thread.ofVirtual().factory();
  private static final ThreadFactory NAMED = Thread.ofPlatform().name("clerk").factory();

  private static String refusal(ThreadFactory threads, Scope scope) {
    return OnThread.start(
            threads,
            () -> assertThrows(WrongThreadException.class, () -> scope.fork(() -> 1)).getMessage())
        .value();
  }

  @Test
  void a_thread_outside_is_refused_by_name() throws Exception {
    Scopes.named("orders")
        .run(scope -> {
          String message = refusal(NAMED, scope);
          assertTrue(message.contains("Scope 'orders'"), message);
          assertTrue(message.contains("this is thread 'clerk'"), message);
        });
  }

  @Test
  void a_thread_without_a_name_is_called_unnamed() throws Exception {
    Scopes.run(scope -> {
      String message = refusal(UNNAMED, scope);
      assertTrue(message.contains("this is an unnamed thread"), message);
    });
  }

  @Test
  void a_task_on_an_unnamed_thread_is_named_after_the_task() throws Exception {
    Scopes.named("orders")
        .threads(UNNAMED)
        .run(scope -> {
          String message =
              scope
                  .fork(
                      "load",
                      () ->
                          assertThrows(WrongThreadException.class, () -> scope.fork(() -> 1))
                              .getMessage())
                  .join();
          assertTrue(message.contains("load'"), message);
          assertFalse(message.contains("''"), message);
        });
  }

  @Test
  void a_timeout_on_an_unnamed_thread_shows_no_empty_name() {
    Throwable thrown =
        OnThread.run(
                UNNAMED,
                () -> Scopes.timeout(Duration.ofMillis(20)).run(scope -> Blocked.forever()))
            .thrown();
    assertEquals(ScopeTimeoutException.class, thrown.getClass());
    assertTrue(thrown.getMessage().contains("its body, on an unnamed thread"), thrown::getMessage);
    assertFalse(thrown.getMessage().contains("''"), thrown::getMessage);
  }

  @Test
  void a_scope_that_has_ended_is_refused_with_what_to_do() throws Exception {
    Scope ended = Scopes.call(scope -> scope);
    String message =
        assertThrows(ScopeClosedException.class, () -> ended.fork(() -> 1)).getMessage();
    assertTrue(message.contains("has ended. Open a new scope"), message);
  }
}
