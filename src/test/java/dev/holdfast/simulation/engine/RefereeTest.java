package dev.holdfast.simulation.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.Scopes;
import dev.holdfast.simulation.kernel.KernelThreads;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Threads that can run although their state says that they wait. */
@Tag("simulation")
class RefereeTest {

  @BeforeAll
  static void oneCarrier() {
    Carriers.requireOne();
  }

  private static KernelThreads beside() {
    KernelThreads others = KernelThreads.withoutThisOne();
    assumeTrue(others != null, "this system does not show its threads");
    return others;
  }

  /** Acts once, as late as a thread may that is only about to run; the states do not show it. */
  private static final class Late extends KernelThreads {

    private final @Nullable KernelThreads others;
    private final Runnable action;
    private boolean done;

    Late(@Nullable KernelThreads others, Runnable action) {
      super(Path.of("none"), "0");
      this.others = others;
      this.action = action;
    }

    @Override
    public void awaitRest(long nanos) {
      if (!done) {
        done = true;
        action.run();
      }
      if (others != null) {
        others.awaitRest(nanos);
      }
    }
  }

  private static void simulate(KernelThreads others, Controller.Action body) {
    var limits = new Limits(10_000, Duration.ofDays(1));
    var chooser = Chooser.random(new Random(1));
    var faults = new FaultPlan(List.of(), 1);
    Verdict verdict =
        new Controller(chooser, 1, limits, faults, new Account(false), others).run(body);
    assertNull(verdict, () -> verdict.text());
  }

  @Test
  void a_future_that_a_thread_is_about_to_complete_is_no_deadlock() {
    var future = new CompletableFuture<Integer>();
    simulate(new Late(null, () -> future.complete(5)), () -> assertEquals(5, future.get()));
  }

  @Test
  void no_time_passes_while_a_thread_is_about_to_run() {
    var future = new CompletableFuture<Integer>();
    simulate(
        new Late(null, () -> future.complete(5)),
        () -> Scopes.timeout(Duration.ofHours(1)).run(scope -> assertEquals(5, future.get())));
  }

  @Test
  void a_task_on_a_platform_thread_that_was_just_unparked_or_interrupted_is_no_deadlock() {
    KernelThreads others = beside();
    for (int i = 0; i < 20; i++) {
      var future = new CompletableFuture<Integer>();
      simulate(
          new Late(others, () -> future.complete(5)),
          () ->
              Scopes.named("platform")
                  .threads(Thread.ofPlatform().factory())
                  .run(scope -> assertEquals(5, scope.fork(() -> future.get()).join())));
      var thread = new AtomicReference<Thread>();
      simulate(
          new Late(others, () -> thread.get().interrupt()),
          () ->
              Scopes.named("platform")
                  .threads(Thread.ofPlatform().factory())
                  .run(scope -> {
                    var channel = scope.<Integer>channel(1);
                    scope.fork(() -> {
                      thread.set(Thread.currentThread());
                      try {
                        channel.receive();
                      } catch (InterruptedException e) {
                        channel.send(1);
                      }
                    });
                    scope.join();
                  }));
    }
  }
}
