package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Poll;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@LeavesNothing
@Tag("one-carrier")
class RetryTest {

  private static final Duration MILLI = Duration.ofMillis(1);
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final Restart QUICK = Restart.onFailure().backoff(MILLI, 1, MILLI);
  private static final Restart SLOW = Restart.onFailure().backoff(LONG, 1, LONG);

  private final AtomicInteger attempts = new AtomicInteger();

  private String failing(int failures) throws IOException {
    if (attempts.incrementAndGet() <= failures) {
      throw new IOException("attempt " + attempts);
    }
    return "value";
  }

  @Test
  void it_calls_until_an_attempt_succeeds() throws Exception {
    assertEquals("value", Retry.attempts(5).backoff(QUICK).call(() -> failing(3)));
    assertEquals(4, attempts.get());
  }

  @Test
  void an_action_is_repeated_too() throws Exception {
    Retry.attempts(5)
        .backoff(QUICK)
        .run(() -> {
          failing(1);
        });
    assertEquals(2, attempts.get());
  }

  @Test
  void the_last_failure_carries_the_earlier_ones() {
    var thrown =
        assertThrows(
            IOException.class, () -> Retry.attempts(3).backoff(QUICK).call(() -> failing(9)));
    assertEquals("attempt 3", thrown.getMessage());
    assertEquals(3, attempts.get());
    assertEquals(2, thrown.getSuppressed().length);
    assertEquals("attempt 1", thrown.getSuppressed()[0].getMessage());
  }

  @Test
  void one_exception_that_is_thrown_again_and_again_is_not_suppressed_on_itself() {
    var constant = new IOException("constant");
    var thrown =
        assertThrows(
            IOException.class,
            () ->
                Retry.attempts(3)
                    .backoff(QUICK)
                    .run(() -> {
                      throw constant;
                    }));
    assertSame(constant, thrown);
    assertEquals(0, thrown.getSuppressed().length);
  }

  @Test
  void other_failures_and_errors_are_not_retried() {
    assertThrows(
        IOException.class,
        () ->
            Retry.attempts(3)
                .backoff(QUICK)
                .on(IllegalStateException.class::isInstance)
                .call(() -> failing(9)));
    assertEquals(1, attempts.get());
    assertThrows(
        AssertionError.class,
        () ->
            Retry.attempts(3)
                .backoff(QUICK)
                .run(() -> {
                  attempts.incrementAndGet();
                  throw new AssertionError("marker");
                }));
    assertEquals(2, attempts.get());
  }

  @Test
  void a_reaction_to_a_cancellation_is_not_retried() throws Exception {
    Scopes.run(scope -> {
      Fork<String> fork = scope.fork(() -> Blocked.forever());
      fork.cancel();
      assertThrows(
          CancellationException.class,
          () ->
              Retry.attempts(3)
                  .backoff(QUICK)
                  .call(() -> {
                    attempts.incrementAndGet();
                    return fork.join();
                  }));
    });
    assertEquals(1, attempts.get());
  }

  /** The first delay fits before the deadline, and the second does not. */
  @Test
  void the_delays_begin_with_the_first() {
    Restart steep = Restart.onFailure().backoff(MILLI, 1_000_000, Duration.ofHours(1));
    var thrown =
        assertThrows(
            IOException.class,
            () ->
                Scopes.timeout(LONG)
                    .call(scope -> Retry.attempts(9).backoff(steep).call(() -> failing(9))));
    assertEquals("attempt 2", thrown.getMessage());
  }

  @EachThreadKind
  void it_never_sleeps_past_the_deadline(ThreadFactory threads) {
    var call =
        OnThread.run(
            threads,
            () ->
                Scopes.timeout(Duration.ofSeconds(10))
                    .call(scope -> Retry.attempts(3).backoff(SLOW).call(() -> failing(9))));
    var thrown = assertInstanceOf(IOException.class, call.thrown());
    assertEquals("attempt 1", thrown.getMessage());
    assertEquals(1, attempts.get());
    call.leavesNoFlag();
  }

  @EachThreadKind
  void an_interrupt_from_outside_ends_the_delay(ThreadFactory threads) {
    var call = OnThread.run(threads, () -> Retry.attempts(3).backoff(SLOW).call(() -> failing(9)));
    call.blocked();
    call.interrupt();
    var thrown = assertInstanceOf(InterruptedException.class, call.thrown());
    assertEquals("attempt 1", thrown.getSuppressed()[0].getMessage());
    call.leavesNoFlag();
  }

  @EachThreadKind
  void a_cancelled_task_makes_no_further_attempt(ThreadFactory threads) {
    var call =
        OnThread.run(
            threads,
            () ->
                Scopes.run(scope -> {
                  Fork<String> fork =
                      scope.fork(() -> Retry.attempts(3).backoff(SLOW).call(() -> failing(9)));
                  Poll.until(() -> attempts.get() == 1);
                  fork.cancel();
                  assertInstanceOf(Outcome.Unfinished.class, fork.outcome());
                }));
    assertNull(call.thrown());
    assertEquals(1, attempts.get());
  }

  @Test
  void without_a_delay_the_next_attempt_comes_at_once() throws Exception {
    Restart atOnce = Restart.onFailure().backoff(Duration.ZERO, 1, Duration.ZERO);
    assertEquals("value", Retry.attempts(3).backoff(atOnce).call(() -> failing(2)));
  }

  @Test
  void each_setting_keeps_the_others() {
    Retry first = Retry.attempts(3).on(e -> !(e instanceof IOException)).backoff(QUICK);
    Retry last = Retry.attempts(3).backoff(QUICK).on(e -> !(e instanceof IOException));
    for (Retry retry : List.of(first, last)) {
      attempts.set(0);
      assertThrows(IOException.class, () -> retry.call(() -> failing(1)));
      assertEquals(1, attempts.get());
      assertEquals(Retry.attempts(3).backoff(QUICK).toString(), retry.toString());
    }
  }

  @Test
  void bad_settings_are_refused() {
    assertThrows(IllegalArgumentException.class, () -> Retry.attempts(0));
    var never =
        assertThrows(
            IllegalArgumentException.class, () -> Retry.attempts(1).backoff(Restart.never()));
    assertTrue(never.getMessage().contains("Restart.onFailure()"), never.getMessage());
    assertThrows(NullPointerException.class, () -> Retry.attempts(1).on(null));
    assertEquals(
        "Retry[at most 2 attempts, after PT0.001S times 1.0 up to PT0.001S]",
        Retry.attempts(2).backoff(QUICK).toString());
  }

  @Test
  void a_cancelled_scope_makes_no_attempt() throws Exception {
    var calls = new AtomicInteger();
    Scopes.run(scope -> {
      scope.cancel("enough");
      assertThrows(
          InterruptedException.class, () -> Retry.attempts(3).run(() -> calls.incrementAndGet()));
    });
    assertEquals(0, calls.get());
  }
}
