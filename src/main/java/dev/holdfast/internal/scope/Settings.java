package dev.holdfast.internal.scope;

import dev.holdfast.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a scope.
 *
 * @param limit how many forks may run at once, 0 for any number
 * @param hedge the delay between contenders, null if they start together
 * @param itemTimeout the timeout of each item of a combinator, or null
 * @param factory creates the threads, null for virtual ones
 * @param onDiscarded takes the values that no caller gets, or null
 */
public record Settings(
    @Nullable String name,
    @Nullable Duration timeout,
    Deadline deadline,
    int limit,
    boolean isolated,
    @Nullable Duration hedge,
    @Nullable Duration itemTimeout,
    Duration grace,
    @Nullable ThreadFactory factory,
    @Nullable Consumer<Object> onDiscarded) {

  /** How a scope handles the failures of its tasks. */
  public enum Policy {
    /**
     * The first failure cancels the scope, which throws it as the cause of a ForkFailedException.
     */
    BLOCK,
    /** The first failure cancels the scope, which throws it unwrapped. */
    AGGREGATE,
    /** The combinator decides; an Error that it does not throw is reported. */
    RACE,
    /** Failures are results, and are dropped only if the scope returns no result. */
    SETTLE
  }

  /** How many items a combinator works on at once when no limit is set. */
  public static final int DEFAULT_LIMIT = 1024;

  public static final Settings DEFAULT =
      new Settings(null, null, Deadline.NONE, 0, false, null, null, Duration.ZERO, null, null);

  public Settings withName(String name) {
    return new Settings(
        name, timeout, deadline, limit, isolated, hedge, itemTimeout, grace, factory, onDiscarded);
  }

  public Settings withTimeout(Duration timeout) {
    return new Settings(
        name, timeout, deadline, limit, isolated, hedge, itemTimeout, grace, factory, onDiscarded);
  }

  public Settings withDeadline(Deadline deadline) {
    return new Settings(
        name, timeout, deadline, limit, isolated, hedge, itemTimeout, grace, factory, onDiscarded);
  }

  public Settings withLimit(int limit) {
    return new Settings(
        name, timeout, deadline, limit, isolated, hedge, itemTimeout, grace, factory, onDiscarded);
  }

  public Settings withIsolated() {
    return new Settings(
        name, timeout, deadline, limit, true, hedge, itemTimeout, grace, factory, onDiscarded);
  }

  public Settings withHedge(Duration hedge) {
    return new Settings(
        name, timeout, deadline, limit, isolated, hedge, itemTimeout, grace, factory, onDiscarded);
  }

  public Settings withItemTimeout(Duration itemTimeout) {
    return new Settings(
        name, timeout, deadline, limit, isolated, hedge, itemTimeout, grace, factory, onDiscarded);
  }

  /** {@return the settings of the scope in which one item of a combinator runs} */
  public Settings ofItem(Duration timeout) {
    return new Settings(
        name, timeout, Deadline.NONE, 0, false, null, null, grace, factory, onDiscarded);
  }

  public Settings withGrace(Duration grace) {
    return new Settings(
        name, timeout, deadline, limit, isolated, hedge, itemTimeout, grace, factory, onDiscarded);
  }

  public Settings withFactory(ThreadFactory factory) {
    return new Settings(
        name, timeout, deadline, limit, isolated, hedge, itemTimeout, grace, factory, onDiscarded);
  }

  public Settings withOnDiscarded(Consumer<Object> action) {
    return new Settings(
        name, timeout, deadline, limit, isolated, hedge, itemTimeout, grace, factory, action);
  }

  /** {@return the settings of an internal scope that starts tasks on behalf of this one} */
  public Settings inside(String name) {
    return new Settings(name, null, Deadline.NONE, 0, false, null, null, grace, factory, null);
  }

  /** {@return the deadline of a scope opened now} */
  Deadline startDeadline() {
    return timeout == null ? deadline : Deadline.after(timeout).earliest(deadline);
  }

  public long hedgeNanos() {
    return hedge == null ? 0 : hedge.toNanos();
  }

  /** Rejects a hedge for an operation that has no contenders. */
  public void refuseHedge(String operation) {
    if (hedge != null) {
      throw new IllegalStateException(
          "hedge does not apply to "
              + operation
              + ": it delays the contenders of race and quorum. Remove it, or use race or quorum.");
    }
  }

  /** Rejects what does not apply to a scope with a body: a hedge, and a timeout of items. */
  public void refuseForBody(String operation) {
    refuseHedge(operation);
    if (itemTimeout != null) {
      throw new IllegalStateException(
          "itemTimeout does not apply to "
              + operation
              + ": it bounds each item of a combinator. Remove it, or use timeout.");
    }
  }

  /** Rejects isolation for a combinator, which throws the first failure of its tasks. */
  public void refuseIsolated(String combinator) {
    if (isolated) {
      throw new IllegalStateException(
          "isolated does not apply to "
              + combinator
              + ": it keeps failed forks from cancelling call, run and open. Remove it, or use"
              + " settle.");
    }
  }

  public void refuseFor(String combinator) {
    refuseHedge(combinator);
    refuseIsolated(combinator);
  }

  /** {@return the settings that differ from the default, in words} */
  public String describe() {
    var parts = new ArrayList<String>();
    if (name != null) {
      parts.add("named " + name);
    }
    if (timeout != null) {
      parts.add("timeout " + timeout);
    }
    if (deadline != Deadline.NONE) {
      parts.add(deadline.toString());
    }
    if (limit > 0) {
      parts.add("limit " + limit);
    }
    if (isolated) {
      parts.add("isolated");
    }
    if (hedge != null) {
      parts.add("hedge " + hedge);
    }
    if (itemTimeout != null) {
      parts.add("item timeout " + itemTimeout);
    }
    if (!grace.isZero()) {
      parts.add("grace " + grace);
    }
    if (factory != null) {
      parts.add("threads from " + factory);
    }
    return String.join(", ", parts);
  }
}
