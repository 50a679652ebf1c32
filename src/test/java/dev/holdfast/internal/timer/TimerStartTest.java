package dev.holdfast.internal.timer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.ScopeTimeoutException;
import dev.holdfast.Scopes;
import dev.holdfast.internal.util.DaemonThreads;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LawFixtures;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Poll;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who starts the timer thread if it could not be started when an alarm was set. */
@LeavesNothing
@Timeout(60)
class TimerStartTest {

  private static final String TIMER = "holdfast-housekeeper";
  private static final String STARTER = "holdfast-housekeeper-starter";
  private static final Duration SHORT = Duration.ofMillis(20);
  private static final Duration LONGER = Duration.ofMillis(300); // than three attempts take
  private static final Duration LONG = Duration.ofHours(1);

  private final AtomicInteger timers = new AtomicInteger();
  private final AtomicInteger starters = new AtomicInteger();

  // How many of the first starts of one fail, and how many of the other succeed.
  private volatile int refusedTimers;
  private volatile int allowedStarters;

  /** A thread that parks before the first start fails. */
  private volatile Thread owner;

  @BeforeEach
  void refuse() {
    Poll.until(() -> !runs());
    DaemonThreads.starter =
        thread -> {
          if (isRefused(thread.getName())) {
            letPark(owner);
            throw new OutOfMemoryError("made up");
          }
          thread.start();
        };
  }

  private boolean isRefused(String name) {
    return switch (name) {
      case TIMER -> timers.incrementAndGet() <= refusedTimers;
      case STARTER -> starters.incrementAndGet() > allowedStarters;
      default -> false;
    };
  }

  private static void letPark(Thread owner) {
    if (owner != null && owner != Thread.currentThread()) {
      LockSupport.parkNanos(50_000_000); // until it has been woken
      Poll.untilBlocked(owner);
    }
  }

  @AfterEach
  void restore() throws InterruptedException {
    DaemonThreads.starter = Thread::start;
    LawFixtures.await(ringing()); // the timer thread runs, and forgets old alarms
  }

  /** {@return a latch that the timer thread opens} */
  private static CountDownLatch ringing() {
    var rung = new CountDownLatch(1);
    TimerThread.set(
        new Alarm() {
          @Override
          public void ring() {
            rung.countDown();
          }
        },
        System.nanoTime());
    return rung;
  }

  private static boolean runs() {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(thread -> thread.getName().equals(TIMER));
  }

  private static Throwable thrownBy(ThreadFactory threads, OnThread.Code code) {
    return OnThread.run(threads, code).thrown();
  }

  @EachThreadKind
  void who_sets_the_deadline_of_a_scope_tries_again(ThreadFactory threads) {
    refusedTimers = 3;
    Throwable thrown =
        thrownBy(threads, () -> Scopes.timeout(LONGER).run(scope -> Blocked.forever()));
    assertInstanceOf(ScopeTimeoutException.class, thrown);
  }

  @EachThreadKind
  void a_deadline_that_passes_meanwhile_cancels_the_scope(ThreadFactory threads) {
    refusedTimers = Integer.MAX_VALUE;
    Throwable thrown =
        thrownBy(threads, () -> Scopes.timeout(SHORT).run(scope -> scope.fork(() -> {}).join()));
    assertInstanceOf(ScopeTimeoutException.class, thrown);
  }

  @EachThreadKind
  void a_scope_does_not_open_if_nothing_can_cancel_it_in_time(ThreadFactory threads) {
    refusedTimers = Integer.MAX_VALUE;
    var begun = new AtomicBoolean();
    Throwable thrown =
        thrownBy(threads, () -> Scopes.named("orders").timeout(LONG).run(scope -> begun.set(true)));
    String message = assertInstanceOf(OutOfMemoryError.class, thrown).getMessage();
    assertTrue(message.startsWith("Scope 'orders' has a deadline, but no thread"), message);
    assertFalse(begun.get());
  }

  @EachThreadKind
  void who_sets_the_deadline_of_a_shield_tries_again(ThreadFactory threads) {
    refusedTimers = 3;
    Throwable thrown = thrownBy(threads, () -> Scopes.shield(LONGER, () -> Blocked.forever()));
    assertInstanceOf(ScopeTimeoutException.class, thrown);
  }

  @EachThreadKind
  void a_deadline_that_passes_meanwhile_cancels_the_shield(ThreadFactory threads) {
    refusedTimers = Integer.MAX_VALUE;
    Throwable thrown = thrownBy(threads, () -> Scopes.shield(SHORT, () -> Blocked.forever()));
    assertInstanceOf(ScopeTimeoutException.class, thrown);
  }

  @EachThreadKind
  void a_shield_cleans_up_also_if_nothing_can_cancel_it_in_time(ThreadFactory threads) {
    refusedTimers = Integer.MAX_VALUE;
    var cleaned = new AtomicBoolean();
    assertNull(thrownBy(threads, () -> Scopes.shield(LONG, () -> cleaned.set(true))));
    assertTrue(cleaned.get());
  }

  @Test
  void a_virtual_thread_tries_until_it_succeeds() {
    refusedTimers = 5;
    allowedStarters = 1;
    Throwable thrown =
        thrownBy(
            Thread.ofPlatform().factory(),
            () -> Scopes.timeout(SHORT).run(scope -> Blocked.forever()));
    assertInstanceOf(ScopeTimeoutException.class, thrown);
  }

  @Test
  void the_owner_tries_again_while_it_waits_for_its_threads() {
    refusedTimers = 3;
    CountDownLatch rung = ringing();
    Throwable thrown =
        thrownBy(
            Thread.ofPlatform().factory(),
            () -> Scopes.run(scope -> scope.fork(() -> rung.await())));
    assertNull(thrown);
  }

  /**
   * Only an interrupt that is repeated ends the worker, and only the cancellation sets an alarm.
   */
  @Test
  void the_owner_of_a_cancelled_scope_tries_again_while_it_waits_for_stubborn_tasks() {
    refusedTimers = 3;
    var begun = new CountDownLatch(1);
    Throwable thrown =
        thrownBy(
            Thread.ofPlatform().factory(),
            () ->
                Scopes.run(scope -> {
                  owner = Thread.currentThread();
                  scope.worker(
                      "stubborn",
                      worker -> {
                        swallowOneInterrupt(begun);
                        Blocked.forever();
                      });
                  scope.fork(() -> Blocked.forever());
                  OnThread.run(() -> {
                    begun.await();
                    Poll.untilBlocked(owner);
                    scope.cancel("enough");
                  });
                }));
    assertNull(thrown);
    assertEquals(4, timers.get());
  }

  private static void swallowOneInterrupt(CountDownLatch begun) {
    begun.countDown();
    try {
      Blocked.forever();
    } catch (InterruptedException swallowed) {
      Thread.onSpinWait();
    }
  }
}
