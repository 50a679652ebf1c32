package dev.holdfast.internal.cancel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Fork;
import dev.holdfast.ScopeCancelledException;
import dev.holdfast.Scopes;
import dev.holdfast.simulation.Simulated;
import dev.holdfast.simulation.Simulation;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.LeavesNothing;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** How long actions hold back interrupts; {@link dev.holdfast.Law14CancelOfItsOwnTest} has more. */
@LeavesNothing
class CancelActionsTest {

  private static final Duration MILLI = Duration.ofMillis(1);

  private final CountDownLatch release = new CountDownLatch(1);
  private volatile Duration interruptedAt;

  /** Blocks in a scope that is cancelled at once; its action hangs until it is released. */
  private ScopeCancelledException cancelled(Simulation simulation) {
    return assertThrows(
        ScopeCancelledException.class,
        () ->
            Scopes.run(scope -> {
              scope.onCancel(() -> Blocked.stubbornly(release));
              scope.cancel("test");
              try {
                Blocked.forever();
              } finally {
                interruptedAt = simulation.elapsed();
              }
            }));
  }

  @Simulated(seeds = 20)
  void an_action_that_hangs_holds_back_interrupts_for_its_time_only(Simulation simulation)
      throws Exception {
    Duration bound = Duration.ofNanos(CancelActions.HOLD_NANOS);
    Fork<?> call = simulation.start(() -> cancelled(simulation));
    try {
      simulation.advance(bound.plusSeconds(10));
      assertNotNull(interruptedAt, "the action holds back the interrupt without a bound");
      assertEquals(bound.toMillis(), interruptedAt.toMillis());
      assertFalse(call.isDone(), "the scope waits for its action");
    } finally {
      release.countDown();
    }
    call.join();
  }

  @Simulated(seeds = 20)
  void interrupts_come_soon_after_the_actions_have_ended(Simulation simulation) throws Exception {
    Fork<?> call = simulation.start(() -> cancelled(simulation));
    simulation.settle();
    release.countDown();
    simulation.advance(Duration.ofNanos(CancelActions.PAUSE_NANOS).minus(MILLI));
    assertFalse(call.isDone(), "the unblocked call has time to return first");
    simulation.advance(MILLI);
    assertTrue(call.isDone(), "the interrupt came late");
    call.join();
  }
}
