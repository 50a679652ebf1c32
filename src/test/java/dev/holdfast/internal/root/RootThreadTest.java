package dev.holdfast.internal.root;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Deadline;
import dev.holdfast.ForkFailedException;
import dev.holdfast.RootScope;
import dev.holdfast.ScopeCancelledException;
import dev.holdfast.ScopeException;
import dev.holdfast.ScopeTimeoutException;
import dev.holdfast.Scopes;
import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.internal.timer.TimerThread;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LawFixtures;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Pace;
import dev.holdfast.testing.Poll;
import dev.holdfast.testing.RootFixture;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

/** Roots fail, are cancelled, and are waited for. */
class RootThreadTest extends RootFixture {

  @EachThreadKind
  void cancel_ends_everything_and_is_no_failure(ThreadFactory threads) throws Exception {
    RootScope root = Scopes.open(Scopes.named("works"));
    blockedWorker(root);
    root.cancel("enough");
    assertTrue(root.isCancelled());
    OnThread.run(threads, root::close).leavesNoFlag().value();
    assertEquals(List.of("stopped"), log);
    ScopeCancelledException thrown =
        assertThrows(ScopeCancelledException.class, () -> root.run(scope -> log.add("late")));
    assertEquals("enough", thrown.reason());
    assertThrows(ScopeCancelledException.class, root::join);
    warnings.none();
  }

  @EachThreadKind
  void no_thread_waits_for_a_cancelled_root(ThreadFactory threads) throws Exception {
    RootScope root = Scopes.open();
    var stubborn =
        OnThread.run(
            threads,
            () ->
                root.run(scope -> {
                  up.countDown();
                  Blocked.stubbornly(go);
                }));
    up.await();
    var waiting = OnThread.run(threads, () -> root.run(scope -> log.add("never")));
    Poll.untilIn(waiting.thread(), "await");
    waiting.blocked();
    root.cancel("enough");
    // The call before it is still running.
    assertInstanceOf(ScopeCancelledException.class, waiting.leavesNoFlag().thrown());
    assertThrows(ScopeCancelledException.class, () -> root.run(scope -> log.add("never")));
    go.countDown();
    stubborn.value();
    root.close();
    assertEquals(List.of(), log);
  }

  @EachThreadKind
  void a_call_that_was_cancelled_names_the_reason(ThreadFactory threads) throws Exception {
    RootScope root = Scopes.open();
    var cut =
        OnThread.run(
            threads,
            () ->
                root.run(scope -> {
                  up.countDown();
                  Blocked.forever();
                }));
    up.await();
    root.cancel("enough");
    assertEquals("enough", assertInstanceOf(ScopeCancelledException.class, cut.thrown()).reason());
    cut.leavesNoFlag();
    root.close();
  }

  @EachThreadKind
  void a_failed_worker_completes_every_call_and_is_thrown(ThreadFactory threads) throws Exception {
    var marker = new IOException("broken");
    RootScope root = Scopes.open(Scopes.named("works"));
    var cut =
        OnThread.run(
            threads,
            () ->
                root.run(scope -> {
                  scope.worker(() -> {
                    go.await();
                    throw marker;
                  });
                  up.countDown();
                  Blocked.forever();
                }));
    up.await();
    var waiting = OnThread.run(threads, () -> root.run(scope -> log.add("never")));
    Poll.untilIn(waiting.thread(), "await");
    var joining = OnThread.run(threads, root::join);
    Poll.untilIn(joining.thread(), "await");
    joining.blocked();
    go.countDown();
    for (var call : List.of(cut, waiting)) {
      var thrown = assertInstanceOf(ScopeCancelledException.class, call.thrown());
      assertSame(marker, thrown.getCause());
      call.leavesNoFlag();
    }
    var failed = assertInstanceOf(ForkFailedException.class, joining.thrown());
    assertSame(marker, failed.getCause());
    root.close(); // join has thrown the failure
    assertSame(failed, assertThrows(ForkFailedException.class, root::join));
    assertEquals(List.of(), log);
    warnings.none();
  }

  @Test
  void a_failure_without_a_waiting_thread_is_logged_at_once_and_thrown_by_close() throws Exception {
    var marker = new IllegalStateException("broken");
    RootScope root = Scopes.open(Scopes.named("works"));
    failingWorker(root, marker);
    LogRecord warning = warnings.only();
    assertTrue(warning.getMessage().contains("'works'"), warning::getMessage);
    assertSame(marker, warning.getThrown().getCause());
    ForkFailedException thrown = assertThrows(ForkFailedException.class, root::close);
    assertSame(marker, thrown.getCause());
    root.close();
    assertEquals(1, warnings.count());
  }

  @EachThreadKind
  void one_of_many_closing_threads_gets_the_failure(ThreadFactory threads) throws Exception {
    RootScope root = Scopes.open();
    root.run(scope ->
        scope.fork(() -> {
          go.await();
          throw new IllegalStateException("broken");
        }));
    var closers = new ArrayList<OnThread<Void>>();
    for (int i = 0; i < 5; i++) {
      closers.add(OnThread.run(threads, root::close).blocked());
    }
    Poll.until(() -> root.toString().contains("closing"));
    closers.forEach(c -> Poll.untilIn(c.thread(), "await"));
    go.countDown();
    assertEquals(1, closers.stream().filter(c -> c.thrown() != null).count());
    warnings.none();
  }

  @Test
  void close_throws_the_exception_of_a_resource() throws Exception {
    var marker = new IOException("disk full");
    RootScope root = Scopes.open();
    root.run(scope -> scope.onExit(() -> throwIt(marker)));
    assertSame(marker, assertThrows(ScopeException.class, root::close).getCause());
    assertThrows(ScopeException.class, root::join);
  }

  @Test
  void its_deadline_ends_it() throws Exception {
    Pace.find(time -> {
      var begun = new CountDownLatch(1);
      RootScope root = Scopes.timeout(time).open();
      try {
        assertNotSame(Deadline.NONE, root.call(scope -> Scopes.deadline()));
        root.run(scope -> scope.worker("w", blocked(begun)));
      } catch (ScopeException e) {
        assertTrue(root.isCancelled());
      }
      assertThrows(ScopeTimeoutException.class, root::join);
      root.close();
      boolean inTime = begun.getCount() == 0;
      assertEquals(inTime ? List.of("stopped") : List.of(), log);
      return inTime;
    });
  }

  @Test
  void an_interrupt_of_its_thread_from_outside_ends_it() throws Exception {
    RootScope root = Scopes.open();
    Thread thread = root.call(scope -> Thread.currentThread());
    Poll.untilBlocked(thread);
    var joining = OnThread.run(root::join);
    Poll.untilIn(joining.thread(), "await");
    thread.interrupt();
    assertInstanceOf(
        InterruptedException.class,
        assertInstanceOf(ScopeException.class, joining.thrown()).getCause());
    root.close();
  }

  @EachThreadKind
  void join_returns_when_another_thread_closes_it(ThreadFactory threads) throws Exception {
    RootScope root = Scopes.open();
    blockedWorker(root);
    var joining = OnThread.run(threads, root::join).blocked();
    Poll.untilIn(joining.thread(), "await");
    assertTrue(joining.thread().isAlive());
    root.close();
    joining.leavesNoFlag().value();
  }

  @EachThreadKind
  void an_interrupted_join_leaves_the_root_alone(ThreadFactory threads) throws Exception {
    try (RootScope root = Scopes.open()) {
      var joining = OnThread.run(threads, root::join).blocked();
      joining.interrupt();
      assertInstanceOf(InterruptedException.class, joining.leavesNoFlag().thrown());
      assertFalse(root.isCancelled());
    }
  }

  @EachThreadKind
  void a_failure_that_a_join_threw_is_not_reported(ThreadFactory threads) throws Exception {
    var marker = new IOException("broken");
    LawFixtures.play(
        threads,
        3_000,
        random -> {
          RootScope root = Scopes.open(Scopes.named("works"));
          var begun = new CountDownLatch(1);
          var joining =
              OnThread.run(() -> {
                begun.countDown();
                root.join();
              });
          begun.await();
          Poll.untilIn(joining.thread(), "await");
          int turns = random.nextInt(200);
          root.run(scope ->
              scope.worker(() -> {
                LawFixtures.spin(turns);
                throw marker;
              }));
          assertInstanceOf(ForkFailedException.class, joining.thrown());
          root.close();
        });
    warnings.none();
  }

  @EachThreadKind
  void an_interrupt_of_the_closing_thread_cancels_the_root_and_stays_set(ThreadFactory threads)
      throws Exception {
    RootScope root = Scopes.open();
    root.run(scope ->
        scope.fork(() -> {
          up.countDown();
          try {
            Blocked.forever();
          } finally {
            Blocked.stubbornly(go);
            log.add("ended");
          }
        }));
    up.await();
    var closer = OnThread.run(threads, root::close);
    Poll.untilIn(closer.thread(), "await");
    closer.interrupt();
    Poll.until(root::isCancelled);
    assertTrue(root.isCancelled());
    closer.blocked();
    assertTrue(closer.thread().isAlive(), "it waits");
    go.countDown();
    assertTrue(closer.flag(), "the interrupt is there again");
    assertNull(closer.thrown());
    assertEquals(List.of("ended"), log);
  }

  @EachThreadKind
  void a_close_on_an_interrupted_thread_cancels_the_root(ThreadFactory threads) throws Exception {
    RootScope root = Scopes.open();
    root.run(scope -> scope.fork(() -> Blocked.forever()));
    var closer =
        OnThread.run(
            threads,
            () -> {
              Thread.currentThread().interrupt();
              root.close();
            });
    assertTrue(closer.flag());
    assertTrue(root.isCancelled());
  }

  @Test
  void the_cancellation_of_the_closing_task_reaches_the_root() throws Exception {
    Pace.find(time -> {
      RootScope root = Scopes.open();
      root.run(scope -> scope.fork(() -> Blocked.forever()));
      var closing = new AtomicBoolean();
      assertThrows(
          ScopeTimeoutException.class,
          () ->
              Scopes.timeout(time)
                  .run(scope -> {
                    closing.set(true);
                    root.close();
                  }));
      if (!closing.get()) {
        root.cancel("too late");
        root.close();
      }
      assertTrue(root.isCancelled());
      assertFalse(Thread.currentThread().isInterrupted());
      return closing.get();
    });
  }

  @Test
  void waiting_for_it_from_inside_is_refused() throws Exception {
    RootScope root = Scopes.open();
    root.run(scope -> {
      assertThrows(IllegalStateException.class, root::close);
      assertThrows(IllegalStateException.class, root::join);
      Scopes.run(inner -> assertThrows(IllegalStateException.class, root::close));
      scope.onExit(() -> assertThrows(IllegalStateException.class, root::close));
      scope
          .fork(() -> {
            assertThrows(IllegalStateException.class, root::close);
            assertThrows(IllegalStateException.class, root::join);
            Scopes.run(
                inner -> inner.fork(() -> assertThrows(IllegalStateException.class, root::close)));
          })
          .join();
      scope.executor().submit(() -> assertThrows(IllegalStateException.class, root::close)).get();
    });
    assertFalse(root.isCancelled());
    assertTrue(root.toString().endsWith(", open]"));
    root.close();
  }

  @EachThreadKind
  void roots_opened_and_closed_in_every_way_leave_nothing(ThreadFactory threads) throws Exception {
    LawFixtures.play(
        threads,
        1_000,
        random -> {
          var running = new AtomicInteger();
          int failing = random.nextInt(6);
          int turns = random.nextInt(300);
          RootScope root = Scopes.open();
          var others = new ArrayList<OnThread<Void>>();
          int callers = random.nextInt(3);
          for (int i = 0; i < callers; i++) {
            others.add(
                OnThread.run(() -> {
                  LawFixtures.spin(turns);
                  root.run(scope -> scope.fork(() -> blocksIn(running)));
                }));
          }
          switch (failing) {
            case 0 -> others.add(OnThread.run(() -> root.cancel("enough")));
            case 1 ->
                others.add(
                    OnThread.run(() -> failingWorker(root, new IllegalStateException("test"))));
            case 2 -> others.add(OnThread.run(root::close));
            case 3 -> others.add(OnThread.run(root::join));
            case 4 ->
                others.add(
                    OnThread.run(() ->
                        root.run(scope -> {
                          throw new IOException("test");
                        })));
            default -> {}
          }
          LawFixtures.spin(turns);
          if (random.nextBoolean()) {
            others.forEach(OnThread::interrupt);
          }
          if (random.nextBoolean()) {
            root.cancel("enough");
          }
          Throwable out = null;
          try {
            Thread.currentThread().interrupt(); // its forks are endless
            root.close();
          } catch (ForkFailedException e) {
            out = e;
          }
          assertTrue(Thread.interrupted());
          assertEquals(0, running.get());
          others.forEach(OnThread::end);
          assertTrue(out == null || failing == 1, String.valueOf(out));
          assertThrows(ScopeException.class, () -> root.run(scope -> {}));
        });
    Poll.until(() -> ThreadScope.count() == 0 && TimerThread.alarms() == 0);
    assertEquals(0, ThreadScope.count());
    assertEquals(0, TimerThread.alarms());
  }

  private static void blocksIn(AtomicInteger running) throws InterruptedException {
    running.incrementAndGet();
    try {
      Blocked.forever();
    } finally {
      running.decrementAndGet();
    }
  }
}
