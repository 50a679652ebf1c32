package dev.holdfast.internal.scope;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ForkFailedException;
import dev.holdfast.internal.cancel.Cancellation;
import dev.holdfast.internal.cancel.Interrupter;
import dev.holdfast.internal.scope.Settings.Policy;
import dev.holdfast.internal.telemetry.FullHeapReport;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.Poll;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadFactory;

/** What a task does when it runs out of memory while it ends. */
@LeavesNothing
class ScopeTaskTest {

  private final OutOfMemoryError full = new OutOfMemoryError("made up");

  /** A task that cannot publish its outcome. */
  private final class Unpublished extends ScopeTask {

    private final Callable<?> code;

    Unpublished(ScopeImpl scope, Callable<?> code) {
      super(scope, "unpublished", scope.nextNumber());
      this.code = code;
    }

    @Override
    public Object work() throws Exception {
      return code.call();
    }

    @Override
    public void conclude(State state, Object result, Throwable thrown, long elapsedNanos) {
      throw full;
    }
  }

  private ScopeImpl open(ThreadFactory threads) throws InterruptedException {
    return ScopeImpl.open(Settings.DEFAULT.withFactory(threads), Policy.BLOCK, this);
  }

  @EachThreadKind
  void a_lost_result_fails_the_scope(ThreadFactory threads) throws Exception {
    ScopeImpl scope = open(threads);
    scope.start(new Unpublished(scope, () -> 1));
    assertSame(full, assertThrows(ForkFailedException.class, () -> scope.end(null)).getCause());
  }

  @EachThreadKind
  void a_failure_cancels_the_scope_though_no_joiner_sees_it(ThreadFactory threads)
      throws Exception {
    var failure = new IllegalStateException();
    ScopeImpl scope = open(threads);
    scope.start(
        new Unpublished(
            scope,
            () -> {
              Thread.currentThread().setUncaughtExceptionHandler((thread, thrown) -> {});
              throw failure;
            }));
    assertSame(failure, assertThrows(ForkFailedException.class, () -> scope.end(null)).getCause());
  }

  @EachThreadKind
  void a_late_failure_is_kept(ThreadFactory threads) throws Exception {
    var late = new IllegalStateException();
    ScopeImpl scope = open(threads);
    scope.start(
        new Unpublished(
            scope,
            () -> {
              Thread.currentThread().setUncaughtExceptionHandler((thread, thrown) -> {});
              scope.cancel("early");
              throw late;
            }));
    Poll.until(() -> scope.cancellation() != null); // or else the task may not begin
    var thrown = assertThrows(RuntimeException.class, () -> scope.end(new RuntimeException()));
    assertSame(late, thrown.getSuppressed()[0]);
  }

  @EachThreadKind
  void the_scope_does_not_wait_for_a_refused_task(ThreadFactory threads) throws Exception {
    ScopeImpl scope = open(threads);
    Cancellation why = Cancellation.explicit("test", "refused");
    assertThrows(OutOfMemoryError.class, () -> scope.refuse(new Unpublished(scope, () -> 1), why));
    scope.end(null);
    assertEquals(0, scope.live());
  }

  @EachThreadKind
  void a_scope_that_waits_for_memory_to_be_cancelled_is_named(ThreadFactory threads)
      throws Exception {
    var failure = new IllegalStateException();
    var written = new ByteArrayOutputStream();
    OutputStream before = FullHeapReport.error;
    FullHeapReport.error = written;
    try {
      ScopeImpl scope = open(threads);
      scope.start(
          new ForkTask<>(
              scope,
              "fails",
              1,
              () -> {
                throw failure;
              }) {
            @Override
            public Interrupter failing(Throwable thrown) {
              if (written.size() == 0) {
                throw full;
              }
              return super.failing(thrown);
            }
          });
      assertSame(
          failure, assertThrows(ForkFailedException.class, () -> scope.end(null)).getCause());
      assertTrue(
          written.toString(StandardCharsets.US_ASCII).contains("Scope 'ScopeTaskTest'"),
          written::toString);
    } finally {
      FullHeapReport.error = before;
    }
  }
}
