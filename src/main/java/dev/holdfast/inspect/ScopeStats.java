package dev.holdfast.inspect;

import dev.holdfast.internal.util.Checks;

/**
 * What has happened in the scopes of one name since the JVM began. The figures are of one moment,
 * or nearly.
 *
 * <p>Names are those that were given with {@link dev.holdfast.Scopes#named}: a thousand at most are
 * told apart, the rest is counted as {@link #OTHERS}. A task is what has a thread: items of a
 * {@code fanOut} over a collection that share one are one task.
 *
 * @param name the name; {@link #UNNAMED} for all scopes without one
 * @param opened how many scopes were opened
 * @param closed how many of them have ended
 * @param started how many tasks were forked in them, workers and pumps included
 * @param succeeded how many tasks have returned a value
 * @param failed how many tasks have thrown
 * @param cancelled how many tasks were cancelled, or never started
 * @param timeouts how many scopes were cancelled by their deadline
 * @param refused how many calls a guard of this name has not let in
 * @param stuck how many tasks were reported as not stopping
 * @param stalled how many tasks were reported as waiting for each other
 * @param cancelledScopes how many scopes have ended after they were cancelled
 * @param closingNanos how many nanoseconds those took from there to their end, all together
 * @since 0.1
 */
public record ScopeStats(
    String name,
    long opened,
    long closed,
    long started,
    long succeeded,
    long failed,
    long cancelled,
    long timeouts,
    long refused,
    long stuck,
    long stalled,
    long cancelledScopes,
    long closingNanos) {

  /** In place of the name of scopes that have none. */
  public static final String UNNAMED = "(unnamed)";

  /** In place of the names that were too many. */
  public static final String OTHERS = "(others)";

  /**
   * Makes one.
   *
   * @throws NullPointerException if {@code name} is {@code null}
   */
  public ScopeStats {
    Checks.given(name, "name");
  }

  /** {@return how many scopes are open} */
  public long openScopes() {
    return opened - closed;
  }

  /** {@return how many tasks have not ended} */
  public long liveTasks() {
    return started - succeeded - failed - cancelled;
  }
}
