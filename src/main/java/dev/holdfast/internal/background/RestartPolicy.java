package dev.holdfast.internal.background;

import dev.holdfast.internal.clock.Clock;
import java.time.Duration;

/**
 * When to restart a worker that has ended.
 *
 * @param most the number of restarts within the window
 */
public record RestartPolicy(
    Mode mode,
    Duration first,
    double factor,
    Duration ceiling,
    double jitter,
    int most,
    Duration window) {

  public enum Mode {
    NEVER,
    ON_FAILURE,
    ALWAYS
  }

  public static final RestartPolicy NEVER =
      new RestartPolicy(Mode.NEVER, Duration.ZERO, 1, Duration.ZERO, 0, 0, Duration.ZERO);

  boolean afterFailure() {
    return mode != Mode.NEVER;
  }

  boolean afterReturn() {
    return mode == Mode.ALWAYS;
  }

  public RestartPolicy withBackoff(Duration first, double factor, Duration ceiling) {
    return new RestartPolicy(mode, first, factor, ceiling, jitter, most, window);
  }

  public RestartPolicy withJitter(double jitter) {
    return new RestartPolicy(mode, first, factor, ceiling, jitter, most, window);
  }

  public RestartPolicy withAtMost(int most, Duration window) {
    return new RestartPolicy(mode, first, factor, ceiling, jitter, most, window);
  }

  /** {@return the rule in words} */
  @Override
  public String toString() {
    return mode == Mode.NEVER
        ? "Restart[never]"
        : "Restart["
            + (mode == Mode.ALWAYS ? "always" : "on failure")
            + ", "
            + delays()
            + ", at most "
            + most
            + " in "
            + window
            + "]";
  }

  /** {@return the delay that follows the given number of delays, with jitter} */
  public long delayNanos(int before) {
    double wait = Math.min(first.toNanos() * Math.pow(factor, before), (double) ceiling.toNanos());
    return (long) (wait * (1 - jitter * Clock.random().nextDouble()));
  }

  /** {@return the delays in words} */
  public String delays() {
    return "after " + first + " times " + factor + " up to " + ceiling;
  }

  /** The restarts of one worker. Only the thread of the worker uses it. */
  final class History {

    /** The times of the latest restarts, in a ring. */
    private final long[] times = new long[most];

    private long restarts;

    /** {@return how long to wait before the next restart, in nanoseconds; -1 if there is none} */
    long next(long now) {
      int recent = 0;
      while (recent < Math.min(restarts, most)
          && now - times[(int) ((restarts - 1 - recent) % most)] < window.toNanos()) {
        recent++;
      }
      if (recent == most) {
        return -1;
      }
      times[(int) (restarts++ % most)] = now;
      return delayNanos(recent);
    }
  }
}
