package dev.holdfast.internal.scope;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.holdfast.ScopeTimeoutException;
import dev.holdfast.Scopes;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;

/** Scopes take over the alarms of earlier scopes. */
@Tag("one-carrier")
@LeavesNothing
class DeadlineAlarmTest {

  private static final int ROUNDS = 2000;

  private final Thread.UncaughtExceptionHandler handler =
      Thread.getDefaultUncaughtExceptionHandler();
  private final Queue<Throwable> bugs = new ConcurrentLinkedQueue<>();

  @BeforeEach
  void collectBugs() {
    Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> bugs.add(thrown));
  }

  @AfterEach
  void noBugs() {
    Thread.setDefaultUncaughtExceptionHandler(handler);
    assertEquals(List.of(), List.copyOf(bugs));
  }

  private static void spin(long nanos) {
    for (long end = System.nanoTime() + nanos; end - System.nanoTime() > 0; ) {
      Thread.onSpinWait();
    }
  }

  /** Ends scopes at about the time when the timer thread rings their alarms. */
  private static void alternate() throws Exception {
    for (int i = 0; i < ROUNDS; i++) {
      int late = 97 * i % 150_000;
      try {
        Scopes.named("short").timeout(Duration.ofNanos(100_000)).run(scope -> spin(100_000 + late));
      } catch (ScopeTimeoutException e) {
        assertEquals("short", e.scope());
      }
      Scopes.named("long").timeout(Duration.ofHours(1)).run(scope -> spin(50_000));
    }
  }

  @EachThreadKind
  void an_alarm_that_rings_cancels_no_later_scope(ThreadFactory kind) throws Exception {
    OnThread<Void> other = OnThread.run(kind, DeadlineAlarmTest::alternate);
    OnThread.run(kind, DeadlineAlarmTest::alternate).end();
    other.end();
  }

  @EachThreadKind
  void the_deadline_of_a_later_scope_passes(ThreadFactory kind) throws Exception {
    OnThread.run(
            kind,
            () -> {
              for (int i = 0; i < 20; i++) {
                try {
                  Scopes.timeout(Duration.ofMillis(1 + i % 3 * 500)).run(scope -> {});
                } catch (ScopeTimeoutException tooLate) {
                  assertEquals(1, tooLate.timeout().toMillis() % 500);
                }
                var thrown =
                    assertThrows(
                        ScopeTimeoutException.class,
                        () ->
                            Scopes.named("later")
                                .timeout(Duration.ofMillis(1))
                                .run(scope -> Blocked.forever()));
                assertEquals("later", thrown.scope());
              }
            })
        .end();
  }
}
