package dev.holdfast.simulation.engine;

import java.time.Duration;

/**
 * The bounds of one run.
 *
 * @param steps the maximum number of scheduling points
 * @param time the maximum virtual time
 */
public record Limits(long steps, Duration time) {

  /** How many steps and alarms the strands may take to end after a verdict. */
  static final int ENDING = 20_000;

  /** How long loops of yields may last, in real time, when no other strand can run. */
  static final long SPIN_NANOS = 10_000_000_000L;

  /** How long one turn may take in real time. */
  static final Duration TURN = Duration.ofSeconds(20);

  long nanos() {
    return time.toNanos();
  }
}
