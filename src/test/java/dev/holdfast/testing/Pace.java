package dev.holdfast.testing;

import static org.junit.jupiter.api.Assertions.fail;

import java.time.Duration;

/**
 * Experiments in which something has to happen before a deadline. How long that takes is for the
 * machine to say; one that comes too late has shown nothing, and is repeated with more time.
 */
public final class Pace {

  private static final Duration LITTLE = Duration.ofMillis(20);
  private static final Duration PLENTY = Duration.ofSeconds(10);

  private Pace() {}

  /** What is tried with a given time. */
  @FunctionalInterface
  public interface Experiment {

    /**
     * Does it, and asserts what it is about unless it was too late for that.
     *
     * @return whether what has to come before the deadline did
     */
    boolean inTime(Duration time) throws Exception;
  }

  /** Begins with little time, and goes on with four times as much while that is too little. */
  public static void find(Experiment experiment) throws Exception {
    for (Duration time = LITTLE; time.compareTo(PLENTY) < 0; time = time.multipliedBy(4)) {
      if (experiment.inTime(time)) {
        return;
      }
    }
    fail("What has to come before the deadline does not come at all");
  }
}
