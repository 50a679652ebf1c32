package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Poll;
import dev.holdfast.testing.RootFixture;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/**
 * Roots are opened, handed code, and closed.
 *
 * <p>Tests {@code RootLog} as well.
 */
class RootScopeTest extends RootFixture {

  @EachThreadKind
  void code_of_a_call_runs_in_the_scope_of_the_root(ThreadFactory threads) {
    var thread = new AtomicReference<Thread>();
    var call =
        OnThread.start(
            threads,
            () -> {
              try (RootScope root = Scopes.open(Scopes.named("works"))) {
                blockedWorker(root);
                Fork<Integer> fork = root.call(scope -> scope.fork(() -> 1));
                root.run(scope -> {
                  thread.set(Thread.currentThread());
                  scope.use(() -> log.add("closed"));
                });
                assertEquals("RootScope[works, open]", root.toString());
                return fork.join() + root.call(scope -> 2);
              }
            });
    assertEquals(3, call.value());
    assertEquals(List.of("stopped", "closed"), log);
    assertFalse(thread.get().isAlive());
    assertEquals("works", thread.get().getName());
    call.leavesNoFlag();
    warnings.none();
  }

  @Test
  void it_is_named_after_the_class_that_opened_it() {
    try (RootScope root = Scopes.open()) {
      assertEquals("RootScopeTest", root.name());
    }
    try (RootScope root = Scopes.limit(1).open()) {
      assertEquals("RootScopeTest", root.name());
    }
  }

  @Test
  void a_hedge_does_not_apply_to_it() {
    assertThrows(
        IllegalStateException.class,
        () -> Scopes.named("x").hedge(Duration.ofSeconds(1)).open().close());
  }

  @EachThreadKind
  void any_thread_may_close_it(ThreadFactory threads) throws Exception {
    RootScope root = Scopes.open();
    blockedWorker(root);
    OnThread.run(threads, root::close).leavesNoFlag().value();
    assertEquals(List.of("stopped"), log);
    assertTrue(root.toString().endsWith(", ended]"));
    root.close();
  }

  @EachThreadKind
  void every_close_waits(ThreadFactory threads) throws Exception {
    RootScope root = Scopes.open();
    root.run(scope -> scope.fork(() -> go.await()));
    var closers =
        List.of(
            OnThread.run(threads, root::close).blocked(),
            OnThread.run(threads, root::close).blocked(),
            OnThread.run(threads, root::close).blocked());
    var late = OnThread.run(threads, root::close).blocked();
    assertTrue(late.thread().isAlive());
    closers.forEach(c -> assertTrue(c.thread().isAlive()));
    assertFalse(root.isCancelled());
    go.countDown();
    closers.forEach(OnThread::value);
    late.value();
  }

  @EachThreadKind
  void calls_made_before_the_close_still_run(ThreadFactory threads) throws Exception {
    RootScope root = Scopes.open();
    var first =
        OnThread.start(
            threads,
            () ->
                root.call(scope -> {
                  up.countDown();
                  go.await();
                  return "first";
                }));
    up.await();
    var second = OnThread.start(threads, () -> root.call(scope -> "second")).blocked();
    Poll.untilIn(second.thread(), "await");
    var closer = OnThread.run(threads, root::close).blocked();
    Poll.until(() -> root.toString().contains("closing"));
    assertThrows(ScopeClosedException.class, () -> root.run(scope -> log.add("late")));
    go.countDown();
    assertEquals("first", first.value());
    assertEquals("second", second.value());
    closer.value();
    assertThrows(ScopeClosedException.class, () -> root.call(scope -> 1));
    assertEquals(List.of(), log);
  }

  @Test
  void a_root_in_a_scope_is_not_bound_to_it() throws Exception {
    var root = new AtomicReference<RootScope>();
    assertThrows(
        ScopeCancelledException.class,
        () ->
            Scopes.timeout(Duration.ofMinutes(1))
                .run(scope -> {
                  root.set(Scopes.open());
                  assertSame(Deadline.NONE, root.get().call(inner -> Scopes.deadline()));
                  scope.cancel("enough");
                  Blocked.forever();
                }));
    assertEquals("r", root.get().call(scope -> scope.fork(() -> "r").join()));
    assertFalse(root.get().isCancelled());
    root.get().close();
  }

  @Test
  void a_scope_that_uses_a_root_ends_it() throws Exception {
    Scopes.run(scope -> blockedWorker(scope.use(Scopes.open())));
    assertEquals(List.of("stopped"), log);
  }

  @Test
  void a_cancelled_task_may_open_and_close_one() throws Exception {
    Scopes.run(scope -> {
      Fork<Object> fork =
          scope.fork(() -> {
            up.countDown();
            try {
              return Blocked.forever();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
              RootScope root = Scopes.open();
              assertTrue(Thread.currentThread().isInterrupted());
              root.close();
              log.add("closed");
              throw e;
            }
          });
      up.await();
      fork.cancel();
    });
    assertEquals(List.of("closed"), log);
  }

  @Test
  void the_exception_of_a_call_is_thrown_and_the_root_goes_on() throws Exception {
    try (RootScope root = Scopes.open()) {
      for (Throwable thrown :
          List.of(
              new IOException("1"), new IllegalStateException("2"), new OutOfMemoryError("3"))) {
        assertSame(thrown, assertThrows(Throwable.class, () -> root.run(scope -> throwIt(thrown))));
      }
      IOException typed = null;
      try {
        root.run(scope -> {
          throw new IOException("typed");
        });
      } catch (IOException e) {
        typed = e;
      }
      assertEquals("typed", typed.getMessage());
      assertFalse(root.isCancelled());
      assertEquals("r", root.call(scope -> "r"));
    }
    warnings.none();
  }

  @Test
  void on_its_own_thread_code_runs_at_once() throws Exception {
    try (RootScope root = Scopes.open()) {
      int sum =
          root.call(scope ->
              1
                  + root.call(
                      same -> same.fork(() -> 2).join() + root.<Integer, Exception>call(s -> 4)));
      assertEquals(7, sum);
    }
  }

  @Test
  void a_closing_resource_cannot_call_the_root() throws Exception {
    RootScope root = Scopes.open();
    root.run(scope ->
        scope.onExit(() -> {
          assertThrows(ScopeClosedException.class, () -> root.run(s -> log.add("ran")));
          log.add("exit");
        }));
    root.close();
    assertEquals(List.of("exit"), log);
  }

  @Test
  void a_task_of_the_root_may_call_it() throws Exception {
    try (RootScope root = Scopes.open()) {
      Fork<Integer> fork =
          root.call(scope -> scope.fork(() -> root.call(s -> s.fork(() -> 5)).join()));
      assertEquals(5, fork.join());
    }
  }

  private OnThread<Object> occupied(RootScope root, ThreadFactory threads)
      throws InterruptedException {
    OnThread<Object> first =
        OnThread.start(
            threads,
            () ->
                root.call(scope -> {
                  up.countDown();
                  go.await();
                  log.add("first");
                  return null;
                }));
    up.await();
    return first;
  }

  @EachThreadKind
  void an_interrupted_caller_withdraws_a_call_that_has_not_begun(ThreadFactory threads)
      throws Exception {
    try (RootScope root = Scopes.open()) {
      var first = occupied(root, threads);
      var second = OnThread.run(threads, () -> root.run(scope -> log.add("second")));
      Poll.untilIn(second.thread(), "await");
      second.blocked().interrupt();
      assertInstanceOf(InterruptedException.class, second.leavesNoFlag().thrown());
      go.countDown();
      first.value();
    }
    assertEquals(List.of("first"), log);
  }

  @EachThreadKind
  void a_caller_whose_task_is_cancelled_waits_no_longer(ThreadFactory threads) throws Exception {
    try (RootScope root = Scopes.open()) {
      var first = occupied(root, threads);
      var second =
          OnThread.run(
              threads,
              () ->
                  Scopes.timeout(Duration.ofMillis(50))
                      .run(scope -> root.run(s -> log.add("second"))));
      assertInstanceOf(ScopeTimeoutException.class, second.leavesNoFlag().thrown());
      go.countDown();
      first.value();
    }
    assertEquals(List.of("first"), log);
  }

  @EachThreadKind
  void code_that_has_begun_goes_on_without_its_caller(ThreadFactory threads) throws Exception {
    RootScope root = Scopes.open();
    var unheard = new AtomicReference<Throwable>();
    var marker = new OutOfMemoryError("marker");
    var caller =
        OnThread.run(
            threads,
            () ->
                root.run(scope -> {
                  Thread.currentThread()
                      .setUncaughtExceptionHandler((thread, thrown) -> unheard.set(thrown));
                  up.countDown();
                  go.await();
                  throw marker;
                }));
    up.await();
    caller.blocked().interrupt();
    assertInstanceOf(InterruptedException.class, caller.thrown());
    go.countDown();
    root.run(scope -> log.add("next"));
    assertSame(marker, unheard.get());
    root.close();
  }

  @Test
  void the_context_class_loader_is_that_of_the_opener() throws Exception {
    Thread current = Thread.currentThread();
    ClassLoader before = current.getContextClassLoader();
    var own = new ClassLoader(before) {};
    current.setContextClassLoader(own);
    try (RootScope root = Scopes.open()) {
      assertSame(own, root.call(scope -> Thread.currentThread().getContextClassLoader()));
      assertNotSame(current, root.call(scope -> Thread.currentThread()));
    } finally {
      current.setContextClassLoader(before);
    }
  }
}
