package dev.holdfast.simulation;

import static dev.holdfast.simulation.Schedules.MS;
import static dev.holdfast.simulation.Schedules.each;
import static dev.holdfast.simulation.Schedules.failure;
import static dev.holdfast.simulation.Schedules.ms;
import static dev.holdfast.simulation.Schedules.tolerant;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Deadline;
import dev.holdfast.Fork;
import dev.holdfast.ForkFailedException;
import dev.holdfast.Guard;
import dev.holdfast.GuardFullException;
import dev.holdfast.Scope;
import dev.holdfast.ScopeClosedException;
import dev.holdfast.ScopeTimeoutException;
import dev.holdfast.Scopes;
import dev.holdfast.channel.Channel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The laws under many schedules, most of them with faults at each step in turn. {@code
 * CancellationUnderSchedulesTest} shows 2 to 4, 14 and 15, {@code LatenessUnderSchedulesTest} 11
 * and 13, {@code ModelsUnderSchedulesTest} 12.
 */
@Tag("simulation")
@Timeout(100)
class LawsUnderSchedulesTest {

  /** All but an interrupt, which would end the scope of the simulation as well. */
  private static final Fault[] FAULTS = {Fault.CANCEL, Fault.DELAY, Fault.TIME_OUT};

  // ---- 1, 7: no orphan, every handle completes

  @Test
  void law_1_and_7_no_task_runs_when_the_call_returns_and_every_handle_is_done() {
    each(
        1500,
        simulation -> {
          var running = new AtomicInteger();
          var handles = Collections.synchronizedList(new ArrayList<Fork<?>>());
          tolerant(() -> tree(simulation.random(), 2, running, handles));
          assertEquals(0, running.get(), "tasks run");
          for (Fork<?> handle : handles) {
            assertTrue(handle.isDone(), () -> handle + " is not done");
            tolerant(() -> Scopes.shield(MS, () -> tolerant(handle::join)));
          }
        },
        FAULTS);
  }

  private static void tree(Random random, int depth, AtomicInteger running, List<Fork<?>> handles)
      throws Exception {
    Scopes.timeout(ms(1 + random.nextInt(8)))
        .run(scope -> {
          for (int i = 0; i < 3; i++) {
            int kind = random.nextInt(6);
            handles.add(
                scope.fork(() -> {
                  running.incrementAndGet();
                  try {
                    switch (kind) {
                      case 0 -> Scopes.sleep(MS);
                      case 1 -> scope.isCancelled();
                      case 2 -> throw failure();
                      case 3 -> new Semaphore(0).acquire();
                      default -> {
                        if (depth > 0) {
                          tree(random, depth - 1, running, handles);
                        }
                      }
                    }
                    return null;
                  } finally {
                    running.decrementAndGet();
                  }
                }));
          }
          if (random.nextBoolean()) {
            scope.join();
          }
        });
  }

  // ---- 5: nothing is unbounded

  @Test
  void law_5_limits_hold_and_places_return() {
    each(
        800,
        simulation -> {
          Guard two = Guard.named("two").maxConcurrent(2).waitingUpTo(ms(4));
          var running = new AtomicInteger();
          var inside = new AtomicInteger();
          tolerant(() ->
              Scopes.limit(3)
                  .run(scope -> {
                    for (int i = 0; i < 6; i++) {
                      scope.fork(() -> {
                        assertTrue(running.incrementAndGet() <= 3, "too many forks");
                        try {
                          two.run(admitted -> {
                            assertTrue(inside.incrementAndGet() <= 2, "too many inside");
                            try {
                              Scopes.sleep(ms(simulation.random().nextInt(4)));
                            } finally {
                              inside.decrementAndGet();
                            }
                          });
                        } finally {
                          running.decrementAndGet();
                        }
                      });
                    }
                    scope.join();
                  }));
          assertEquals(0, two.inside());
          assertEquals(0, two.waiting());
          tolerant(() ->
              Scopes.run(scope -> { // no permit is missing
                Fork<?> first = scope.fork(() -> two.run(admitted -> Scopes.sleep(ms(2))));
                Fork<?> second = scope.fork(() -> two.run(admitted -> Scopes.sleep(ms(2))));
                first.join();
                second.join();
              }));
        },
        FAULTS);
  }

  @Test
  void law_5_a_call_waits_for_its_place_and_its_turn_no_longer_than_the_guard_says() {
    each(
        100,
        simulation -> {
          Guard guard = Guard.named("rate").perSecond(1).maxConcurrent(1);
          Duration place = ms(500);
          assertThrows(GuardFullException.class, () -> second(guard.waitingUpTo(ms(998)), place));
          assertEquals(place, simulation.elapsed(), "it waits for its turn in vain");
          second(guard.waitingUpTo(ms(999)), place);
          assertEquals(place.plusSeconds(1), simulation.elapsed(), "when its turn comes");
        });
  }

  /** Makes a call a millisecond after another one, which keeps the only place for some time. */
  private static void second(Guard guard, Duration place) throws InterruptedException {
    Scopes.run(scope -> {
      scope.fork(() -> guard.run(first -> Scopes.sleep(place)));
      Scopes.sleep(MS);
      guard.run(second -> {});
    });
  }

  // ---- 6: no failure is lost

  @Test
  void law_6_every_failure_is_the_cause_or_suppressed_on_it() {
    each(
        800,
        simulation -> {
          Set<Throwable> thrown = Collections.newSetFromMap(new IdentityHashMap<>());
          var failed =
              assertThrows(
                  ForkFailedException.class,
                  () ->
                      Scopes.run(scope -> {
                        for (int i = 0; i < 3; i++) {
                          scope.fork(() -> {
                            var failure = failure();
                            thrown.add(failure);
                            throw failure;
                          });
                        }
                        scope.join();
                      }));
          Set<Throwable> told = Collections.newSetFromMap(new IdentityHashMap<>());
          collect(failed, told);
          for (Throwable each : thrown) {
            assertTrue(told.contains(each), "lost: " + each);
          }
        });
  }

  private static void collect(Throwable thrown, Set<Throwable> into) {
    if (into.add(thrown)) {
      if (thrown.getCause() != null) {
        collect(thrown.getCause(), into);
      }
      for (Throwable each : thrown.getSuppressed()) {
        collect(each, into);
      }
    }
  }

  // ---- 8: ended means inert

  @Test
  void law_8_what_has_ended_neither_blocks_nor_starts_a_thread() {
    each(
        300,
        simulation -> {
          var left = new ArrayList<Scope>();
          var channels = new ArrayList<Channel<Integer>>();
          tolerant(() ->
              Scopes.run(scope -> {
                left.add(scope);
                channels.add(scope.channel(0));
                scope.fork(() -> Scopes.sleep(MS));
              }));
          if (!left.isEmpty() && !channels.isEmpty()) {
            assertThrows(ScopeClosedException.class, () -> left.get(0).fork(() -> 1));
            assertThrows(Exception.class, () -> channels.get(0).send(1));
          }
        },
        Fault.CANCEL);
  }

  // ---- 9: a timeout is not a cancellation

  @Test
  void law_9_each_deadline_converts_its_own_expiry_only() {
    each(
        1000,
        simulation -> {
          Random random = simulation.random();
          int outer = 1 + random.nextInt(6);
          int inner = 1 + random.nextInt(6);
          int work = random.nextInt(8);
          var how = new HashSet<String>();
          try {
            Scopes.timeout(ms(outer))
                .run(scope -> {
                  Fork<Void> fork =
                      scope.fork(() -> {
                        assertTrue(scope.deadline().remaining().compareTo(ms(outer)) <= 0);
                        try {
                          Scopes.timeout(ms(inner))
                              .run(nested -> {
                                Deadline inherited = nested.deadline();
                                assertTrue(
                                    inherited.remaining().compareTo(ms(Math.min(outer, inner)))
                                        <= 0,
                                    "a deadline is not inherited");
                                Scopes.sleep(ms(work));
                              });
                          how.add("done");
                        } catch (ScopeTimeoutException e) {
                          how.add("inner");
                        } catch (InterruptedException e) {
                          how.add("cancelled");
                          throw e;
                        }
                      });
                  fork.join();
                });
          } catch (ScopeTimeoutException e) {
            how.add("outer");
          }
          if (work < inner && work < outer) {
            assertEquals(Set.of("done"), how);
          } else if (inner < work && inner < outer) {
            assertEquals(Set.of("inner"), how);
          } else if (outer < work && outer < inner) {
            assertTrue(how.contains("outer") && !how.contains("inner"), how::toString);
          }
        });
  }

  // ---- 10: nothing stays behind

  @Test
  void law_10_timers_and_workers_end_with_their_scope() {
    each(
        800,
        simulation -> {
          var ticks = new AtomicInteger();
          var exits = new AtomicInteger();
          tolerant(() ->
              Scopes.timeout(ms(6))
                  .run(scope -> {
                    scope.onExit(exits::incrementAndGet);
                    scope.every(MS, ticks::incrementAndGet);
                    scope.after(ms(2), ticks::incrementAndGet);
                    Channel<Long> ticker = scope.ticker(MS);
                    scope.worker(worker -> {
                      while (true) {
                        ticker.receive();
                        ticks.incrementAndGet();
                      }
                    });
                    Scopes.sleep(ms(simulation.random().nextInt(9)));
                  }));
          int before = ticks.get();
          assertTrue(exits.get() <= 1, "closed twice");
          tolerant(() -> Scopes.sleep(Duration.ofSeconds(5)));
          assertEquals(before, ticks.get(), "something goes on");
        },
        FAULTS);
  }

  // ---- combinators

  @Test
  void a_race_has_one_winner_and_discards_the_other_values_once() {
    each(
        800,
        simulation -> {
          var made = Collections.synchronizedList(new ArrayList<Object>());
          var discarded = Collections.synchronizedList(new ArrayList<Object>());
          int[] items = {1, 2, 3};
          var won = new ArrayList<Object>();
          tolerant(() ->
              won.add(
                  Scopes.named("race")
                      .onDiscarded(discarded::add)
                      .race(
                          Arrays.stream(items).boxed().toList(),
                          item -> {
                            Scopes.sleep(ms(simulation.random().nextInt(3)));
                            Object value = new Object();
                            made.add(value);
                            return value;
                          })));
          assertEquals(made.size(), won.size() + discarded.size(), "a value is lost or doubled");
          assertNotNull(made);
          discarded.addAll(won);
          assertEquals(new HashSet<>(made), new HashSet<>(discarded));
        },
        FAULTS);
  }
}
