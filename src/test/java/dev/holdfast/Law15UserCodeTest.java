package dev.holdfast;

import static dev.holdfast.testing.Blocked.forever;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.channel.Channel;
import dev.holdfast.channel.ChannelSpec;
import dev.holdfast.channel.Select;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Poll;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Law 15: one piece of user code never pays for another. */
@LeavesNothing
@Tag("one-carrier")
class Law15UserCodeTest {

  private final AtomicInteger runs = new AtomicInteger();
  private final AtomicInteger hit = new AtomicInteger();

  /** Notes whether it finds a flag, and leaves one behind, as a catch block does. */
  private void leaveFlag() {
    runs.getAndIncrement();
    if (Thread.interrupted()) {
      hit.getAndIncrement();
    }
    Thread.currentThread().interrupt();
  }

  @EachThreadKind
  void handlers(ThreadFactory factory) throws Exception {
    for (ScopeSpec spec : List.of(Scopes.named("plain"), Scopes.named("isolated").isolated())) {
      runs.set(0);
      spec.threads(factory)
          .run(scope -> {
            Channel<Integer> messages = scope.channel(0);
            scope.consume(messages, 4, message -> leaveFlag());
            for (int i = 0; i < 20; i++) {
              messages.send(i);
            }
          });
      assertRuns(20);
    }
  }

  @EachThreadKind
  void items_of_a_fan_out(ThreadFactory factory) throws Exception {
    List<Integer> items = IntStream.range(0, 20).boxed().toList();
    TaskFunction<Integer, Integer, RuntimeException> fn =
        item -> {
          leaveFlag();
          return item;
        };
    Scopes.limit(2).threads(factory).fanOut(items, fn);
    Scopes.limit(2).threads(factory).settle(items, fn);
    assertRuns(40);
  }

  @EachThreadKind
  void ticks(ThreadFactory factory) throws Exception {
    Scopes.named("ticks")
        .threads(factory)
        .run(scope -> {
          scope.every(Duration.ofMillis(1), this::leaveFlag);
          Poll.until(() -> runs.get() >= 3);
        });
    assertEquals(0, hit.get());
  }

  @EachThreadKind
  void restarts(ThreadFactory factory) throws Exception {
    Restart restart = Restart.onFailure().backoff(Duration.ofMillis(1), 1, Duration.ofMillis(1));
    Scopes.named("restarts")
        .threads(factory)
        .run(scope -> {
          Worker<?> worker =
              scope.worker(
                  restart,
                  () -> {
                    leaveFlag();
                    if (runs.get() < 3) {
                      throw new IllegalStateException("again");
                    }
                  });
          worker.join();
        });
    assertRuns(3);
  }

  @Test
  void calls_of_a_root() throws Exception {
    try (RootScope root = Scopes.open()) {
      for (int i = 0; i < 3; i++) {
        root.run(scope -> leaveFlag());
      }
    }
    assertRuns(3);
  }

  @EachThreadKind
  void tasks_of_an_executor(ThreadFactory factory) throws Exception {
    Scopes.limit(1)
        .threads(factory)
        .run(scope -> {
          for (int i = 0; i < 10; i++) {
            scope.executor().execute(this::leaveFlag);
          }
        });
    assertRuns(10);
  }

  @EachThreadKind
  void actions(ThreadFactory factory) {
    OnThread<?> call =
        OnThread.run(
            factory,
            () ->
                Scopes.run(scope -> {
                  for (int i = 0; i < 20; i++) {
                    scope.onCancel(this::leaveFlag);
                    scope.onExit(this::leaveFlag);
                  }
                  scope.cancel("test");
                }));
    call.end();
    assertRuns(40);
  }

  @EachThreadKind
  void callbacks_for_elements_that_are_not_delivered(ThreadFactory factory) {
    ChannelSpec<Integer> spec = ChannelSpec.<Integer>of(5).onUndelivered(element -> leaveFlag());
    OnThread<?> call =
        OnThread.run(
            factory,
            () -> {
              Scopes.run(scope -> {
                for (Channel<Integer> channel : List.of(scope.channel(spec), scope.channel(spec))) {
                  for (int i = 0; i < 5; i++) {
                    channel.send(i);
                  }
                }
              });
              assertTrue(Thread.interrupted(), "an interrupt from outside would be lost");
              Channel<Integer> own = Channel.open(end -> {}, spec);
              own.send(1);
              own.send(2);
              own.fail(new IllegalStateException("over"));
            });
    assertTrue(call.flag());
    assertRuns(12);
  }

  @EachThreadKind
  void callbacks_for_values_that_are_discarded(ThreadFactory factory) {
    OnThread<?> call =
        OnThread.run(
            factory,
            () -> {
              ScopeSpec spec = Scopes.named("discarding").onDiscarded(value -> leaveFlag());
              spec.run(scope -> {
                for (int i = 0; i < 3; i++) {
                  scope.fork(() -> 1);
                }
              });
              Thread.interrupted();
              assertThrows(
                  ForkFailedException.class,
                  () ->
                      spec.call(scope -> {
                        scope.fork(() -> {
                          throw new IllegalStateException("fails");
                        });
                        return 3;
                      }));
            });
    call.end();
    assertTrue(runs.get() >= 4, runs::toString);
    assertEquals(0, hit.get());
  }

  @EachThreadKind
  void a_thread_factory(ThreadFactory factory) throws Exception {
    ThreadFactory leaving =
        task -> {
          leaveFlag();
          return factory.newThread(task);
        };
    Scopes.named("factory")
        .threads(leaving)
        .run(scope -> {
          ExecutorService executor = scope.executor();
          assertTrue(Thread.interrupted(), "the caller's own");
          var all = new CountDownLatch(3);
          for (int i = 0; i < 3; i++) {
            executor.execute(() -> {
              all.countDown();
              Blocked.stubbornly(all);
            });
          }
          Blocked.stubbornly(all);
        });
    assertTrue(runs.get() >= 4, runs::toString);
    assertEquals(0, hit.get());
  }

  /** On the thread of the caller the flag may be an interrupt from outside, and counts as one. */
  @EachThreadKind
  void a_handler_of_results_interrupts_the_call_before_the_next(ThreadFactory factory) {
    OnThread<?> call =
        OnThread.run(
            factory,
            () ->
                Scopes.each(
                    List.of(1, 2, 3),
                    item -> item,
                    result -> {
                      Poll.holdsWithin(Duration.ofMillis(5), () -> false); // the others arrive
                      leaveFlag();
                    }));
    assertInstanceOf(InterruptedException.class, call.thrown());
    call.leavesNoFlag();
    assertEquals(1, runs.get());
  }

  @EachThreadKind
  void handlers_of_outcomes_after_the_deadline(ThreadFactory factory) {
    OnThread<?> call =
        OnThread.run(
            factory,
            () ->
                Scopes.timeout(Duration.ofMillis(20))
                    .limit(1)
                    .settle(
                        List.of(1, 2, 3),
                        item -> forever(),
                        outcome -> {
                          if (outcome.item() == 1) {
                            Thread.interrupted(); // the interrupt of the deadline
                          }
                          leaveFlag();
                        }));
    call.end();
    assertTrue(call.flag());
    assertRuns(3);
  }

  /** Fails unless the code has run that often, and never with a flag that it left. */
  private void assertRuns(int expected) {
    assertEquals(expected, runs.get());
    assertEquals(0, hit.get());
  }

  @EachThreadKind
  void an_interrupt_of_idle_consumers_and_ticks_is_dropped(ThreadFactory factory) throws Exception {
    Queue<Thread> threads = new ConcurrentLinkedQueue<>();
    ThreadFactory noting =
        task -> {
          Thread thread = factory.newThread(task);
          threads.add(thread);
          return thread;
        };
    try (RootScope root = Scopes.open(Scopes.named("idle").threads(noting))) {
      Channel<Integer> messages =
          root.call(scope -> {
            Channel<Integer> channel = scope.channel(0);
            scope.consume(channel, 2, message -> runs.getAndIncrement());
            scope.every(Duration.ofMillis(300), hit::getAndIncrement);
            return channel;
          });
      threads.forEach(Poll::untilBlocked);
      threads.forEach(Thread::interrupt);
      threads.forEach(thread -> Poll.until(() -> !thread.isInterrupted()));
      for (int i = 0; i < 4; i++) {
        messages.send(i);
      }
      Poll.until(() -> runs.get() == 4 && hit.get() > 0);
      root.run(scope -> assertFalse(scope.isCancelled()));
    }
  }

  @EachThreadKind
  void code_that_a_root_waits_for_cannot_wait_for_it(ThreadFactory factory) throws Exception {
    RootScope root = Scopes.open(Scopes.named("orders").threads(factory));
    var refused = new AtomicReference<IllegalStateException>();
    var registered = new CountDownLatch(1);
    root.run(scope ->
        scope.fork(() ->
            Scopes.run(inner -> {
              inner.onCancel(() ->
                  Scopes.run(own ->
                      own.fork(() ->
                              refused.set(assertThrows(IllegalStateException.class, root::close)))
                          .join()));
              registered.countDown();
              forever();
            })));
    registered.await();
    root.cancel("test");
    assertTrue(root.close(Duration.ofMinutes(1)));
    assertTrue(refused.get().getMessage().startsWith("Scope 'orders' refuses close"));
  }

  @EachThreadKind
  void an_action_cannot_wait_for_the_worker_that_waits_for_it(ThreadFactory factory)
      throws Exception {
    var refused = new AtomicReference<IllegalStateException>();
    Scopes.named("stop")
        .grace(Duration.ofMinutes(1))
        .threads(factory)
        .run(scope ->
            scope
                .<String>worker(self -> {
                  self.onStop(
                      () -> refused.set(assertThrows(IllegalStateException.class, self::join)));
                  self.ready("up");
                  self.awaitStop();
                })
                .awaitReady());
    assertTrue(refused.get().getMessage().contains("waits for itself"));
  }

  @EachThreadKind
  void a_fork_cannot_select_its_own_end(ThreadFactory factory) throws Exception {
    Scopes.named("orders")
        .threads(factory)
        .run(scope -> {
          var self = new AtomicReference<Fork<?>>();
          Fork<?> fork =
              scope.fork(() -> {
                Poll.until(() -> self.get() != null);
                assertThrows(
                    IllegalStateException.class,
                    () -> Select.of(self.get().onJoin(value -> value)).await());
              });
          self.set(fork);
          fork.join();
        });
  }

  /** A pool of the JDK survives it, too. */
  @EachThreadKind
  void an_interrupt_of_idle_threads_of_an_executor_is_dropped(ThreadFactory factory)
      throws Exception {
    Queue<Thread> threads = new ConcurrentLinkedQueue<>();
    ThreadFactory noting =
        task -> {
          Thread thread = factory.newThread(task);
          threads.add(thread);
          return thread;
        };
    Scopes.named("idle")
        .threads(noting)
        .run(scope -> {
          ExecutorService executor = scope.executor();
          assertEquals(1, executor.submit(() -> 1).get());
          for (int i = 0; i < 3; i++) {
            threads.forEach(Poll::untilBlocked);
            threads.forEach(Thread::interrupt);
            threads.forEach(thread -> Poll.until(() -> !thread.isInterrupted()));
            assertEquals(2, executor.submit(() -> 2).get());
          }
        });
  }

  @EachThreadKind
  void an_executor_is_not_closed_by_its_own_task(ThreadFactory factory) throws Exception {
    Scopes.named("orders")
        .threads(factory)
        .run(scope -> {
          ExecutorService executor = scope.executor();
          executor
              .submit(() -> {
                String message =
                    assertThrows(IllegalStateException.class, executor::close).getMessage();
                assertTrue(message.startsWith("The executor of Scope 'orders'"), message);
                return Scopes.call(inner ->
                    inner
                        .fork(() -> assertThrows(IllegalStateException.class, executor::close))
                        .join());
              })
              .get();
          assertFalse(executor.isShutdown());
        });
  }

  /** Waits that an interrupt from outside ends. */
  private interface Wait {
    void in(Scope scope) throws Exception;
  }

  /** Law 4: it cancels the scope, so that swallowing its exception does not make the call hang. */
  @EachThreadKind
  void an_interrupt_of_the_owner_cancels_its_scopes_whatever_they_swallow(ThreadFactory factory) {
    List<Wait> waits =
        List.of(
            Scope::join,
            scope -> scope.fork(() -> forever()).join(),
            scope -> scope.worker(() -> forever()).join(),
            scope -> scope.channel(0).receive(),
            scope -> scope.fork(() -> forever()).join(Duration.ofMinutes(1)),
            scope -> scope.fork(() -> forever()).outcome(),
            scope -> Select.of(scope.fork(() -> forever()).onJoin(value -> value)).await(),
            scope -> Scopes.sleep(Duration.ofMinutes(1)),
            scope -> scope.blocking(() -> {}, () -> forever()),
            scope -> {
              Future<?> task = scope.executor().submit(() -> forever());
              scope.executor().awaitTermination(1, TimeUnit.MINUTES);
              task.get();
            },
            scope -> {
              Thread thread = Thread.currentThread();
              Poll.until(thread::isInterrupted);
              Scopes.checkpoint();
            },
            scope -> Scopes.call(inner -> inner.fork(() -> forever()).join()),
            scope -> Scopes.fanOut(List.of(1, 2), item -> forever()));
    for (Wait wait : waits) {
      var started = new CountDownLatch(1);
      OnThread<Integer> call =
          OnThread.start(
              factory,
              () ->
                  Scopes.call(scope -> {
                    scope.fork(() -> forever());
                    started.countDown();
                    try {
                      wait.in(scope);
                    } catch (InterruptedException swallowed) {
                      assertTrue(scope.isCancelled());
                    }
                    return 1;
                  }));
      Poll.until(() -> started.getCount() == 0);
      call.interrupt();
      assertInstanceOf(InterruptedException.class, call.thrown());
      call.leavesNoFlag();
    }
  }

  @EachThreadKind
  void an_interrupt_of_a_task_does_not_cancel_its_scope(ThreadFactory factory) throws Exception {
    Scopes.named("tasks")
        .threads(factory)
        .run(scope -> {
          var thread = new AtomicReference<Thread>();
          Fork<Boolean> fork =
              scope.fork(() -> {
                thread.set(Thread.currentThread());
                assertThrows(InterruptedException.class, () -> scope.channel(0).receive());
                return scope.isCancelled();
              });
          Poll.until(() -> thread.get() != null);
          thread.get().interrupt();
          assertFalse(fork.join());
        });
  }
}
