package dev.holdfast.internal.scope;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ScopeAction;
import dev.holdfast.Scopes;
import dev.holdfast.internal.cancel.ClosingScope;
import dev.holdfast.internal.scope.Settings.Policy;
import dev.holdfast.internal.telemetry.FullHeapReport;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.FullHeapOutput;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a scope does that runs out of memory while it ends. */
@LeavesNothing
class ScopeEndingTest {

  @RegisterExtension final FullHeapOutput written = new FullHeapOutput();

  private final OutOfMemoryError full = new OutOfMemoryError("made up");
  private final List<String> log = new ArrayList<>();

  /** A worker that the scope can stop only at the third attempt, and whose closing fails. */
  private final class Full extends Attachment {

    private int left = 2;

    Full(ScopeImpl scope) {
      super(scope);
    }

    @Override
    public int running() {
      return log.contains("stopped") ? 0 : 1;
    }

    @Override
    public void stop() {
      if (left-- > 0) {
        throw full;
      }
      log.add("stopped");
    }

    @Override
    public void close(Consumer<Throwable> failures) {
      log.add("workers closed");
      throw full;
    }
  }

  /** Runs the body in a scope that gets no memory for the deadline of its closing. */
  private OnThread<Void> runWithoutMemoryForClosing(ThreadFactory threads, ScopeAction<?> body) {
    ScopeEnding.regions =
        (scope, what) -> {
          throw full;
        };
    return OnThread.run(threads, () -> Scopes.run(body));
  }

  @AfterEach
  void restore() {
    ScopeEnding.regions = ClosingScope::new;
  }

  @EachThreadKind
  void without_memory_for_the_closing_it_closes_its_resources_also_if_it_was_cancelled(
      ThreadFactory threads) {
    var failure = new IllegalStateException();
    var body = new IllegalArgumentException();
    OnThread<Void> owner =
        runWithoutMemoryForClosing(
            threads,
            scope -> {
              scope.onExit(() -> closed("first"));
              scope.onExit(() -> {
                closed("second");
                throw failure;
              });
              scope.fork(() -> Blocked.forever());
              throw body;
            });
    assertSame(body, owner.leavesNoFlag().thrown());
    assertSame(failure, body.getSuppressed()[0]);
    assertEquals(List.of("second closed", "first closed"), log);
  }

  private void closed(String name) {
    log.add(name + (Thread.currentThread().isInterrupted() ? " interrupted" : " closed"));
  }

  @EachThreadKind
  void without_memory_for_the_closing_a_resource_that_fails_to_close_is_not_lost(
      ThreadFactory threads) {
    var failure = new IllegalStateException();
    OnThread<Void> owner =
        runWithoutMemoryForClosing(
            threads,
            scope -> {
              scope.onExit(() -> closed("first"));
              scope.onExit(() -> {
                throw failure;
              });
            });
    assertSame(failure, owner.thrown());
    assertEquals(List.of("first closed"), log);
  }

  /** Another scope writes its line when this one is to be named. */
  @Test
  void a_scope_that_waits_for_memory_is_named_also_if_another_is_named_first() throws Exception {
    ScopeImpl scope = ScopeImpl.open(Settings.DEFAULT.withName("payments"), Policy.BLOCK, this);
    var asked = new AtomicBoolean();
    FullHeapReport.error =
        new OutputStream() {
          @Override
          public void write(int b) {
            if (!asked.getAndSet(true)) {
              assertEquals(100, scope.awaitMemory(100));
            }
          }
        };
    try {
      assertEquals(100, scope.awaitMemory(99));
      assertTrue(FullHeapReport.write("orders"));
      assertTrue(asked.get());
      FullHeapReport.error = written;
      assertEquals(101, scope.awaitMemory(100));
      assertEquals(102, scope.awaitMemory(101));
    } finally {
      scope.end(null);
    }
    assertEquals(1, written.text().split("'payments'", -1).length - 1);
  }

  @EachThreadKind
  void it_stops_its_tasks_and_closes_its_resources(ThreadFactory threads) throws Exception {
    Settings settings = Settings.DEFAULT.withFactory(threads);
    ScopeImpl scope = ScopeImpl.open(settings, Policy.BLOCK, this);
    scope.workers(Full::new);
    CloseActions.atEnd(scope, () -> log.add("resource closed"), log);
    assertSame(full, assertThrows(OutOfMemoryError.class, () -> scope.end(null)));
    assertEquals(0, scope.live());
    assertEquals(List.of("stopped", "workers closed", "resource closed"), log);
  }
}
