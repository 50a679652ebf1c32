package dev.holdfast.internal.cancel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Scopes;
import dev.holdfast.internal.util.BargingLock;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Poll;
import java.util.ArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

/** Threads that share a lock, because there was no memory for locks of their own. */
@LeavesNothing
@Timeout(120)
class ScopeStackTest {

  private static final int THREADS = 8;
  private static final int ROUNDS = 50;

  private final AtomicInteger refusals = new AtomicInteger();

  @BeforeEach
  void refuse() {
    ScopeStack.locks =
        () -> {
          refusals.incrementAndGet();
          throw new OutOfMemoryError("made up");
        };
  }

  @AfterEach
  void restore() {
    ScopeStack.locks = BargingLock::new;
  }

  @EachThreadKind
  void a_failure_cancels_the_other_tasks_and_scopes_inside_them(ThreadFactory threads) {
    var failure = new IllegalStateException();
    var inside = new CountDownLatch(1);
    OnThread<Void> owner =
        OnThread.run(
            threads,
            () ->
                Scopes.named("full")
                    .threads(threads)
                    .run(scope -> {
                      scope.fork(() ->
                          Scopes.run(inner -> {
                            inside.countDown();
                            Blocked.forever();
                          }));
                      inside.await();
                      throw failure;
                    }));
    assertSame(failure, owner.leavesNoFlag().thrown());
    assertTrue(refusals.get() >= 2, refusals.toString());
  }

  @EachThreadKind
  void an_interrupt_from_outside_ends_the_scope_and_stays_known(ThreadFactory threads) {
    OnThread<Void> owner =
        OnThread.run(threads, () -> Scopes.run(scope -> scope.fork(() -> Blocked.forever())));
    Poll.until(() -> ThreadScope.count() == 2);
    owner.blocked().interrupt();
    assertInstanceOf(InterruptedException.class, owner.thrown());
    assertFalse(owner.flag());
  }

  /** Each thread enters, cancels and leaves scopes while the others do. */
  @EachThreadKind
  void threads_at_once_cancel_only_their_own_scopes(ThreadFactory threads) {
    var owners = new ArrayList<OnThread<Void>>();
    var ended = new AtomicInteger();
    for (int i = 0; i < THREADS; i++) {
      owners.add(
          OnThread.run(
              threads,
              () -> {
                for (int round = 0; round < ROUNDS; round++) {
                  cancelOne();
                  assertFalse(Thread.currentThread().isInterrupted());
                  ended.incrementAndGet();
                }
              }));
    }
    owners.forEach(owner -> assertNull(owner.leavesNoFlag().thrown()));
    assertEquals(THREADS * ROUNDS, ended.get());
  }

  private static void cancelOne() throws InterruptedException {
    String value =
        Scopes.call(scope -> {
          scope.fork(() -> Scopes.run(inner -> Blocked.forever()));
          scope.cancel("enough");
          return "kept";
        });
    assertEquals("kept", value);
  }
}
