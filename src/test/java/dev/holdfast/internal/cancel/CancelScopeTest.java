package dev.holdfast.internal.cancel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.holdfast.ForkFailedException;
import dev.holdfast.ScopeAction;
import dev.holdfast.ScopeTimeoutException;
import dev.holdfast.Scopes;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.FullHeapOutput;
import dev.holdfast.testing.LawFixtures;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Pace;
import dev.holdfast.testing.Poll;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A scope that cannot be cancelled at once, because there is no memory for that. */
@LeavesNothing
@Tag("one-carrier")
@Timeout(120)
class CancelScopeTest {

  /** More than it takes until a scope is named. */
  private static final int MANY = 300;

  private static final Duration LONG = Duration.ofHours(1);

  @RegisterExtension final FullHeapOutput written = new FullHeapOutput();

  private final AtomicInteger refusals = new AtomicInteger();
  private final IllegalStateException failure = new IllegalStateException();

  @AfterEach
  void restore() {
    CancelScope.interrupters = Interrupter::new;
  }

  private void refuseWhile(BooleanSupplier full) {
    CancelScope.interrupters =
        scope -> {
          if (full.getAsBoolean()) {
            refusals.incrementAndGet();
            throw new OutOfMemoryError("made up");
          }
          return new Interrupter(scope);
        };
  }

  /**
   * {@return what a scope throws that, from its body on, cannot be cancelled until it was named;
   * null if it was cancelled before its body}
   */
  private Throwable afterItWasNamed(ThreadFactory threads, Duration timeout, ScopeAction<?> body) {
    var inBody = new AtomicBoolean();
    refuseWhile(() -> inBody.get() && written.size() == 0 && refusals.get() < MANY);
    OnThread<Void> call =
        OnThread.run(
            threads,
            () ->
                Scopes.named("orders")
                    .threads(threads)
                    .timeout(timeout)
                    .run(scope -> {
                      inBody.set(true);
                      body.run(scope);
                    }));
    Throwable thrown = call.leavesNoFlag().thrown();
    if (refusals.get() == 0) {
      return null;
    }
    assertEquals(
        "holdfast: the heap is full. Scope 'orders' cannot be cancelled until there is memory for"
            + " it.\n",
        written.text());
    return thrown;
  }

  @EachThreadKind
  void a_scope_whose_deadline_has_passed_is_named(ThreadFactory threads) throws Exception {
    Pace.find(time -> {
      Throwable thrown = afterItWasNamed(threads, time, scope -> Blocked.forever());
      if (thrown != null) {
        assertInstanceOf(ScopeTimeoutException.class, thrown);
      }
      return thrown != null;
    });
  }

  @EachThreadKind
  void a_scope_whose_body_has_failed_is_named(ThreadFactory threads) {
    Throwable thrown =
        afterItWasNamed(
            threads,
            LONG,
            scope -> {
              scope.fork(() -> Blocked.forever());
              throw failure;
            });
    assertSame(failure, thrown);
  }

  @EachThreadKind
  void a_scope_whose_task_has_failed_is_named(ThreadFactory threads) {
    Throwable thrown =
        afterItWasNamed(
            threads,
            LONG,
            scope -> {
              scope.fork(() -> {
                throw failure;
              });
              Blocked.forever();
            });
    assertSame(failure, assertInstanceOf(ForkFailedException.class, thrown).getCause());
  }

  @EachThreadKind
  void an_interrupt_of_an_owner_that_waits_for_its_tasks_is_not_lost(ThreadFactory threads)
      throws InterruptedException {
    var begun = new CountDownLatch(1);
    var release = new CountDownLatch(1);
    OnThread<Void> owner =
        OnThread.run(
            threads,
            () ->
                Scopes.named("orders")
                    .threads(threads)
                    .run(scope ->
                        scope.fork(() -> {
                          begun.countDown();
                          release.await();
                        })));
    try {
      LawFixtures.await(begun);
      owner.blocked();
      refuseWhile(() -> refusals.get() < 3);
      owner.interrupt();
      Poll.until(() -> !owner.thread().isAlive(), () -> "the interrupt cancels nothing");
    } finally {
      release.countDown();
    }
    assertInstanceOf(InterruptedException.class, owner.thrown());
    assertFalse(owner.flag());
    assertEquals(3, refusals.get());
  }
}
