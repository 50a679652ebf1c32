package dev.holdfast.leak;

import static dev.holdfast.leak.Legacy.stuck;
import static dev.holdfast.leak.Trace.blocked;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.holdfast.Fork;
import dev.holdfast.ForkFailedException;
import dev.holdfast.Scope;
import dev.holdfast.ScopeClosedException;
import dev.holdfast.Scopes;
import dev.holdfast.channel.Channel;
import dev.holdfast.channel.Receiver;
import dev.holdfast.channel.Select;
import dev.holdfast.testing.LeavesNothing;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;

/**
 * Kernels of bugs in which a message or a signal never arrives.
 *
 * <p>In Java, the done channel of a Go context becomes a {@link CountDownLatch}, and so does a
 * channel that is closed as a broadcast. A latch makes sure that the timeout wins.
 */
@LeavesNothing
class CommunicationLeakTest {

  @Test
  void cockroach13197_leaks_the_helper() {
    try (var legacy =
        Legacy.copies(copy -> {
          var done = new CountDownLatch(1); // by commit and rollback, which never happen
          copy.start("helper", done::await);
        })) {
      legacy.leaves(stuck("helper", "CountDownLatch.await"));
    }
  }

  /** Without a helper: at its end, the scope rolls back a transaction that was not committed. */
  private static final class Transaction {

    private final AtomicInteger rollbacks = new AtomicInteger();
    private boolean committed;

    Transaction(Scope scope) {
      scope.onExit(() -> {
        if (!committed) {
          rollbacks.incrementAndGet();
        }
      });
    }

    void commit() {
      committed = true;
    }
  }

  @Test
  void cockroach13197_needs_no_helper_and_is_rolled_back() throws Exception {
    Copies.play(trace -> {
      boolean commits = trace.toss();
      Transaction dropped =
          Scopes.call(scope -> {
            var transaction = new Transaction(scope);
            if (commits) {
              transaction.commit();
            }
            return transaction;
          });
      assertEquals(commits ? 0 : 1, dropped.rollbacks.get());
    });
  }

  @Test
  void cockroach13197_cannot_begin_outside_its_scope() throws Exception {
    Copies.play(trace -> {
      Scope ended = Scopes.call(scope -> scope);
      assertThrows(ScopeClosedException.class, () -> new Transaction(ended));
      assertThrows(ScopeClosedException.class, () -> ended.fork(() -> trace.visit("x", () -> {})));
      assertEquals(0, trace.begun("x"));
    });
  }

  @Test
  void cockroach24808_leaks_the_starter() {
    try (var legacy =
        Legacy.copies(copy -> {
          var suggestions = new ArrayBlockingQueue<String>(1);
          suggestions.put("before the start");
          suggestions.put("at the start");
          copy.start("compactor", suggestions::take);
        })) {
      legacy.leaves(stuck("parent", "ArrayBlockingQueue.put"));
    }
  }

  @Test
  void cockroach24808_ends_at_the_deadline_and_the_body_is_named() throws Exception {
    Copies.play(trace -> {
      trace.assertTimesOut(
          scope -> {
            Channel<String> suggestions = scope.channel(1);
            suggestions.send("before the start");
            suggestions.send("at the start");
            scope.fork("compactor", () -> trace.visit("compactor", () -> {}));
          },
          blocked("its body", "send"));
      assertEquals(0, trace.begun("compactor"));
    });
  }

  @Test
  void cockroach25456_leaks_the_waiting_thread() {
    try (var legacy =
        Legacy.copies(copy -> {
          var quiesce = new CountDownLatch(1); // counted down at shutdown only
          copy.start("asker", quiesce::await);
        })) {
      legacy.leaves(stuck("asker", "CountDownLatch.await"));
    }
  }

  @Test
  void cockroach25456_ends_at_the_deadline_and_is_named() throws Exception {
    Copies.play(trace -> {
      trace.assertTimesOut(
          scope -> {
            Channel<String> quiesce = scope.channel(0);
            scope.fork("asker", () -> trace.visit("asker", () -> quiesce.receiveOrNull()));
          },
          blocked("asker", "receiveOrNull"));
    });
  }

  @Test
  void cockroach25456_that_polls_goes_on() throws Exception {
    Copies.play(trace ->
        Scopes.run(scope -> {
          Channel<String> quiesce = scope.channel(0);
          scope.fork(() -> trace.visit("asker", () -> assertNull(quiesce.tryReceive())));
          scope.fork(() ->
              trace.visit(
                  "selector",
                  () ->
                      assertEquals(
                          "goes on",
                          Select.of(
                                  quiesce.onReceiveOrNull(s -> "drains"),
                                  Select.orElse(() -> "goes on"))
                              .await())));
        }));
  }

  @Test
  void grpc1424_leaks_the_helper() {
    try (var legacy =
        Legacy.copies(copy ->
            copy.start(
                "helper",
                () -> {
                  var done = new CountDownLatch(1);
                  var input = new LinkedBlockingQueue<Integer>();
                  copy.start(
                      "watcher",
                      () -> {
                        while (input.take() > 0) {
                          done.countDown();
                        }
                      });
                  input.put(0); // the end of the input
                  done.await();
                }))) {
      legacy.leaves(stuck("helper", "CountDownLatch.await"));
    }
  }

  @Test
  void grpc1424_ends_when_its_watcher_has_ended() throws Exception {
    Copies.play(trace ->
        Scopes.run(dialer -> {
          Receiver<Integer> input = dialer.produce(0, out -> {});
          dialer.fork(() ->
              trace.visit(
                  "helper",
                  () ->
                      Scopes.run(scope -> {
                        Receiver<Integer> done =
                            scope.produce(
                                0, out -> trace.visit("watcher", () -> input.forEach(out::send)));
                        assertNull(done.receiveOrNull());
                      })));
        }));
  }

  @Test
  void grpc660_leaks_the_last_worker() {
    try (var legacy =
        Legacy.copies(copy -> {
          for (int round = 0; round < 3; round++) {
            var result = new SynchronousQueue<Integer>();
            copy.start("worker", () -> result.put(1));
            if (round == 2) {
              break; // stopped
            }
            result.take();
          }
        })) {
      legacy.leaves(stuck("worker", "SynchronousQueue.put"));
    }
  }

  @Test
  void grpc660_ends_the_last_worker() throws Exception {
    Copies.play(trace -> {
      Scopes.run(service -> {
        Channel<Integer> stop = service.channel(0);
        boolean goesOn = true;
        for (int round = 0; goesOn; round++) {
          if (round == 2) {
            stop.close();
          }
          goesOn = Scopes.call(scope -> oneCall(scope, stop, trace));
        }
      });
      assertEquals(3, trace.begun("worker"));
    });
  }

  private static boolean oneCall(Scope scope, Receiver<Integer> stop, Trace trace)
      throws InterruptedException {
    Receiver<Integer> result = scope.produce(0, out -> trace.visit("worker", () -> out.send(1)));
    trace.awaitBlocked("worker");
    return Select.first(stop.onReceiveOrNull(n -> false), result.onReceive(n -> true)).await();
  }

  @Test
  void kubernetes5316_leaks_the_request() {
    try (var legacy =
        Legacy.copies(copy -> {
          var errors = new SynchronousQueue<String>();
          var results = new SynchronousQueue<String>();
          var gone = new CountDownLatch(1);
          boolean fails = copy.toss();
          copy.start(
              "request",
              () -> {
                gone.await();
                (fails ? errors : results).put("too late");
              });
          assertNull(results.poll());
          assertNull(errors.poll());
          gone.countDown();
        })) {
      legacy.leaves(stuck("request", "SynchronousQueue.put"));
    }
  }

  @Test
  void kubernetes5316_ends_the_request_when_the_timeout_wins() throws Exception {
    Copies.play(trace -> {
      var gone = new CountDownLatch(1);
      boolean fails = trace.toss();
      String got =
          Scopes.call(scope -> {
            Channel<String> errors = scope.channel(0);
            Channel<String> results = scope.channel(0);
            scope.worker(() ->
                trace.visit(
                    "request",
                    () -> {
                      gone.await();
                      (fails ? errors : results).send("too late");
                    }));
            String won =
                Select.of(
                        errors.onReceive(s -> s),
                        results.onReceive(s -> s),
                        Select.timeout(Duration.ofMillis(1), () -> "timed out"))
                    .await();
            gone.countDown();
            return won;
          });
      assertEquals("timed out", got);
    });
  }

  /** Waits until the plugin is active; a failed activation does not signal. */
  private static final class Plugin {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean active;

    void awaitActive() throws InterruptedException {
      lock.lockInterruptibly();
      try {
        while (!active) {
          changed.await();
        }
      } finally {
        lock.unlock();
      }
    }

    void activate() throws IOException {
      active = false;
      throw new IOException("no handshake");
    }
  }

  @Test
  void moby30408_leaks_the_waiter_and_its_parent() {
    try (var legacy =
        Legacy.copies(copy -> {
          var plugin = new Plugin();
          var done = new SynchronousQueue<Integer>();
          copy.start(
              "waiter",
              () -> {
                plugin.awaitActive();
                done.put(1);
              });
          assertThrows(IOException.class, plugin::activate);
          done.take();
        })) {
      legacy.leaves(
          stuck("waiter", "ConditionObject.await"), stuck("parent", "SynchronousQueue.take"));
    }
  }

  @Test
  void moby30408_ends_at_the_deadline_if_the_failure_is_swallowed() throws Exception {
    Copies.play(trace -> {
      trace.assertTimesOut(
          scope -> {
            var plugin = new Plugin();
            Fork<?> waiter = scope.fork("waiter", () -> trace.visit("waiter", plugin::awaitActive));
            assertThrows(IOException.class, plugin::activate);
            waiter.join();
          },
          blocked("waiter", "Plugin.awaitActive"),
          blocked("its body", "Fork.join"));
    });
  }

  @Test
  void moby30408_ends_at_once_if_the_failure_fails_the_scope() throws Exception {
    Copies.play(trace -> {
      var plugin = new Plugin();
      var e =
          assertThrows(
              ForkFailedException.class,
              () ->
                  Scopes.run(scope -> {
                    scope.fork(() -> trace.visit("waiter", plugin::awaitActive));
                    scope.fork(() -> trace.visit("activation", plugin::activate));
                  }));
      assertEquals("no handshake", e.getCause().getMessage());
    });
  }
}
