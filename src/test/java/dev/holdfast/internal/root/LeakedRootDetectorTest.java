package dev.holdfast.internal.root;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Action;
import dev.holdfast.Deadline;
import dev.holdfast.ForkFailedException;
import dev.holdfast.Inspect;
import dev.holdfast.RootScope;
import dev.holdfast.Scopes;
import dev.holdfast.inspect.Report;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Poll;
import dev.holdfast.testing.RootFixture;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

/** Unreachable roots. */
class LeakedRootDetectorTest extends RootFixture {

  private static void lose(Action started) throws Exception {
    RootScope lost = Scopes.open(Scopes.named("lost"));
    lost.run(scope -> scope.worker(started));
  }

  private static void untilCollected(java.util.function.BooleanSupplier condition) {
    Poll.until(() -> {
      if (!condition.getAsBoolean()) {
        System.gc();
      }
      return condition.getAsBoolean();
    });
  }

  @Test
  void a_root_that_is_lost_is_cancelled_and_its_opener_named() throws Exception {
    lose(blocked(up));
    up.await();
    untilCollected(() -> warnings.count() > 0 && !log.isEmpty());
    assertEquals(List.of("stopped"), log);
    LogRecord warning = warnings.only();
    assertTrue(warning.getMessage().contains("'lost' was lost"), warning::getMessage);
    String opener = "at " + LeakedRootDetectorTest.class.getName() + ".lose(";
    assertTrue(warning.getMessage().contains(opener), warning::getMessage);
  }

  @Test
  void a_root_that_is_lost_is_reported() throws Exception {
    var reports = new ConcurrentLinkedQueue<Report>();
    Inspect.Listening listening = Inspect.onReport(reports::add);
    try {
      lose(blocked(up));
      up.await();
      untilCollected(() -> !reports.isEmpty() && !log.isEmpty());
    } finally {
      listening.close();
    }
    Report report = reports.element();
    assertEquals(Report.Kind.LOST, report.kind());
    assertEquals("lost", report.scope());
    assertEquals(List.of(), report.tasks());
    assertTrue(report.text().contains("LeakedRootDetectorTest.lose("), report::text);
  }

  private long lost() {
    return warnings.messages().stream().filter(message -> message.contains("was lost")).count();
  }

  @Test
  void a_root_that_a_thread_waits_for_is_not_lost() {
    var joining =
        OnThread.run(() -> {
          RootScope root = Scopes.open();
          go.countDown();
          root.join();
        });
    var calling =
        OnThread.run(() ->
            Scopes.open()
                .run(scope -> {
                  Blocked.forever();
                }));
    Deadline later = Deadline.after(Duration.ofMillis(2500));
    untilCollected(later::isExpired);
    assertEquals(List.of(), warnings.messages());
    assertTrue(joining.thread().isAlive());
    assertTrue(calling.thread().isAlive());
    joining.interrupt(); // now both are unreachable
    calling.interrupt();
    untilCollected(() -> lost() == 2);
    assertEquals(2, lost(), () -> warnings.messages().toString());
  }

  @Test
  void a_root_that_was_closed_is_not_lost() throws Exception {
    for (int i = 0; i < 20; i++) {
      blockedWorkerAndClose();
    }
    Deadline later = Deadline.after(Duration.ofMillis(1500));
    untilCollected(later::isExpired);
    assertEquals(List.of(), warnings.messages());
  }

  private void blockedWorkerAndClose() throws Exception {
    try (RootScope root = Scopes.open()) {
      blockedWorker(root);
    }
  }

  @Test
  void the_jvm_forgets_a_root_that_has_ended() throws Exception {
    var handles = List.of(closedOnExit(false), closedOnExit(true));
    for (WeakReference<RootScope> handle : handles) {
      untilCollected(() -> handle.refersTo(null));
      assertTrue(handle.refersTo(null), "a hook refers to it");
    }
  }

  private static WeakReference<RootScope> closedOnExit(boolean fails) throws Exception {
    RootScope root = Scopes.named("tied").open();
    assertSame(root, root.closeOnExit(Duration.ofSeconds(1)).closeOnExit(Duration.ZERO));
    assertThrows(IllegalArgumentException.class, () -> root.closeOnExit(Duration.ofNanos(-1)));
    if (fails) {
      failingWorker(root, new IllegalStateException("broken"));
      assertThrows(ForkFailedException.class, root::join);
      root.close(); // it has logged its failure
      root.closeOnExit(Duration.ZERO);
    } else {
      root.close();
    }
    return new WeakReference<>(root);
  }

  @Test
  void a_root_that_ends_with_the_jvm_is_not_lost() throws Exception {
    var handle = new WeakReference<>(Scopes.open().closeOnExit(Duration.ZERO));
    Deadline later = Deadline.after(Duration.ofMillis(2500));
    untilCollected(later::isExpired);
    assertEquals(List.of(), warnings.messages());
    handle.get().close();
  }
}
