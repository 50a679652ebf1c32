package dev.holdfast;

import dev.holdfast.internal.background.RestartPolicy;
import dev.holdfast.internal.background.RestartPolicy.Mode;
import dev.holdfast.internal.util.Checks;
import java.time.Duration;

/**
 * The restart policy of a worker: whether to restart a worker that has ended, after what delay, and
 * how often.
 *
 * <p>A policy is immutable: each method returns a changed copy. By default, {@link #onFailure} and
 * {@link #always} wait 100 ms before the first restart and twice as long before each further one,
 * up to 30 s; 20 % of each delay is random. They give up after ten restarts in a minute.
 *
 * <p>An exception that leads to a restart is logged as a warning by the {@link System.Logger}
 * {@code dev.holdfast}. The exception after the last restart fails the scope. An {@link Error} or
 * an {@link InterruptedException} never leads to a restart. A worker that was asked to stop is
 * never restarted.
 *
 * {@snippet class="dev.holdfast.doc.WorkerPatterns" region="restart"}
 *
 * @since 0.1
 */
public final class Restart {

  private static final Restart NEVER = new Restart(RestartPolicy.NEVER);

  private final RestartPolicy policy;

  private Restart(RestartPolicy policy) {
    this.policy = policy;
  }

  private static Restart of(Mode mode) {
    return new Restart(
        new RestartPolicy(
            mode,
            Duration.ofMillis(100),
            2,
            Duration.ofSeconds(30),
            0.2,
            10,
            Duration.ofMinutes(1)));
  }

  /** {@return the default policy: no restart, so a failure of the worker fails its scope} */
  public static Restart never() {
    return NEVER;
  }

  /** {@return a policy that restarts the worker when it has thrown an exception} */
  public static Restart onFailure() {
    return of(Mode.ON_FAILURE);
  }

  /** {@return a policy that restarts the worker when it has thrown an exception or returned} */
  public static Restart always() {
    return of(Mode.ALWAYS);
  }

  /**
   * Sets the delay before a restart: {@code first} at first, then {@code factor} times as long for
   * each further restart in the window, up to {@code ceiling}.
   *
   * @param first the first delay, not negative
   * @param factor the factor by which the delay grows, at least 1
   * @param ceiling the longest delay, at least {@code first}
   * @return the changed copy
   * @throws IllegalArgumentException if an argument is out of its range
   * @throws IllegalStateException if this is {@link #never}
   */
  public Restart backoff(Duration first, double factor, Duration ceiling) {
    ensureRestarts("backoff");
    Checks.notNegative(first, "first");
    Checks.notNegative(ceiling, "ceiling");
    if (!(factor >= 1) || Double.isInfinite(factor)) {
      throw new IllegalArgumentException("factor must be at least 1, was " + factor);
    }
    if (ceiling.compareTo(first) < 0) {
      throw new IllegalArgumentException(
          "ceiling must be at least first, " + first + ", was " + ceiling);
    }
    return new Restart(policy.withBackoff(first, factor, ceiling));
  }

  /**
   * Sets how much of each delay is random, so that workers that failed together do not start again
   * together.
   *
   * @param fraction 0 for no randomness; 0.2 for delays between 80 % and 100 %; 1 for delays
   *     between 0 and 100 %
   * @return the changed copy
   * @throws IllegalArgumentException if {@code fraction} is not between 0 and 1
   * @throws IllegalStateException if this is {@link #never}
   */
  public Restart jitter(double fraction) {
    ensureRestarts("jitter");
    if (!(fraction >= 0 && fraction <= 1)) {
      throw new IllegalArgumentException("fraction must be between 0 and 1, was " + fraction);
    }
    return new Restart(policy.withJitter(fraction));
  }

  /**
   * Limits how often the worker is restarted; the next failure fails the scope.
   *
   * @param restarts the number of restarts in any window, between 1 and 1000
   * @param window the length of the window, more than zero
   * @return the changed copy
   * @throws IllegalArgumentException if an argument is out of its range
   * @throws IllegalStateException if this is {@link #never}
   */
  public Restart atMost(int restarts, Duration window) {
    ensureRestarts("atMost");
    if (Checks.atLeastOne(restarts, "restarts") > 1000) {
      throw new IllegalArgumentException("restarts must be at most 1000, was " + restarts);
    }
    return new Restart(policy.withAtMost(restarts, Checks.positive(window, "window")));
  }

  private void ensureRestarts(String what) {
    if (policy.mode() == Mode.NEVER) {
      throw new IllegalStateException(
          what + " does not apply to Restart.never(). Begin with onFailure() or always().");
    }
  }

  RestartPolicy policy() {
    return policy;
  }

  /** {@return a description of the policy} */
  @Override
  public String toString() {
    return policy.toString();
  }
}
