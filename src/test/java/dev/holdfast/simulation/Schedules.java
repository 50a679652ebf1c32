package dev.holdfast.simulation;

import dev.holdfast.ForkFailedException;
import dev.holdfast.ScopeException;
import java.time.Duration;
import java.util.concurrent.CancellationException;

/** Runs code under many schedules. */
final class Schedules {

  /** Multiplies the schedules of each test: {@code -Dholdfast.schedules=10}. */
  private static final int FACTOR = Integer.getInteger("holdfast.schedules", 1);

  /** The only seed to run, or null: {@code -Dholdfast.seed=417} replays a failure. */
  private static final Long ONLY = Long.getLong("holdfast.seed");

  private static final String STOP = "the cause of a failure";

  static final Duration MS = ms(1);

  private Schedules() {}

  static Duration ms(int n) {
    return Duration.ofMillis(n);
  }

  /** Code that may fail in any way if a fault strikes it. */
  interface Part {
    void run() throws Exception;
  }

  /** Runs a body with consecutive seeds; the first that fails ends it with an explanation. */
  static void each(int seeds, Simulation.Body body, Fault... faults) {
    SimulationSpec spec = SimulationSpec.DEFAULT.faults(faults).steps(100_000);
    if (ONLY != null) {
      spec.run(ONLY, body);
      return;
    }
    for (long seed = 0; seed < (long) seeds * FACTOR; seed++) {
      spec.run(seed, body);
    }
  }

  /** {@return an exception that the code under test throws} */
  static IllegalStateException failure() {
    return new IllegalStateException(STOP);
  }

  /** Runs code that may end by a cancellation, a timeout, an interrupt or a failed fork. */
  static void tolerant(Part code) {
    try {
      code.run();
    } catch (ForkFailedException e) {
      if (e.getCause() instanceof AssertionError failed) {
        throw failed;
      }
    } catch (InterruptedException | CancellationException | ScopeException expected) {
      // by a fault of the simulation, or as planned
    } catch (Exception e) {
      if (e.getMessage() == null || !e.getMessage().equals(STOP)) {
        throw new AssertionError("unexpected: " + e, e);
      }
    } finally {
      Thread.interrupted(); // a fault interrupts from outside
    }
  }
}
