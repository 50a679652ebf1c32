package dev.holdfast.simulation.engine;

import java.time.Duration;

/**
 * The bounds of one run.
 *
 * @param steps the most scheduling points
 * @param time the most virtual time
 */
public record Limits(long steps, Duration time) {

  /** How long a blocked strand may wait for a thread outside the simulation, in real time. */
  static final long OUTSIDE_NANOS = 2_000_000_000;

  /** The same if all blocked strands wait for locks, which threads outside seldom use. */
  static final long LOCK_NANOS = 20_000_000;

  /** How many steps and alarms the strands may take to end after a verdict. */
  static final int ENDING = 20_000;

  /** How long one turn may take in real time. */
  static final Duration TURN = Duration.ofSeconds(20);

  long nanos() {
    return time.toNanos();
  }
}
