package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@LeavesNothing
class Law08EndedMeansInertTest {

  /** How a scope can have ended. */
  enum End {
    VALUE {
      @Override
      void end(Scope scope) {}
    },
    BODY_FAILED {
      @Override
      void end(Scope scope) throws Exception {
        throw new IllegalStateException("marker");
      }
    },
    FORK_FAILED {
      @Override
      void end(Scope scope) throws Exception {
        scope.fork(() -> {
          throw new IllegalStateException("marker");
        });
        Blocked.forever();
      }
    },
    CANCELLED {
      @Override
      void end(Scope scope) {
        scope.cancel("enough");
      }
    },
    TIMED_OUT {
      @Override
      void end(Scope scope) throws Exception {
        Blocked.forever();
      }
    };

    abstract void end(Scope scope) throws Exception;
  }

  /** A closed scope; its threads come from a factory that counts. */
  private static Scope ended(End how, AtomicInteger threads) {
    var kept = new AtomicReference<Scope>();
    ThreadFactory counting =
        task -> {
          threads.incrementAndGet();
          return Thread.ofVirtual().unstarted(task);
        };
    ScopeSpec spec = Scopes.named("gone").threads(counting);
    if (how == End.TIMED_OUT) {
      spec = spec.timeout(Duration.ofMillis(5));
    }
    try {
      spec.run(scope -> {
        kept.set(scope);
        how.end(scope);
      });
    } catch (Exception expected) {
      assertNotNull(expected);
    }
    threads.set(0);
    return kept.get();
  }

  private static List<Executable> everything(Scope scope) {
    return List.of(
        () -> scope.fork(() -> 1),
        () -> scope.fork("name", () -> 1),
        () -> scope.fork(() -> {}),
        () -> scope.fork("name", () -> {}),
        scope::join,
        () -> scope.use(() -> {}),
        () -> scope.onExit(() -> {}),
        () -> scope.onCancel(() -> {}));
  }

  private static void isInert(Scope scope, End how) {
    for (Executable operation : everything(scope)) {
      var thrown = assertThrows(ScopeClosedException.class, operation);
      assertTrue(thrown.getMessage().contains("gone"), thrown.getMessage());
    }
    boolean cancelled = scope.isCancelled();
    scope.cancel("too late");
    assertEquals(cancelled, scope.isCancelled());
    assertEquals(how != End.VALUE, cancelled);
    assertEquals("gone", scope.name());
    assertEquals(how == End.TIMED_OUT, scope.deadline() != Deadline.NONE);
    assertTrue(scope.toString().contains("ended"), scope.toString());
  }

  @ParameterizedTest
  @EnumSource
  void for_its_owner(End how) {
    var threads = new AtomicInteger();
    isInert(ended(how, threads), how);
    assertEquals(0, threads.get(), "threads started");
  }

  @ParameterizedTest
  @EnumSource
  void for_other_threads(End how) {
    var threads = new AtomicInteger();
    Scope scope = ended(how, threads);
    OnThread.run(() -> isInert(scope, how)).value();
    OnThread.run(Thread.ofPlatform().factory(), () -> isInert(scope, how)).value();
    assertEquals(0, threads.get(), "threads started");
  }

  @ParameterizedTest
  @EnumSource
  void inside_another_scope_which_goes_on(End how) throws Exception {
    Scope gone = ended(how, new AtomicInteger());
    int sum =
        Scopes.call(scope -> {
          isInert(gone, how);
          Fork<Integer> fork =
              scope.fork(() -> {
                isInert(gone, how);
                return 1;
              });
          return fork.join();
        });
    assertEquals(1, sum);
  }

  @Test
  void a_refused_resource_is_closed() {
    Scope gone = ended(End.VALUE, new AtomicInteger());
    var closed = new AtomicInteger();
    assertThrows(ScopeClosedException.class, () -> gone.use(closed::incrementAndGet));
    assertEquals(1, closed.get());
  }

  @Test
  void a_refused_resource_that_cannot_be_closed_says_so() {
    Scope gone = ended(End.VALUE, new AtomicInteger());
    var broken = new IllegalStateException("close");
    var thrown =
        assertThrows(
            ScopeClosedException.class,
            () ->
                gone.use(() -> {
                  throw broken;
                }));
    assertSame(broken, thrown.getSuppressed()[0]);
  }

  @Test
  void a_refused_closer_does_not_run() {
    Scope gone = ended(End.CANCELLED, new AtomicInteger());
    var ran = new AtomicInteger();
    assertThrows(ScopeClosedException.class, () -> gone.onExit(ran::incrementAndGet));
    assertThrows(ScopeClosedException.class, () -> gone.onCancel(ran::incrementAndGet));
    assertEquals(0, ran.get());
  }

  @Test
  void closers_cannot_start_anything() throws Exception {
    var refused = new ArrayList<Throwable>();
    var closed = new AtomicInteger();
    Scopes.run(scope ->
        scope.onExit(() -> {
          refused.add(assertThrows(Exception.class, () -> scope.fork(() -> 1)));
          refused.add(assertThrows(Exception.class, scope::join));
          refused.add(assertThrows(Exception.class, () -> scope.onExit(() -> {})));
          refused.add(assertThrows(Exception.class, () -> scope.use(closed::incrementAndGet)));
          scope.cancel("too late");
          assertFalse(scope.isCancelled());
        }));
    assertEquals(4, refused.size());
    refused.forEach(t -> assertSame(ScopeClosedException.class, t.getClass()));
    assertEquals(1, closed.get());
  }

  @Test
  void its_forks_return_at_once() throws Exception {
    var forks = new ArrayList<Fork<?>>();
    Scopes.named("gone")
        .isolated()
        .threads(Thread.ofVirtual().uncaughtExceptionHandler((t, e) -> {}).factory())
        .run(scope -> {
          forks.add(scope.fork(() -> 1));
          forks.add(
              scope.fork(() -> {
                throw new IllegalStateException("marker");
              }));
          Fork<?> cancelled = scope.fork(() -> Blocked.forever());
          cancelled.cancel();
          forks.add(cancelled);
        });
    forks.forEach(Fork::cancel);
    assertEquals(1, forks.get(0).join());
    assertThrows(ForkFailedException.class, () -> forks.get(1).join());
    assertThrows(CancellationException.class, () -> forks.get(2).join());
    assertEquals("gone/1", forks.get(0).name());
  }

  @EachThreadKind
  @Tag("one-carrier")
  void a_cancel_or_deadline_that_races_the_end_interrupts_no_thread(ThreadFactory threads) {
    var caller =
        OnThread.run(
            threads,
            () -> {
              for (int round = 0; round < 500; round++) {
                var kept = new AtomicReference<Scope>();
                var foreign =
                    OnThread.run(() -> {
                      while (kept.get() == null) {
                        Thread.onSpinWait();
                        Thread.yield();
                      }
                      kept.get().cancel("just now");
                    });
                ScopeSpec spec = Scopes.timeout(Duration.ofNanos(20_000 + 500 * round));
                try {
                  spec.run(scope -> {
                    kept.set(scope);
                    scope.fork(() -> {});
                  });
                } catch (ScopeTimeoutException expected) {
                  kept.compareAndSet(null, ended(End.VALUE, new AtomicInteger()));
                }
                assertFalse(Thread.currentThread().isInterrupted(), "at its end");
                foreign.end();
                assertFalse(Thread.currentThread().isInterrupted(), "after its end");
              }
            });
    assertDoesNotThrow(caller::value);
    caller.leavesNoFlag();
  }
}
