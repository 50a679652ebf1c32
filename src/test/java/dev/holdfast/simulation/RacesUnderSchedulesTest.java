package dev.holdfast.simulation;

import static dev.holdfast.simulation.Schedules.MS;
import static dev.holdfast.simulation.Schedules.each;
import static dev.holdfast.simulation.Schedules.failure;
import static dev.holdfast.simulation.Schedules.ms;
import static dev.holdfast.simulation.Schedules.tolerant;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Fork;
import dev.holdfast.ForkFailedException;
import dev.holdfast.Guard;
import dev.holdfast.RootScope;
import dev.holdfast.Scope;
import dev.holdfast.ScopeTimeoutException;
import dev.holdfast.Scopes;
import dev.holdfast.Worker;
import dev.holdfast.channel.Channel;
import dev.holdfast.channel.ChannelClosedException;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two operations that meet, one program for each pair, under many schedules. */
@Tag("simulation")
@Timeout(100)
class RacesUnderSchedulesTest {

  // ---- channels

  @Test
  void no_send_that_begins_after_the_close_succeeds() {
    each(
        500,
        simulation -> {
          var late = new AtomicBoolean();
          Scopes.run(scope -> {
            Channel<Integer> channel = scope.channel(4);
            scope.fork(() -> {
              try {
                for (int i = 0; i < 8; i++) {
                  boolean closed = channel.isClosed();
                  channel.send(i);
                  late.compareAndSet(false, closed);
                }
              } catch (ChannelClosedException expected) {
                // sent before the close
              }
            });
            scope.fork(() -> {
              for (int i = 0; i < 8; i++) {
                channel.tryReceive();
              }
              channel.close();
            });
            scope.join();
          });
          assertFalse(late.get(), "sent after the close");
        });
  }

  // ---- joins

  @Test
  void a_join_that_is_given_up_does_not_take_another_off_the_list() {
    each(
        300,
        simulation ->
            Scopes.run(scope -> {
              Fork<Void> slow = scope.fork(() -> Scopes.sleep(ms(5)));
              for (int i = 0; i < 2; i++) {
                Duration timeout = ms(1 + simulation.random().nextInt(6));
                scope.fork(() -> {
                  try {
                    slow.join(timeout);
                  } catch (ScopeTimeoutException expected) {
                    // given up
                  }
                });
                scope.fork(() -> slow.join());
              }
              scope.join();
            }));
  }

  @Test
  void the_failure_of_a_fork_comes_before_the_one_of_a_thread_that_joined_it() {
    each(
        300,
        simulation -> {
          var failed =
              assertThrows(
                  ForkFailedException.class,
                  () ->
                      Scopes.run(scope -> {
                        Fork<Void> first =
                            scope.fork(() -> {
                              throw failure();
                            });
                        scope.fork(() -> first.join());
                        scope.join();
                      }));
          assertInstanceOf(IllegalStateException.class, failed.getCause());
        });
  }

  // ---- cancellation

  @Test
  void an_action_that_is_registered_while_its_scope_is_cancelled_runs_once() {
    each(
        300,
        simulation -> {
          var registered = new AtomicInteger();
          var acted = new AtomicInteger();
          var ignored = new AtomicBoolean();
          tolerant(() ->
              Scopes.run(scope -> {
                scope.fork(() -> {
                  registered.incrementAndGet();
                  Simulation.point();
                  boolean late = scope.isCancelled();
                  scope.onCancel(acted::incrementAndGet);
                  ignored.set(late);
                  Scopes.sleep(Duration.ofDays(1));
                });
                scope.fork(() -> scope.cancel("enough"));
                scope.join();
              }));
          assertEquals(registered.get(), acted.get());
          assertFalse(ignored.get(), "onCancel returned although the scope was cancelled");
        });
  }

  @Test
  void a_blocking_call_returns_after_its_cancel_action() {
    each(
        300,
        simulation -> {
          var acting = new AtomicBoolean();
          var early = new AtomicBoolean();
          tolerant(() ->
              Scopes.timeout(ms(200)) // a call is not cancelled in its first 100 ms
                  .run(scope -> {
                    Channel<Integer> stop = scope.channel(1);
                    scope.blocking(
                        () -> {
                          acting.set(true);
                          stop.trySend(1);
                          Simulation.point();
                          acting.set(false);
                        },
                        () -> Scopes.shield(Duration.ofDays(1), () -> stop.receive()));
                    early.set(acting.get());
                  }));
          assertFalse(early.get(), "the action would cancel the next call");
        });
  }

  @Test
  void a_scope_that_has_done_its_work_in_time_returns_whatever_its_closing_takes() {
    each(
        300,
        simulation -> {
          Duration body = ms(simulation.random().nextInt(6));
          Duration task = ms(simulation.random().nextInt(6));
          Integer done =
              Scopes.timeout(ms(7))
                  .call(scope -> {
                    scope.onExit(() -> Scopes.sleep(ms(5)));
                    scope.fork(() -> Scopes.sleep(task));
                    Scopes.sleep(body);
                    return 1;
                  });
          assertEquals(1, done);
        });
  }

  // ---- workers, timers, executors

  @Test
  void a_worker_that_has_learned_of_its_stop_can_wait_while_it_cleans_up() {
    each(
        300,
        simulation -> {
          var cleaned = new AtomicBoolean();
          Scopes.named("service")
              .grace(Duration.ofSeconds(1))
              .run(scope -> {
                Worker<?> worker =
                    scope.worker(self -> {
                      while (!self.stopping()) {
                        Simulation.point();
                      }
                      Scopes.sleep(MS);
                      cleaned.set(true);
                    });
                worker.stop();
                worker.join();
              });
          assertTrue(cleaned.get());
        });
  }

  @Test
  void an_action_does_not_run_after_its_stop_and_join() {
    each(
        300,
        simulation ->
            Scopes.run(scope -> {
              var ran = new AtomicInteger();
              Worker<?> later = scope.after(MS, ran::incrementAndGet);
              for (int i = 0; i < 9; i++) {
                Simulation.point(); // at one of them the fault lets the action begin
              }
              later.stop();
              later.join();
              int before = ran.get();
              Scopes.sleep(MS);
              assertEquals(before, ran.get());
            }),
        Fault.TIME_OUT);
  }

  @Test
  void an_executor_starts_a_thread_for_a_task_that_another_waits_for() {
    each(
        300,
        simulation ->
            Scopes.run(scope -> {
              Channel<Integer> between = scope.channel(0);
              ExecutorService executor = scope.executor();
              var received = new AtomicInteger();
              scope.fork(() -> submit(executor, () -> received.addAndGet(between.receive())));
              scope.fork(() -> submit(executor, () -> between.send(1)));
              scope.join();
              executor.close();
              assertEquals(1, received.get());
            }));
  }

  private static Future<?> submit(ExecutorService executor, Schedules.Part task) {
    return executor.submit(() -> {
      task.run();
      return null;
    });
  }

  // ---- guards

  @Test
  void a_place_that_is_handed_to_a_cancelled_call_comes_back() {
    each(
        300,
        simulation -> {
          Guard one = Guard.named("one").maxConcurrent(1).waitingUpTo(Duration.ofDays(1));
          Scopes.run(scope -> {
            scope.fork(() ->
                one.run(admitted -> {
                  for (int i = 0; i < 4; i++) {
                    Simulation.point();
                  }
                }));
            scope.fork(() ->
                tolerant(() ->
                    Scopes.run(inner -> {
                      inner.fork(() -> inner.cancel("enough"));
                      one.run(admitted -> Simulation.point());
                    })));
            scope.join();
          });
          assertEquals(0, one.inside());
          assertEquals(0, one.waiting());
        });
  }

  // ---- roots

  @Test
  void each_call_of_a_root_is_answered_although_the_root_closes() {
    each(
        300,
        simulation -> {
          RootScope root = Scopes.named("root").open();
          Scopes.run(scope -> {
            for (int i = 0; i < 2; i++) {
              scope.fork(() -> tolerant(() -> root.call(Scope::isCancelled)));
            }
            scope.fork(() -> root.close());
            scope.join();
          });
        });
  }
}
