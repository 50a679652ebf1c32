package dev.holdfast.simulation;

import org.jspecify.annotations.Nullable;

/**
 * A simulation has failed. The message names the seed, what went wrong, and the schedule that leads
 * to it. If the body threw, its exception is the cause.
 *
 * @since 0.1
 */
public final class SimulationError extends AssertionError {

  private static final long serialVersionUID = 1L;

  /** The seed of the run that failed. */
  private final long seed;

  SimulationError(long seed, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.seed = seed;
  }

  /** {@return the seed with which the simulation fails} */
  public long seed() {
    return seed;
  }
}
