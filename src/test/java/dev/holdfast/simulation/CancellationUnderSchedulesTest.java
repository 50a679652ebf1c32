package dev.holdfast.simulation;

import static dev.holdfast.simulation.Schedules.MS;
import static dev.holdfast.simulation.Schedules.each;
import static dev.holdfast.simulation.Schedules.failure;
import static dev.holdfast.simulation.Schedules.ms;
import static dev.holdfast.simulation.Schedules.tolerant;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Fork;
import dev.holdfast.ForkFailedException;
import dev.holdfast.Guard;
import dev.holdfast.ScopeTimeoutException;
import dev.holdfast.Scopes;
import dev.holdfast.channel.Channel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The laws of cancellation under many schedules: how it reaches tasks, and that its interrupts
 * disturb no other code.
 */
@Tag("simulation")
@Timeout(100)
class CancellationUnderSchedulesTest {

  // ---- 2: cancellation is sticky

  @Test
  void law_2_a_cancelled_task_is_interrupted_again_and_no_operation_succeeds() {
    each(
        400,
        simulation -> {
          var swallowed = new AtomicInteger();
          var passed = new AtomicInteger();
          Thread.interrupted();
          assertThrows(
              ScopeTimeoutException.class,
              () ->
                  Scopes.timeout(ms(5))
                      .run(scope -> {
                        Channel<Integer> channel = scope.channel(100);
                        scope.fork(() -> {
                          while (swallowed.get() < 4) {
                            try {
                              new Semaphore(0).acquire(); // nothing of Holdfast
                            } catch (InterruptedException e) {
                              swallowed.incrementAndGet();
                            }
                          }
                          try {
                            channel.send(1);
                            passed.incrementAndGet();
                          } catch (InterruptedException expected) {
                            // sticky
                          }
                          try {
                            Scopes.checkpoint();
                            passed.incrementAndGet();
                          } catch (InterruptedException expected) {
                            // sticky
                          }
                        });
                        scope.join();
                      }));
          assertEquals(4, swallowed.get());
          assertEquals(0, passed.get());
        });
  }

  // ---- 3: cancellation reaches everything

  @Test
  void law_3_a_cancellation_reaches_every_kind_of_wait() {
    Guard full = Guard.named("full").maxConcurrent(1).waitingUpTo(Duration.ofDays(1));
    each(
        1000,
        simulation -> {
          tolerant(() ->
              Scopes.limit(9)
                  .run(scope -> {
                    Channel<Integer> channel = scope.channel(0);
                    scope.fork(() -> channel.receive(Duration.ofDays(1)));
                    scope.worker(worker -> {
                      full.run(admitted -> Scopes.sleep(Duration.ofDays(9)));
                    });
                    scope.fork(() -> full.call(admitted -> 1));
                    scope.fork(() ->
                        Scopes.run(inner -> {
                          inner.fork(() -> Scopes.sleep(Duration.ofDays(2)));
                          inner.join();
                        }));
                    scope.fork(() -> {
                      Scopes.checkpoint();
                      scope.cancel("enough");
                    });
                    scope.join();
                  }));
          assertTrue(simulation.elapsed().compareTo(Duration.ofHours(1)) < 0);
          assertEquals(0, full.inside());
          assertEquals(0, full.waiting());
        },
        Fault.DELAY);
  }

  @Test
  void law_3_a_fork_made_while_the_scope_is_cancelled_does_not_run_on() {
    each(
        1000,
        simulation -> {
          var handles = new ArrayList<Fork<?>>();
          var began = new AtomicBoolean();
          tolerant(() ->
              Scopes.run(scope -> {
                scope.fork(() -> {
                  throw failure();
                });
                for (int i = 0; i < 4; i++) {
                  handles.add(
                      scope.fork(() -> {
                        began.compareAndSet(false, scope.isCancelled());
                        Scopes.sleep(Duration.ofDays(1));
                      }));
                }
                scope.join();
              }));
          assertFalse(began.get(), "began after the cancellation");
          assertTrue(simulation.elapsed().compareTo(Duration.ofHours(1)) < 0, "ran on");
          handles.forEach(handle -> assertTrue(handle.isDone()));
        });
  }

  @Test
  void law_3_a_scope_that_opens_while_the_enclosing_one_is_cancelled_is_cancelled_at_once() {
    each(
        500,
        simulation -> {
          tolerant(() ->
              Scopes.run(scope -> {
                scope.fork(() ->
                    Scopes.run(inner -> {
                      inner.fork(() -> Scopes.sleep(Duration.ofDays(1)));
                      inner.join();
                    }));
                scope.fork(() -> {
                  Scopes.checkpoint();
                  scope.cancel("enough");
                });
                scope.join();
              }));
          assertEquals(Duration.ZERO, simulation.elapsed());
        });
  }

  // ---- 4: no interrupt escapes

  @Test
  void law_4_an_interrupt_of_a_scope_does_not_outlive_it() {
    each(
        1000,
        simulation -> {
          try {
            Scopes.timeout(ms(3))
                .run(scope -> {
                  scope.fork(() -> {
                    Scopes.sleep(ms(simulation.random().nextInt(5)));
                    if (simulation.random().nextBoolean()) {
                      throw failure();
                    }
                  });
                  Scopes.sleep(ms(simulation.random().nextInt(6)));
                });
          } catch (ScopeTimeoutException | ForkFailedException expected) {
            // as planned
          }
          assertFalse(Thread.interrupted(), "an interrupt has escaped");
          Scopes.sleep(Duration.ofSeconds(3));
          assertFalse(Thread.interrupted(), "a late interrupt has escaped");
        });
  }

  @Test
  void law_4_an_interrupt_from_outside_is_not_lost() {
    each(
        500,
        simulation -> {
          var seen = new AtomicBoolean();
          var victim = new AtomicReference<Thread>();
          Scopes.isolated()
              .run(outer -> {
                outer.fork(() -> {
                  victim.set(Thread.currentThread());
                  try {
                    Scopes.run(scope -> {
                      scope.fork(() -> Scopes.checkpoint());
                      scope.join();
                    });
                    Scopes.sleep(Duration.ofDays(1));
                  } catch (InterruptedException e) {
                    seen.set(true);
                  }
                });
                Scopes.checkpoint();
                if (victim.get() == null) {
                  Scopes.sleep(MS);
                }
                victim.get().interrupt();
                outer.join();
              });
          assertTrue(seen.get());
          assertTrue(simulation.elapsed().compareTo(Duration.ofHours(1)) < 0);
        });
  }

  // ---- 14, 15: cancel actions and user code

  @Test
  void law_14_cancel_actions_come_before_the_interrupt_and_blocking_sees_none() {
    each(
        600,
        simulation -> {
          var acted = new AtomicInteger();
          var early = new AtomicBoolean();
          var seen = new AtomicBoolean();
          tolerant(() ->
              Scopes.timeout(ms(3))
                  .run(scope -> {
                    scope.onCancel(acted::incrementAndGet);
                    scope.fork(() -> {
                      try {
                        new Semaphore(0).acquire();
                      } catch (InterruptedException e) {
                        early.set(acted.get() == 0);
                      }
                    });
                    scope.fork(() -> {
                      var stop = new Semaphore(0);
                      scope.blocking(
                          stop::release,
                          () -> {
                            stop.acquireUninterruptibly();
                            Scopes.shield(ms(9), () -> Simulation.point());
                            seen.compareAndSet(false, Thread.currentThread().isInterrupted());
                            return 1;
                          });
                    });
                    scope.join();
                  }));
          assertEquals(1, acted.get());
          assertFalse(early.get(), "interrupted before the action");
          assertFalse(seen.get(), "a blocking call was interrupted");
        });
  }

  @Test
  void law_15_user_code_that_leaves_an_interrupt_flag_disturbs_no_other_code() {
    each(
        500,
        simulation -> {
          var disturbed = new AtomicBoolean();
          var closed = new ArrayList<Integer>();
          tolerant(() ->
              Scopes.run(scope -> {
                for (int i = 0; i < 3; i++) {
                  int id = i;
                  scope.onExit(() -> {
                    disturbed.compareAndSet(false, Thread.currentThread().isInterrupted());
                    closed.add(id);
                    Thread.currentThread().interrupt();
                  });
                }
                scope.fork(() -> {
                  Scopes.checkpoint();
                  Thread.currentThread().interrupt();
                });
              }));
          assertEquals(List.of(2, 1, 0), closed);
          assertFalse(disturbed.get());
        });
  }
}
