package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.internal.scope.UnjoinedFailures;
import dev.holdfast.internal.timer.TimerThread;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Pace;
import dev.holdfast.testing.Poll;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

@LeavesNothing
class Law10NothingStaysBehindTest {

  /** Something that can be seen to be gone. */
  private static final class Big {
    final byte[] bytes = new byte[1024];

    int use() {
      return bytes.length;
    }
  }

  /** What has to become unreachable. */
  private static final class Gone {
    private final List<WeakReference<Object>> watched = new ArrayList<>();

    <T> T watch(T value) {
      watched.add(new WeakReference<>(value));
      return value;
    }

    void check(String what) {
      Poll.until(() -> {
        System.gc();
        return watched.stream().allMatch(ref -> ref.get() == null);
      });
      long kept = watched.stream().filter(ref -> ref.get() != null).count();
      assertEquals(0, kept, what + " of " + watched.size() + " retained");
    }
  }

  private static final InheritableThreadLocal<Big> LOCAL = new InheritableThreadLocal<>();

  private static Optional<Thread> housekeeper() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("holdfast-housekeeper"))
        .findAny();
  }

  private static boolean housekeeperLives() {
    return housekeeper().isPresent();
  }

  @Test
  void the_timer_thread_ends_soon_after_the_last_scope() throws Exception {
    Pace.repeat(() -> {
      Scopes.timeout(Duration.ofMinutes(1)).run(scope -> assertTrue(housekeeperLives()));
      long ended = System.nanoTime();
      Poll.until(() -> !housekeeperLives());
      return System.nanoTime() - ended < 2_500_000_000L;
    });
  }

  @Test
  void the_timer_thread_starts_again_when_needed() throws Exception {
    Poll.until(() -> !housekeeperLives());
    for (int i = 0; i < 2; i++) {
      try {
        Scopes.timeout(Duration.ofMillis(5)).run(scope -> Blocked.forever());
      } catch (ScopeTimeoutException e) {
        assertNotNull(e.getMessage());
      }
    }
  }

  @Test
  void a_scope_without_a_deadline_needs_no_timer_thread() throws Exception {
    Poll.until(() -> !housekeeperLives());
    Scopes.fanOut(List.of(1, 2, 3), item -> item);
    Scopes.run(scope -> {
      scope.fork(() -> {}).join();
      scope.onCancel(() -> {});
      scope.onExit(() -> {});
    });
    assertFalse(housekeeperLives());
  }

  @Test
  void the_timer_thread_inherits_nothing_from_its_starter() throws Exception {
    Poll.until(() -> !housekeeperLives());
    var gone = new Gone();
    var loader = gone.watch(new ClassLoader() {});
    OnThread.run(
            Thread.ofPlatform().factory(),
            () -> {
              LOCAL.set(gone.watch(new Big()));
              Thread.currentThread().setContextClassLoader(loader);
              Scopes.timeout(Duration.ofMinutes(1))
                  .run(scope ->
                      assertTrue(housekeeper().orElseThrow().getContextClassLoader() != loader));
              LOCAL.remove();
            })
        .value();
  }

  @Test
  void no_alarm_is_left_by_ten_thousand_deadlines_that_were_not_reached() throws Exception {
    ScopeSpec spec = Scopes.timeout(Duration.ofHours(1));
    for (int i = 0; i < 10_000; i++) {
      int value = i;
      assertEquals(value, spec.<Integer, RuntimeException>call(scope -> value));
      assertEquals(0, TimerThread.alarms());
    }
  }

  @Test
  void no_alarm_is_left_by_deadlines_in_many_threads() throws Exception {
    ScopeSpec spec = Scopes.timeout(Duration.ofHours(1));
    Scopes.run(scope -> {
      for (int i = 0; i < 8; i++) {
        scope.fork(() -> {
          for (int j = 0; j < 500; j++) {
            int value = j;
            spec.run(inner -> inner.fork(() -> value));
            Scopes.shield(Duration.ofHours(1), () -> value);
          }
        });
      }
    });
    assertEquals(0, TimerThread.alarms());
  }

  @Test
  void a_scope_whose_deadline_was_not_reached_is_not_retained() throws Exception {
    var gone = new Gone();
    for (int i = 0; i < 20; i++) {
      Scopes.timeout(Duration.ofHours(1))
          .run(scope -> {
            gone.watch(scope);
            gone.watch(ThreadScope.currentScope());
            scope.fork(() -> {});
          });
    }
    gone.check("scopes");
  }

  @EachThreadKind
  void a_long_lived_scope_keeps_no_finished_task(ThreadFactory threads) throws Exception {
    Scopes.named("long")
        .threads(threads)
        .run(scope -> {
          var gone = new Gone();
          forkAndForget(scope, gone);
          scope.join();
          gone.check("closures and results");
        });
  }

  private static void forkAndForget(Scope scope, Gone gone) throws InterruptedException {
    for (int i = 0; i < 50; i++) {
      Big closure = gone.watch(new Big());
      Fork<Big> fork =
          scope.fork(() -> {
            assertEquals(1024, closure.use());
            return gone.watch(new Big());
          });
      fork.join();
      gone.watch(fork);
    }
  }

  @EachThreadKind
  void an_isolated_scope_keeps_no_joined_failure(ThreadFactory threads) throws Exception {
    Scopes.named("long")
        .isolated()
        .threads(threads)
        .run(scope -> {
          var gone = new Gone();
          for (int i = 0; i < 20; i++) {
            failAndForget(scope, gone, i == 19);
          }
          // The next task releases the last one.
          scope.fork(() -> {}).join();
          gone.check("failures that were joined");
        });
  }

  @Test
  void a_failure_that_was_joined_before_it_was_noted_is_not_kept() throws Exception {
    var gone = new Gone();
    var unheard = new UnjoinedFailures();
    Scopes.named("quick")
        .isolated()
        .run(scope -> {
          var fork =
              scope.fork(() -> {
                throw gone.watch(new IllegalStateException("marker"));
              });
          assertThrows(ForkFailedException.class, fork::join);
          unheard.add(fork.task());
        });
    try {
      gone.check("failures that were joined");
    } finally {
      Reference.reachabilityFence(unheard);
    }
  }

  private static void failAndForget(Scope scope, Gone gone, boolean last)
      throws InterruptedException {
    Fork<?> fork =
        scope.fork(() -> {
          var failure = new IllegalStateException("marker");
          throw last ? failure : gone.watch(failure);
        });
    try {
      fork.join();
    } catch (ForkFailedException e) {
      assertInstanceOf(IllegalStateException.class, e.getCause());
    }
  }

  @EachThreadKind
  void a_kept_handle_keeps_no_closure(ThreadFactory threads) throws Exception {
    var gone = new Gone();
    var handles = new ArrayList<Fork<?>>();
    Scopes.named("kept")
        .isolated()
        .threads(threads)
        .run(scope -> {
          forkKept(scope, gone, handles);
          for (Fork<?> fork : handles) {
            try {
              fork.join();
            } catch (ForkFailedException | CancellationException e) {
              assertNotNull(e);
            }
          }
          gone.check("closures, in the scope,");
        });
    gone.check("closures");
    assertEquals(4, handles.size());
  }

  private static void forkKept(Scope scope, Gone gone, List<Fork<?>> handles)
      throws InterruptedException {
    Big forValue = gone.watch(new Big());
    handles.add(scope.fork(() -> forValue.use()));
    Big forFailure = gone.watch(new Big());
    handles.add(
        scope.fork(() -> {
          throw new IllegalStateException("" + forFailure.use());
        }));
    Big forCancel = gone.watch(new Big());
    Fork<?> cancelled =
        scope.fork(() -> {
          forCancel.use();
          return Blocked.forever();
        });
    cancelled.cancel();
    handles.add(cancelled);
    handles.add(
        Scopes.call(inner -> {
          inner.cancel("enough");
          Big forNever = gone.watch(new Big());
          return inner.fork(() -> forNever.use());
        }));
  }

  @Test
  void a_kept_scope_keeps_nothing_big() throws Exception {
    var gone = new Gone();
    var kept = new AtomicReference<Scope>();
    Scopes.named("kept").run(scope -> use(scope, kept, gone));
    gone.check("tasks, closers and resources");
    assertNotNull(kept.get());
  }

  @Test
  void a_kept_scope_that_was_cancelled_keeps_nothing_big() throws Exception {
    var gone = new Gone();
    var kept = new AtomicReference<Scope>();
    Scopes.named("kept")
        .run(scope -> {
          use(scope, kept, gone);
          scope.cancel("enough");
        });
    gone.check("tasks, closers and resources");
    assertNotNull(kept.get());
  }

  private static void use(Scope scope, AtomicReference<Scope> kept, Gone gone) {
    kept.set(scope);
    Big resource = gone.watch(new Big());
    scope.use(resource::use);
    scope.onExit(resource::use);
    Big unblock = gone.watch(new Big());
    scope.onCancel(unblock::use);
    for (int i = 0; i < 100; i++) {
      Big closure = gone.watch(new Big());
      gone.watch(
          scope.fork(() -> {
            closure.use();
            return new Big();
          }));
    }
  }

  @Test
  void a_fan_out_keeps_no_finished_item() throws Exception {
    var gone = new Gone();
    var made = new AtomicInteger();
    Iterable<Big> source =
        () ->
            new Iterator<>() {
              @Override
              public boolean hasNext() {
                if (made.get() == 200) {
                  // One at a time: all but the last have ended.
                  gone.watched.removeLast();
                  gone.check("items");
                }
                return made.get() < 200;
              }

              @Override
              public Big next() {
                made.incrementAndGet();
                return gone.watch(new Big());
              }
            };
    assertEquals(200, Scopes.limit(1).fanOut(source, Big::use).size());
  }
}
