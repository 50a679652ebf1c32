package dev.holdfast.internal.root;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ForkFailedException;
import dev.holdfast.RootScope;
import dev.holdfast.ScopeCancelledException;
import dev.holdfast.Scopes;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Poll;
import dev.holdfast.testing.RootFixture;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import org.junit.jupiter.api.Test;

/** Roots are closed within a bound, and the log says what a close waits for. */
class ClosingWaitTest extends RootFixture {

  private static final Duration LONG = Duration.ofMinutes(1);
  private static final Duration SHORT = Duration.ofMillis(20);

  private RootScope rootWithFork() throws InterruptedException {
    RootScope root = Scopes.open(Scopes.named("works"));
    root.run(scope -> scope.fork("slow", blocked(up)));
    up.await();
    return root;
  }

  private RootScope stubbornRoot() throws InterruptedException {
    RootScope root = Scopes.open(Scopes.named("works"));
    root.run(scope ->
        scope.fork(
            "stubborn",
            () -> {
              up.countDown();
              Blocked.stubbornly(go);
            }));
    up.await();
    return root;
  }

  private void awaitWarning(String text) {
    Poll.until(
        () -> warnings.messages().stream().anyMatch(m -> m.contains(text)),
        () -> "No warning contains: " + text + warnings.messages());
  }

  @EachThreadKind
  void a_root_that_ends_in_time_is_not_cancelled(ThreadFactory threads) throws Exception {
    RootScope root = Scopes.open();
    root.run(scope ->
        scope.fork(() -> {
          go.await();
          log.add("done");
        }));
    var closer = OnThread.start(threads, () -> root.close(LONG));
    Poll.untilIn(closer.thread(), "await");
    closer.blocked();
    go.countDown();
    assertTrue(closer.value());
    assertFalse(root.isCancelled());
    assertEquals(List.of("done"), log);
    warnings.none();
  }

  @EachThreadKind
  void a_root_that_does_not_end_in_time_is_cancelled(ThreadFactory threads) throws Exception {
    RootScope root = rootWithFork();
    assertTrue(OnThread.start(threads, () -> root.close(SHORT)).leavesNoFlag().value());
    assertEquals(List.of("stopped"), log);
    var thrown = assertThrows(ScopeCancelledException.class, root::join);
    assertEquals("it did not end within PT0.02S of its closing", thrown.reason());
  }

  @Test
  void a_bound_of_zero_cancels_at_once() throws Exception {
    RootScope root = rootWithFork();
    assertTrue(root.close(Duration.ZERO));
    assertEquals(List.of("stopped"), log);
    assertTrue(root.close(Duration.ZERO), "it has ended");
  }

  @EachThreadKind
  void a_task_that_does_not_stop_is_named_and_stays_in_the_root(ThreadFactory threads)
      throws Exception {
    RootScope root = stubbornRoot();
    assertFalse(OnThread.start(threads, () -> root.close(SHORT)).leavesNoFlag().value());
    awaitWarning("'works' did not end within PT0.02S of its closing, was cancelled, and this has");
    warnings.awaitNaming("stubborn", "stubbornly");
    var closer = OnThread.run(threads, root::close);
    Poll.untilIn(closer.thread(), "await");
    closer.blocked();
    go.countDown();
    closer.value();
  }

  @Test
  void a_cancelled_root_has_its_grace_to_end() throws Exception {
    RootScope root = Scopes.named("works").grace(LONG).open();
    root.run(scope ->
        scope.fork(() -> {
          up.countDown();
          Blocked.stubbornly(go);
        }));
    up.await();
    var closer = OnThread.start(() -> root.close(SHORT));
    Poll.until(root::isCancelled);
    Poll.untilIn(closer.thread(), "await");
    assertFalse(
        Poll.holdsWithin(Duration.ofMillis(1_500), () -> !closer.thread().isAlive()), "in grace");
    go.countDown();
    assertTrue(closer.value());
  }

  @EachThreadKind
  void an_interrupt_cancels_the_root_and_keeps_the_bound(ThreadFactory threads) throws Exception {
    RootScope root = stubbornRoot();
    var closer = OnThread.start(threads, () -> root.close(Duration.ofMillis(300)));
    Poll.untilIn(closer.thread(), "await");
    closer.interrupt();
    Poll.until(root::isCancelled);
    assertFalse(closer.value());
    assertTrue(closer.flag(), "the interrupt is there again");
    awaitWarning("close returns without it");
    go.countDown();
    root.close();
  }

  @EachThreadKind
  void the_failure_is_thrown_by_one_close(ThreadFactory threads) throws Exception {
    var marker = new IOException("broken");
    RootScope root = Scopes.open();
    root.run(scope ->
        scope.fork(() -> {
          go.await();
          throw marker;
        }));
    var closer = OnThread.start(threads, () -> root.close(LONG));
    Poll.untilIn(closer.thread(), "await");
    go.countDown();
    assertSame(marker, assertThrows(ForkFailedException.class, () -> rethrow(closer)).getCause());
    assertTrue(root.close(LONG));
    warnings.none();
  }

  private static void rethrow(OnThread<?> call) throws Exception {
    throwIt(call.thrown());
  }

  @Test
  void a_failure_after_a_close_that_gave_up_is_reported() throws Exception {
    var marker = new IOException("disk full");
    RootScope root = stubbornRoot();
    root.run(scope -> scope.onExit(() -> throwIt(marker)));
    assertFalse(root.close(SHORT));
    awaitWarning("close returns without it");
    go.countDown();
    awaitWarning("has failed");
    assertThrows(Exception.class, root::close);
  }

  @Test
  void after_a_second_the_log_says_once_what_a_close_waits_for() throws Exception {
    RootScope root = rootWithFork();
    var closers = List.of(OnThread.run(root::close), OnThread.start(() -> root.close(LONG)));
    String message = warnings.only().getMessage();
    assertTrue(
        message.startsWith("Scope 'works' has been closing for a second and still waits for:"),
        message);
    assertTrue(message.contains("Task 'slow' of Scope 'works'"), message);
    assertTrue(message.contains("Blocked.forever"), message);
    assertFalse(
        Poll.holdsWithin(Duration.ofMillis(500), () -> warnings.count() > 1), "one is enough");
    root.cancel("enough");
    closers.forEach(OnThread::end);
  }

  @Test
  void the_log_names_a_resource_that_a_close_waits_for() throws Exception {
    RootScope root = Scopes.open(Scopes.named("works"));
    var closing = new CountDownLatch(1);
    root.run(scope ->
        scope.use(() -> {
          closing.countDown();
          go.await();
        }));
    var closer = OnThread.run(root::close);
    closing.await();
    String message = warnings.only().getMessage();
    assertTrue(message.contains("The closing of "), message);
    assertTrue(message.contains("CountDownLatch.await"), message);
    go.countDown();
    closer.value();
  }

  @Test
  void a_negative_bound_is_rejected() {
    try (RootScope root = Scopes.open()) {
      assertThrows(IllegalArgumentException.class, () -> root.close(Duration.ofMillis(-1)));
      assertThrows(NullPointerException.class, () -> root.close(null));
      assertEquals("RootScope[ClosingWaitTest, open]", root.toString());
    }
  }
}
