package dev.holdfast.inspect;

import dev.holdfast.internal.util.Checks;

/**
 * The counts of all scopes of one name since the JVM started. All figures are from the same moment,
 * or nearly so.
 *
 * <p>Names are those given with {@link dev.holdfast.Scopes#named}. The first thousand have counts
 * of their own; all further ones are counted as {@link #OTHERS}. Each thread counts as one task:
 * items of a {@code fanOut} over a collection that share a thread are one task.
 *
 * @param name the name; {@link #UNNAMED} for all scopes without one
 * @param opened how many scopes were opened
 * @param closed how many of them have ended
 * @param started how many tasks were forked in them, including workers, producers and consumers
 * @param succeeded how many tasks have returned a value
 * @param failed how many tasks have thrown an exception
 * @param cancelled how many tasks were cancelled, or never started
 * @param timeouts how many scopes were cancelled by their deadline
 * @param refused how many calls a guard of this name rejected
 * @param stuck how many tasks were reported because they did not stop
 * @param stalled how many tasks were reported because they wait for each other
 * @param cancelledScopes how many scopes have ended after they were cancelled
 * @param closingNanos the total time from the cancellation of those scopes to their end, in
 *     nanoseconds
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

  /** The name under which scopes without a name are counted. */
  public static final String UNNAMED = "(unnamed)";

  /** The name under which all names after the first thousand are counted. */
  public static final String OTHERS = "(others)";

  /**
   * Creates a record of counts.
   *
   * @throws NullPointerException if {@code name} is {@code null}
   */
  public ScopeStats {
    Checks.given(name, "name");
  }

  /** {@return the number of open scopes} */
  public long openScopes() {
    return opened - closed;
  }

  /** {@return the number of tasks that have not ended} */
  public long liveTasks() {
    return started - succeeded - failed - cancelled;
  }
}
