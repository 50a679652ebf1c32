package dev.holdfast.internal.cancel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Fork;
import dev.holdfast.ScopeCancelledException;
import dev.holdfast.ScopeTimeoutException;
import dev.holdfast.Scopes;
import dev.holdfast.internal.timer.TimerThread;
import dev.holdfast.simulation.Simulated;
import dev.holdfast.simulation.Simulation;
import dev.holdfast.testing.LeavesNothing;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;

/** The races and the bound of a closing; {@link dev.holdfast.ClosingTest} has it in scopes. */
@Timeout(60)
@LeavesNothing
class ClosingScopeTest {

  private static final Duration MILLI = Duration.ofMillis(1);
  private static final long HOUR_NANOS = TimeUnit.HOURS.toNanos(1);

  private final CountDownLatch noticing = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);

  /** A scope that closes resources; a cancellation of it has to wait for the end of the closing. */
  private final class Owner extends CancelScopeStub {

    Owner() {
      super(ThreadScope.enter());
    }

    @Override
    public long graceNanos() {
      noticing.countDown();
      await(ended);
      return HOUR_NANOS;
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(30, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void a_cancellation_that_comes_while_the_closing_ends_leaves_no_alarm() throws Exception {
    var owner = new Owner();
    owner.threadScope().push(owner);
    var closing = new ClosingScope(owner, () -> "a resource");
    var canceller = new Thread(() -> closing.notice(Cancellation.explicit("The test", "enough")));
    closing.run(() -> {
      canceller.start();
      await(noticing);
    });
    ended.countDown();
    canceller.join();
    owner.threadScope().pop(owner, null);
    assertEquals(0, TimerThread.alarms());
  }

  /** Makes a call that blocks at once, in the closing of its scope. */
  private void assertBounded(
      Simulation simulation, Class<? extends Exception> expected, Executable call)
      throws Exception {
    Fork<?> closing = simulation.start(() -> assertThrows(expected, call));
    try {
      simulation.advance(Duration.ofNanos(ClosingScope.closeNanos).minus(MILLI));
      assertFalse(closing.isDone(), "the closing was interrupted early");
      simulation.advance(MILLI);
      assertTrue(closing.isDone(), "the closing has no bound");
    } finally {
      ended.countDown();
    }
    closing.join();
  }

  @Simulated(seeds = 20)
  void a_closing_that_blocks_past_a_deadline_is_interrupted(Simulation simulation)
      throws Exception {
    assertBounded(
        simulation,
        ScopeTimeoutException.class,
        () -> Scopes.timeout(MILLI).run(scope -> scope.onExit(() -> ended.await())));
  }

  @Simulated(seeds = 20)
  void a_closing_that_blocks_in_a_cancelled_scope_is_interrupted(Simulation simulation)
      throws Exception {
    assertBounded(
        simulation,
        ScopeCancelledException.class,
        () ->
            Scopes.run(scope -> {
              scope.onExit(() -> ended.await());
              scope.cancel("test");
            }));
  }
}
