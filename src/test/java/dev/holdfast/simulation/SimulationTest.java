package dev.holdfast.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Fork;
import dev.holdfast.ForkFailedException;
import dev.holdfast.RootScope;
import dev.holdfast.ScopeTimeoutException;
import dev.holdfast.Scopes;
import dev.holdfast.channel.Channel;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Tests {@code Account}, {@code Alarms}, {@code Carriers}, {@code Chooser}, {@code Clock}, {@code
 * Controller}, {@code CurrentScope}, {@code Explanation}, {@code FaultPlan}, {@code Referee},
 * {@code Repetition}, {@code SimulatedExtension}, {@code SimulationError}, {@code
 * SimulationSession}, {@code SimulationSpec}, {@code Simulator}, {@code Strand}, {@code Turns},
 * {@code Verdict} and {@code Verdicts} as well.
 */
@Tag("simulation")
class SimulationTest {

  private static final SimulationSpec ONCE = SimulationSpec.DEFAULT.once();

  private static String failure(Simulation.Body body) {
    return assertThrows(SimulationError.class, () -> ONCE.run(1, body)).getMessage();
  }

  private static void assertContains(String text, String... parts) {
    for (String part : parts) {
      assertTrue(text.contains(part), () -> "no '" + part + "' in: " + text);
    }
  }

  // ---- time

  @Simulated(seeds = 20)
  void settle_holds_the_time_and_advance_lets_it_pass(Simulation simulation) throws Exception {
    Fork<Integer> answer =
        simulation.start(() -> {
          Scopes.sleep(Duration.ofMillis(800));
          return 7;
        });
    simulation.settle();
    assertEquals(Duration.ZERO, simulation.elapsed());
    simulation.advance(Duration.ofMillis(799));
    assertFalse(answer.isDone());
    simulation.advance(Duration.ofMillis(1));
    assertTrue(answer.isDone());
    assertEquals(7, answer.join());
    assertEquals(Instant.parse("2000-01-01T00:00:00.800Z"), simulation.clock().instant());
  }

  @Simulated(seeds = 20)
  void the_time_jumps_to_the_next_timer_when_no_thread_can_run() {
    assertThrows(
        ScopeTimeoutException.class,
        () -> Scopes.timeout(Duration.ofDays(2)).run(scope -> scope.channel(0).receive()));
  }

  @Test
  void ten_hours_of_ticks_pass() {
    var elapsed = new CompletableFuture<Duration>();
    Simulation.run(
        1,
        simulation -> {
          Scopes.run(scope -> {
            Channel<Long> ticks = scope.ticker(Duration.ofSeconds(1));
            for (long tick = 0; tick < 36_000; tick++) {
              assertEquals(tick + 1, ticks.receive());
            }
          });
          elapsed.complete(simulation.elapsed());
        });
    assertEquals(Duration.ofHours(10), elapsed.join());
  }

  @Test
  void each_timer_of_the_library_is_virtual() {
    Simulation.run(
        2,
        simulation -> {
          List<String> log = new ArrayList<>();
          Scopes.run(scope -> {
            scope.after(Duration.ofHours(3), () -> log.add("after " + simulation.elapsed()));
            Channel<Integer> empty = scope.channel(0);
            assertEquals(null, empty.receive(Duration.ofHours(1)));
            log.add("receive " + simulation.elapsed());
            Scopes.sleep(Duration.ofHours(4));
          });
          log.add("end " + simulation.elapsed());
          assertEquals(List.of("receive PT1H", "after PT3H", "end PT5H"), log);
        });
  }

  // ---- verdicts

  @Test
  void a_deadlock_is_found_at_once_and_names_the_waits() {
    String message =
        failure(simulation ->
            Scopes.run(scope -> {
              Channel<Integer> orders = scope.channel(0);
              scope.fork("taker", () -> orders.receive());
              scope.join();
            }));
    assertContains(message, "Deadlock", "Task 'taker' receives from", "SimulationTest", "joins");
  }

  @Test
  void a_thread_keeps_its_label_when_it_takes_another_item() {
    var never = new CompletableFuture<Integer>();
    String message =
        failure(simulation ->
            Scopes.named("fan")
                .limit(1)
                .fanOut(List.of(1, 2, 3), item -> item < 3 ? item : never.get()));
    assertContains(message, "Deadlock", "Task 'fan/1' waits for a CompletableFuture");
  }

  @Test
  void a_deadlock_of_locks_is_found() {
    String message = failure(simulation -> new CompletableFuture<String>().get());
    assertContains(message, "Deadlock", "the body waits for a CompletableFuture");
  }

  @Test
  void a_scope_that_is_left_open_is_a_leak() {
    var left = new CompletableFuture<RootScope>();
    String message =
        failure(simulation -> {
          RootScope root = Scopes.open(Scopes.named("left"));
          left.complete(root);
          root.run(scope -> scope.channel(3));
        });
    assertContains(message, "Leak", "root scope 'left'", "The channel of capacity 3");
    left.join().cancel("the test ends");
  }

  @Test
  void endless_steps_and_endless_time_are_livelocks() {
    SimulationSpec few = ONCE.steps(1000).time(Duration.ofDays(1));
    Simulation.Body steps =
        simulation -> {
          while (true) {
            Scopes.checkpoint();
          }
        };
    Simulation.Body time =
        simulation -> {
          while (true) {
            Scopes.sleep(Duration.ofHours(1));
          }
        };
    String first = assertThrows(SimulationError.class, () -> few.run(1, steps)).getMessage();
    String second = assertThrows(SimulationError.class, () -> few.run(1, time)).getMessage();
    assertContains(first, "Livelock: it took 1000 steps", "the body");
    assertContains(second, "Livelock: it ran for PT24H of virtual time");
  }

  @Test
  void a_worker_that_only_ticks_does_not_hide_a_deadlock() {
    String message =
        failure(simulation ->
            Scopes.run(scope -> {
              scope.ticker(Duration.ofSeconds(1));
              scope.channel(0).receive();
            }));
    assertContains(message, "Deadlock", "receives from");
  }

  @Test
  void a_ticker_does_not_make_a_long_wait_a_deadlock() {
    ONCE.run(
        1,
        simulation ->
            Scopes.run(scope -> {
              scope.ticker(Duration.ofMillis(1));
              Scopes.sleep(Duration.ofSeconds(10));
              assertThrows(
                  ScopeTimeoutException.class,
                  () ->
                      Scopes.timeout(Duration.ofSeconds(10))
                          .run(inner -> inner.channel(0).receive()));
            }));
  }

  @Test
  void waits_in_real_time_are_named() {
    assertContains(failure(simulation -> Thread.sleep(60_000)), "sleeps in Thread.sleep");
    assertContains(
        failure(simulation -> new CompletableFuture<String>().get(1, TimeUnit.MINUTES)),
        "waits with a timeout outside Holdfast",
        "SimulationTest");
    assertContains(
        failure(simulation -> {
          try (var server = new ServerSocket(0)) {
            server.accept();
          }
        }),
        "waits for a socket");
  }

  @Test
  void the_exception_of_the_body_is_the_cause() {
    var thrown =
        assertThrows(
            SimulationError.class,
            () ->
                ONCE.run(
                    5,
                    simulation -> {
                      throw new IOException("disk full");
                    }));
    assertEquals(5, thrown.seed());
    assertInstanceOf(IOException.class, thrown.getCause());
    assertContains(thrown.getMessage(), "Seed 5: java.io.IOException: disk full");
  }

  @Test
  void a_failure_of_a_started_task_goes_to_join_or_fails_the_simulation() {
    Simulation.run(
        1,
        simulation -> {
          Fork<Integer> failing =
              simulation.start(() -> {
                throw new IOException("joined");
              });
          assertThrows(ForkFailedException.class, failing::join);
        });
    String message =
        failure(simulation ->
            simulation.start(() -> {
              throw new IOException("not joined");
            }));
    assertContains(message, "not joined");
  }

  @Test
  void a_failure_that_depends_on_an_earlier_run_is_called_unstable() {
    var runs = new AtomicInteger();
    var thrown =
        assertThrows(
            SimulationError.class,
            () -> Simulation.run(1, simulation -> assertTrue(runs.getAndIncrement() > 0)));
    assertContains(thrown.getMessage(), "Unstable", "did not fail");
  }

  // ---- the schedule

  @Test
  void equal_seeds_give_equal_schedules_and_others_give_others() {
    var traces = new HashSet<String>();
    for (long seed = 0; seed < 200; seed++) {
      String trace = Programs.trace(seed);
      assertEquals(trace, Programs.trace(seed));
      traces.add(trace);
    }
    assertTrue(traces.size() > 150, () -> traces.size() + " traces");
  }

  @Test
  void nothing_runs_while_no_thread_can_run() {
    var checks = new AtomicInteger();
    for (long seed = 0; seed < 300; seed++) {
      Simulation.run(seed, simulation -> checks.addAndGet(Programs.settleOften(simulation)));
    }
    assertTrue(checks.get() >= 3000);
  }

  @Test
  void threads_outside_may_complete_a_future() {
    try (ExecutorService pool = Executors.newSingleThreadExecutor()) {
      ONCE.run(1, simulation -> assertEquals(5, pool.submit(() -> 5).get()));
    }
  }

  @Test
  void tasks_on_platform_threads_take_turns() {
    for (long seed = 0; seed < 20; seed++) {
      int[] count = {0};
      Simulation.run(
          seed,
          simulation ->
              Scopes.named("platform")
                  .threads(Thread.ofPlatform().factory())
                  .run(scope -> {
                    for (int i = 0; i < 4; i++) {
                      scope.fork(() -> count[0]++); // atomic here: there is no point inside
                    }
                    scope.join();
                  }));
      assertEquals(4, count[0]);
    }
  }

  // ---- faults

  @Test
  void cancelling_at_every_step_finds_clean_up_that_is_missing() {
    SimulationSpec cancelling = ONCE.faults(Fault.CANCEL, Fault.INTERRUPT);
    var open = new AtomicInteger();
    int left = 0;
    for (long seed = 0; seed < 100; seed++) {
      open.set(0);
      try {
        cancelling.run(
            seed,
            simulation ->
                Scopes.run(scope -> {
                  open.incrementAndGet();
                  Channel<Integer> channel = scope.channel(1);
                  channel.send(1);
                  channel.receive();
                  open.decrementAndGet(); // not in a finally block
                }));
      } catch (SimulationError expected) {
        // the fault came out of the body
      }
      left += open.get();
    }
    assertTrue(left > 0, "no fault struck");
  }

  @Test
  void a_delay_makes_a_deadline_pass() {
    SimulationSpec delaying = ONCE.faults(Fault.DELAY, Fault.TIME_OUT);
    int late = 0;
    for (long seed = 0; seed < 100; seed++) {
      try {
        delaying.run(
            seed,
            simulation ->
                Scopes.timeout(Duration.ofMillis(1))
                    .run(scope -> {
                      scope.fork(() -> Scopes.checkpoint());
                      scope.join();
                    }));
      } catch (SimulationError e) {
        assertInstanceOf(ScopeTimeoutException.class, e.getCause(), e::toString);
        late++;
      }
    }
    assertTrue(late > 0);
  }

  @Test
  void a_simulation_inside_another_is_refused() {
    Simulation.run(
        1,
        simulation ->
            assertThrows(IllegalStateException.class, () -> Simulation.run(2, inner -> {})));
  }
}
