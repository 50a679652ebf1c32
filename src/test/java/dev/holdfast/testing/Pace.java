package dev.holdfast.testing;

import static org.junit.jupiter.api.Assertions.fail;

import dev.holdfast.ScopeTimeoutException;
import java.time.Duration;

/**
 * Runs experiments in which something has to happen before a deadline. How long that takes depends
 * on the machine, so an experiment that was too late is repeated with more time.
 */
public final class Pace {

  private static final Duration LITTLE = Duration.ofMillis(20);
  private static final Duration PLENTY = Duration.ofSeconds(10);
  private static final int ATTEMPTS = 20;

  private Pace() {}

  /** An experiment that is given some time. */
  @FunctionalInterface
  public interface Experiment {

    /**
     * Runs the experiment, and asserts its result unless it was too late.
     *
     * @return whether it was in time
     */
    boolean inTime(Duration time) throws Exception;
  }

  /** Starts with little time, and repeats with four times as much while that is too little. */
  public static void find(Experiment experiment) throws Exception {
    for (Duration time = LITTLE; time.compareTo(PLENTY) < 0; time = time.multipliedBy(4)) {
      if (experiment.inTime(time)) {
        return;
      }
    }
    fail("The experiment was too late with " + PLENTY);
  }

  /** An experiment whose time is fixed, as that of an example. */
  @FunctionalInterface
  public interface Attempt {

    /**
     * Runs the experiment, and asserts its result unless it was too late.
     *
     * @return whether it was in time
     */
    boolean inTime() throws Exception;
  }

  /** Repeats an experiment that was too late, or whose scope timed out. */
  public static void repeat(Attempt attempt) throws Exception {
    for (int i = 0; i < ATTEMPTS; i++) {
      try {
        if (attempt.inTime()) {
          return;
        }
      } catch (ScopeTimeoutException tooLate) {
        // and again
      }
    }
    fail("The experiment was too late " + ATTEMPTS + " times");
  }
}
