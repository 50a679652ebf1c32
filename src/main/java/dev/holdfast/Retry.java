package dev.holdfast;

import dev.holdfast.internal.background.RestartPolicy;
import dev.holdfast.internal.cancel.Failures;
import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.internal.util.Checks;
import dev.holdfast.internal.util.Throwables;
import java.time.Duration;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Repeats a call that fails, with a growing delay between the attempts.
 *
 * {@snippet class="dev.holdfast.doc.RetryPatterns" region="retry"}
 *
 * <p>The calls and the delays run on the calling thread, inside a scope or outside. A retry is
 * immutable: each method that changes a setting returns a changed copy. By default it has the
 * delays of {@link Restart#onFailure}: 100 ms at first, then twice as long each time, up to 30 s;
 * 20 % of each delay is random.
 *
 * <p>A retry gives up and throws the last failure, with the earlier ones suppressed, when
 *
 * <ul>
 *   <li>all attempts have failed;
 *   <li>the failure is not one that it {@linkplain #on retries};
 *   <li>the deadline of the current scope would pass before the next attempt: it never sleeps past
 *       the deadline;
 *   <li>the failure is an {@link Error}, an {@link InterruptedException} or another exception
 *       caused by a cancellation.
 * </ul>
 *
 * @since 0.1
 */
public final class Retry {

  private static final Duration DONE = Duration.ZERO;

  private final int attempts;
  private final RestartPolicy delays;
  private final Predicate<? super Exception> retried;

  private Retry(int attempts, RestartPolicy delays, Predicate<? super Exception> retried) {
    this.attempts = attempts;
    this.delays = delays;
    this.retried = retried;
  }

  /**
   * {@return a retry that makes at most this many attempts}
   *
   * @param most the number of attempts, including the first one, at least 1
   */
  public static Retry attempts(int most) {
    return new Retry(
        Checks.atLeastOne(most, "most"), Restart.onFailure().policy(), failure -> true);
  }

  /**
   * {@return a copy with the delays of a restart policy} The number of restarts that the policy
   * allows has no effect.
   *
   * @param delays the policy whose back-off and jitter are used
   * @throws IllegalArgumentException if it is {@link Restart#never}
   */
  public Retry backoff(Restart delays) {
    RestartPolicy policy = Checks.given(delays, "delays").policy();
    if (policy.mode() == RestartPolicy.Mode.NEVER) {
      throw new IllegalArgumentException(
          "delays must have a back-off, was " + delays + ". Begin with Restart.onFailure().");
    }
    return new Retry(attempts, policy, retried);
  }

  /**
   * {@return a copy that retries only the failures for which a condition holds}
   *
   * @param retried the condition, for example {@code IOException.class::isInstance}
   */
  public Retry on(Predicate<? super Exception> retried) {
    return new Retry(attempts, delays, Checks.given(retried, "retried"));
  }

  /**
   * Makes a call, and repeats it until it succeeds or this policy gives up.
   *
   * @param <R> the type of the result
   * @param <X> the checked exception the call may throw
   * @param call the code to run
   * @return the result of the first attempt that succeeds
   * @throws X if the last attempt throws it
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled,
   *     even during a delay; the failures so far are its suppressed exceptions
   */
  public <R extends @Nullable Object, X extends Exception> R call(Task<R, X> call)
      throws X, InterruptedException {
    Checks.given(call, "call");
    var earlier = new Failures();
    for (int attempt = 1; ; attempt++) {
      try {
        ThreadScope.checkpointCurrent();
        return call.call();
      } catch (Exception failure) {
        earlier.suppressOn(failure);
        if (attempt == attempts || Failures.isConsequence(failure) || !retried.test(failure)) {
          throw Throwables.<RuntimeException>sneaky(failure);
        }
        long delay = delays.delayNanos(attempt - 1);
        if (Scopes.deadline().remaining().toNanos() <= delay) {
          throw Throwables.<RuntimeException>sneaky(failure);
        }
        earlier.add(failure);
        sleep(delay, earlier);
      }
    }
  }

  /**
   * Runs an action repeatedly until it succeeds or this policy gives up. In all other respects this
   * method is like {@link #call}.
   *
   * @param <X> the checked exception the action may throw
   * @param action the code to run
   * @throws X if the last attempt throws it
   * @throws InterruptedException if the calling thread is interrupted or its task is cancelled
   */
  public <X extends Exception> void run(TaskAction<X> action) throws X, InterruptedException {
    Checks.given(action, "action");
    this.<Duration, X>call(() -> {
      action.run();
      return DONE;
    });
  }

  private static void sleep(long nanos, Failures earlier) throws InterruptedException {
    if (nanos > 0) {
      try {
        ThreadScope.enter().await(() -> false, nanos, "the next attempt of a retry");
      } catch (InterruptedException interrupted) {
        earlier.suppressOn(interrupted);
        throw interrupted;
      }
    }
  }

  /** {@return the settings} */
  @Override
  public String toString() {
    return "Retry[at most " + attempts + " attempts, " + delays.delays() + "]";
  }
}
