package dev.holdfast.internal.timer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Scopes;
import dev.holdfast.internal.util.DaemonThreads;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.Poll;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What happens to onCancel actions while no thread can be started for them. */
@LeavesNothing
class HelperThreadsTest {

  private final AtomicInteger refusals = new AtomicInteger();
  private volatile int refused;

  @BeforeEach
  void refuse() {
    Poll.until(HelperThreadsTest::hasNone);
    DaemonThreads.starter =
        thread -> {
          if (thread.getName().equals("holdfast-action") && refusals.get() < refused) {
            refusals.incrementAndGet();
            throw new OutOfMemoryError("made up");
          }
          thread.start();
        };
  }

  @AfterEach
  void restore() {
    DaemonThreads.starter = Thread::start;
  }

  private static boolean hasNone() {
    return Thread.getAllStackTraces().keySet().stream()
        .noneMatch(thread -> thread.getName().equals("holdfast-action"));
  }

  @Test
  void the_scope_ends_without_its_action_and_says_so() {
    refused = Integer.MAX_VALUE;
    var ran = new AtomicBoolean();
    var closed = new AtomicBoolean();
    var failure = new IllegalStateException();
    var thrown =
        assertThrows(
            IllegalStateException.class,
            () ->
                Scopes.named("orders")
                    .run(scope -> {
                      scope.onExit(() -> closed.set(true));
                      scope.onCancel(() -> ran.set(true));
                      throw failure;
                    }));
    assertSame(failure, thrown);
    var full = assertInstanceOf(OutOfMemoryError.class, thrown.getSuppressed()[0]);
    assertTrue(full.getMessage().contains("onCancel action of Scope 'orders'"), full.getMessage());
    assertTrue(closed.get());
    assertFalse(ran.get());
  }

  @Test
  void a_cancelled_scope_interrupts_without_its_action() {
    refused = Integer.MAX_VALUE;
    var log = new ArrayList<String>();
    var begun = new CountDownLatch(1);
    assertThrows(
        IllegalStateException.class,
        () ->
            Scopes.run(scope -> {
              scope.onCancel(() -> log.add("action"));
              scope.fork(() -> {
                begun.countDown();
                try {
                  Thread.sleep(100_000);
                } catch (InterruptedException e) {
                  log.add("interrupted");
                }
              });
              begun.await();
              throw new IllegalStateException();
            }));
    assertEquals(List.of("interrupted"), log);
  }

  @Test
  void the_action_runs_when_a_thread_can_be_started() {
    refused = 3;
    var ran = new AtomicBoolean();
    var thrown =
        assertThrows(
            IllegalStateException.class,
            () ->
                Scopes.run(scope -> {
                  scope.onCancel(() -> ran.set(true));
                  throw new IllegalStateException();
                }));
    assertEquals(0, thrown.getSuppressed().length);
    assertTrue(ran.get());
    assertEquals(3, refusals.get());
  }

  @Test
  void on_cancel_in_a_cancelled_scope_throws() {
    refused = Integer.MAX_VALUE;
    assertThrows(
        OutOfMemoryError.class,
        () ->
            Scopes.run(scope -> {
              scope.cancel("first");
              scope.onCancel(() -> {});
            }));
  }

  @Test
  void a_blocking_call_that_ends_by_itself_does_not_wait_for_its_action() throws Exception {
    refused = Integer.MAX_VALUE;
    var ran = new AtomicBoolean();
    Scopes.run(scope ->
        scope.blocking(
            () -> ran.set(true),
            () -> {
              scope.cancel("now");
              Poll.until(() -> refusals.get() > 0);
              return null;
            }));
    assertFalse(ran.get());
  }
}
