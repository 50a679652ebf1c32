package dev.holdfast.internal.cancel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.holdfast.ScopeCancelledException;
import dev.holdfast.ScopeCancelledException.Source;
import dev.holdfast.Scopes;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class CancellationTest {

  private static Cancellation inScope(String name, Of make) throws InterruptedException {
    return Scopes.named(name).call(scope -> make.of(ThreadScope.currentScope()));
  }

  /** Makes a cancellation of a scope. */
  private interface Of {
    Cancellation of(CancelScope scope);
  }

  private static void describes(Cancellation why, Source source, String message, Throwable cause) {
    ScopeCancelledException thrown = why.exception();
    assertSame(source, thrown.source());
    assertEquals(message, thrown.getMessage());
    assertSame(cause, thrown.getCause());
    InterruptedException interruption = why.interruption();
    assertEquals(message, interruption.getMessage());
    assertInstanceOf(ScopeCancelledException.class, interruption.getCause());
  }

  @Test
  void each_kind_names_the_scope_the_source_and_the_reason() throws Exception {
    var failure = new IOException("marker");
    describes(
        inScope("shop", scope -> Cancellation.failure(scope, "fork 'a'", failure)),
        Source.SIBLING_FAILURE,
        "Scope 'shop' was cancelled: fork 'a' failed: java.io.IOException: marker",
        failure);
    describes(
        inScope("shop", scope -> Cancellation.body(scope, failure)),
        Source.SIBLING_FAILURE,
        "Scope 'shop' was cancelled: its body failed: java.io.IOException: marker",
        failure);
    var interrupt = new InterruptedException("outside");
    describes(
        inScope("shop", scope -> Cancellation.interrupt(scope, interrupt)),
        Source.CALLER_INTERRUPT,
        "Scope 'shop' was cancelled: its thread was interrupted from outside",
        interrupt);
    describes(
        Cancellation.deadline("Scope 'shop'", Duration.ofSeconds(2), List.of("task")),
        Source.DEADLINE,
        "Scope 'shop' was cancelled: its deadline passed after PT2S",
        null);
    describes(
        Cancellation.explicit("Scope 'shop'", "closing: "),
        Source.EXPLICIT,
        "Scope 'shop' was cancelled: closing: ",
        null);
  }

  @Test
  void an_exception_whose_methods_throw_does_not_break_the_reason() throws Exception {
    var broken =
        new RuntimeException() {
          @Override
          public String getMessage() {
            throw new IllegalStateException("broken");
          }
        };
    Cancellation why = inScope("shop", scope -> Cancellation.body(scope, broken));
    assertEquals("its body failed: " + broken.getClass().getName(), why.reason());
  }

  @Test
  void scopes_below_see_the_same_reason_and_moment_but_not_the_running_tasks() {
    Cancellation own =
        Cancellation.deadline("Scope 'shop'", Duration.ofSeconds(2), List.of("task"));
    Cancellation inherited = own.inherited();
    assertSame(Source.PARENT, inherited.exception().source());
    assertEquals(own.exception().getMessage(), inherited.exception().getMessage());
    assertEquals(own.atNanos, inherited.atNanos);
    assertEquals(List.of(), inherited.running);
    assertSame(inherited, inherited.inherited());
    assertNull(inherited.cause);
  }

  @Test
  void a_message_names_three_running_tasks_by_their_first_lines() {
    assertEquals("", Cancellation.stillRunning(List.of()));
    assertEquals("; still running: a; b", Cancellation.stillRunning(List.of("a\n  at stack", "b")));
    assertEquals(
        "; still running: a; b; c; and 2 more",
        Cancellation.stillRunning(List.of("a", "b", "c", "d", "e")));
  }
}
