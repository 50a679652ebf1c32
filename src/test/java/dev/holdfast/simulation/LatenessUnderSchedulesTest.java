package dev.holdfast.simulation;

import static dev.holdfast.simulation.Schedules.each;
import static dev.holdfast.simulation.Schedules.failure;
import static dev.holdfast.simulation.Schedules.tolerant;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Fork;
import dev.holdfast.Inspect;
import dev.holdfast.Scope;
import dev.holdfast.ScopeTimeoutException;
import dev.holdfast.Scopes;
import dev.holdfast.Worker;
import dev.holdfast.channel.ChannelSpec;
import dev.holdfast.inspect.Report;
import dev.holdfast.testing.Warnings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Laws 4, 11 and 13 under many schedules, as far as virtual time can show them: a late task is
 * named once, by name and place, at the exact time; and user code that blocks delays neither the
 * deadline nor an action of another scope.
 *
 * <p>{@code Law11StuckTaskIsNamedTest} and {@code Law13NobodyStarvesTest} test three parts in real
 * time. A task that computes is named although it holds a carrier: a simulation has one carrier and
 * ends such a test. Traffic delays no thread outside Holdfast: virtual time passes only when there
 * is no traffic. Actions find a helper thread in time: a simulation gives each action its own.
 */
@Tag("simulation")
@Timeout(100)
class LatenessUnderSchedulesTest {

  private static final Duration CANCELLED = Duration.ofMillis(10);

  /** How long after the last onCancel action a scope interrupts its threads. */
  private static final Duration INTERRUPTED = Duration.ofMillis(10);

  /** After everything else of a test. */
  private static final Duration LATER = Duration.ofSeconds(9);

  @RegisterExtension final Warnings warnings = new Warnings();

  /** A report, and when it came. */
  private record Told(Duration at, Report report) {}

  // ---- 4: no interrupt is lost

  @Test
  void law_4_an_interrupt_that_comes_with_a_request_to_stop_is_still_pending_after_it() {
    each(
        500,
        simulation -> {
          tolerant(() ->
              Scopes.run(scope -> { // without a grace, the request and the interrupt come at once
                scope.worker(worker -> {
                  worker.awaitStop();
                  new Semaphore(0).acquire();
                });
                Scopes.checkpoint();
              }));
          assertEquals(Duration.ZERO, simulation.elapsed(), "until the next interrupt");
        });
  }

  // ---- waits with a timeout

  @Test
  void a_wait_for_the_stop_of_a_timer_counts_the_time_before_its_action_begins() {
    each(
        100,
        simulation ->
            Scopes.run(scope -> {
              Worker<Void> timer = scope.after(CANCELLED, () -> Scopes.sleep(LATER));
              assertFalse(timer.awaitStop(CANCELLED.multipliedBy(3)));
              assertEquals(CANCELLED.multipliedBy(3).toMillis(), simulation.elapsed().toMillis());
            }));
  }

  // ---- 11: a task that does not stop is named

  /** What cancels the stuck task. */
  private enum Source {
    SCOPE,
    FAILURE,
    BODY,
    DEADLINE,
    FORK
  }

  @Test
  @SuppressWarnings("try") // the listener is registered for the duration of the block
  void law_11_a_task_that_does_not_stop_is_named_once_a_second_after_the_grace() {
    each(
        300,
        simulation -> {
          Random random = simulation.random();
          Source source = Source.values()[random.nextInt(Source.values().length)];
          Duration grace = Duration.ofMillis(random.nextInt(3000));
          Duration stops = Duration.ofMillis(random.nextInt(5000));
          List<Told> told = Collections.synchronizedList(new ArrayList<>());
          var release = new Semaphore(0);
          try (var listening =
              Inspect.onReport(report -> told.add(new Told(simulation.elapsed(), report)))) {
            tolerant(() ->
                Scopes.named("works")
                    .grace(grace)
                    .timeout(source == Source.DEADLINE ? CANCELLED : LATER)
                    .run(scope -> {
                      scope.fork("prompt", () -> new Semaphore(0).acquire());
                      Fork<?> stuck = scope.fork("stuck", () -> ignoreInterrupts(release));
                      scope.fork("releases", () -> releaseLater(release, stops));
                      Scopes.sleep(CANCELLED);
                      cancel(source, scope, stuck);
                    }));
          }
          Duration due = CANCELLED.plus(grace).plusSeconds(1);
          if (stops.compareTo(due) < 0) {
            assertEquals(List.of(), told);
          } else if (stops.compareTo(due) > 0) {
            assertEquals(1, told.size(), told::toString);
            assertEquals(due, told.get(0).at());
            Report report = told.get(0).report();
            assertEquals("works", report.scope());
            assertEquals(List.of("stuck"), report.tasks());
            assertTrue(report.text().contains("ignoreInterrupts"), report::text);
          }
        });
  }

  private static void cancel(Source source, Scope scope, Fork<?> stuck)
      throws InterruptedException {
    switch (source) {
      case SCOPE -> scope.cancel("enough");
      case FAILURE ->
          scope.fork(() -> {
            throw failure();
          });
      case BODY -> throw failure();
      case FORK -> {
        stuck.cancel();
        Scopes.sleep(LATER);
      }
      case DEADLINE -> {}
    }
    scope.join();
  }

  private static void ignoreInterrupts(Semaphore release) {
    release.acquireUninterruptibly();
  }

  /** Releases the stuck task although this task is cancelled as well. */
  private static void releaseLater(Semaphore release, Duration after) throws Exception {
    Scopes.shield(LATER, () -> Scopes.sleep(after));
    release.release();
  }

  // ---- 13: nobody starves

  /** User code that blocks until it is released. */
  private enum Slow {
    ON_CANCEL,
    CANCEL_ACTION,
    ON_EXIT,
    UNDELIVERED,
    DISCARDED,
    LISTENER,
    TASK
  }

  @Test
  @SuppressWarnings("try") // the listener is registered for the duration of the block
  void law_13_slow_user_code_delays_no_deadline_and_no_action_of_another_scope() {
    each(
        300,
        simulation -> {
          Random random = simulation.random();
          Slow slow = Slow.values()[random.nextInt(Slow.values().length)];
          Duration time = Duration.ofNanos(1 + random.nextInt(3_000_000));
          var blocked = new AtomicInteger();
          var release = new Semaphore(0);
          Runnable block =
              () -> {
                blocked.incrementAndGet();
                release.acquireUninterruptibly();
              };
          try (var listening =
              Inspect.onReport(report -> {
                if (slow == Slow.LISTENER) {
                  block.run();
                }
              })) {
            List<Fork<?>> owners = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
              owners.add(simulation.start(() -> run(slow, block)));
            }
            Fork<?> stubborn = simulation.start(() -> run(Slow.TASK, block));
            simulation.advance(Duration.ofMillis(random.nextInt(3000)));
            for (int i = 0; i < 3; i++) {
              Duration due = simulation.elapsed().plus(time);
              var acted = new AtomicReference<Duration>();
              assertThrows(
                  ScopeTimeoutException.class,
                  () ->
                      Scopes.timeout(time)
                          .run(scope -> {
                            scope.onCancel(() -> acted.set(simulation.elapsed()));
                            scope.channel(0).receive();
                          }));
              assertEquals(due, acted.get(), slow::name);
              assertEquals(due.plus(INTERRUPTED), simulation.elapsed(), slow::name);
            }
            simulation.advance(LATER);
            assertTrue(blocked.get() >= 1 + (slow == Slow.LISTENER ? 1 : 2), slow::name);
            release.release(1000);
            stubborn.join();
            for (Fork<?> owner : owners) {
              owner.join();
            }
          }
        });
  }

  private static Void run(Slow slow, Runnable block) throws Exception {
    tolerant(() -> work(slow, block));
    return null;
  }

  private static void work(Slow slow, Runnable block) throws Exception {
    Scopes.timeout(CANCELLED)
        .onDiscarded(value -> {
          if (slow == Slow.DISCARDED) {
            block.run();
          }
        })
        .run(scope -> {
          switch (slow) {
            case ON_CANCEL -> scope.onCancel(block::run);
            case CANCEL_ACTION ->
                scope.fork(() ->
                    scope.blocking(
                        block::run,
                        () -> {
                          block.run();
                          return 1;
                        }));
            case ON_EXIT -> scope.onExit(block::run);
            case UNDELIVERED ->
                scope
                    .channel(ChannelSpec.<Integer>of(1).onUndelivered(element -> block.run()))
                    .send(1);
            case DISCARDED -> scope.fork(() -> 1);
            case LISTENER, TASK -> scope.fork(block::run);
          }
          Scopes.sleep(LATER);
        });
  }
}
