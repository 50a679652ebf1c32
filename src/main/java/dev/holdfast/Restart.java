package dev.holdfast;

import dev.holdfast.internal.background.RestartPolicy;
import dev.holdfast.internal.background.RestartPolicy.Mode;
import dev.holdfast.internal.util.Checks;
import java.time.Duration;

/**
 * Whether a worker that has ended is started again, how soon, and how often.
 *
 * <p>Immutable; each method returns a changed copy. Without more words {@link #onFailure} and
 * {@link #always} wait 100 ms before the first restart and twice as long before each further one,
 * up to 30 s, a fifth of it random, and give up after ten restarts in a minute. What a worker
 * throws before it is started again goes to the {@link System.Logger} {@code dev.holdfast} as a
 * warning; with the last one it fails the scope.
 *
 * <p>An {@link Error} and an {@link InterruptedException} are never a reason to start again, and
 * nothing is started again once it was asked to stop.
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

  /** {@return no restart: a failure of the worker fails its scope; the default} */
  public static Restart never() {
    return NEVER;
  }

  /** {@return a restart whenever the worker has thrown an exception} */
  public static Restart onFailure() {
    return of(Mode.ON_FAILURE);
  }

  /** {@return a restart whenever the worker has thrown an exception or returned} */
  public static Restart always() {
    return of(Mode.ALWAYS);
  }

  /**
   * Says how long to wait before a restart: {@code first}, then {@code factor} times as long for
   * each restart in the window, but never longer than {@code ceiling}.
   *
   * @param first the first wait, not negative
   * @param factor at least 1
   * @param ceiling the longest wait, at least {@code first}
   * @return the changed copy
   * @throws IllegalArgumentException if an argument is out of its range
   * @throws IllegalStateException if this never restarts
   * @throws NullPointerException if {@code first} or {@code ceiling} is {@code null}
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
   * Says how much of each wait is random, so that workers that failed together do not start
   * together.
   *
   * @param fraction 0 for none, 0.2 for waits between 80 % and 100 %, 1 for anything up to the wait
   * @return the changed copy
   * @throws IllegalArgumentException if {@code fraction} is not between 0 and 1
   * @throws IllegalStateException if this never restarts
   */
  public Restart jitter(double fraction) {
    ensureRestarts("jitter");
    if (!(fraction >= 0 && fraction <= 1)) {
      throw new IllegalArgumentException("fraction must be between 0 and 1, was " + fraction);
    }
    return new Restart(policy.withJitter(fraction));
  }

  /**
   * Says how often it may restart; the failure after that fails the scope.
   *
   * @param restarts at most so many
   * @param window in any such time
   * @return the changed copy
   * @throws IllegalArgumentException if {@code restarts} is not between 1 and 1000, or {@code
   *     window} is not more than zero
   * @throws IllegalStateException if this never restarts
   * @throws NullPointerException if {@code window} is {@code null}
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
          what + " means nothing to Restart.never(); begin with onFailure() or always()");
    }
  }

  RestartPolicy policy() {
    return policy;
  }

  /** {@return the rule in words} */
  @Override
  public String toString() {
    return policy.toString();
  }
}
