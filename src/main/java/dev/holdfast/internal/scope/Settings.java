package dev.holdfast.internal.scope;

import dev.holdfast.Deadline;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * What a scope was asked to be like.
 *
 * @param limit how many forks may run at once, 0 for any number
 * @param hedge the time between contenders, null if they start together
 * @param factory makes the threads, null for virtual ones
 */
public record Settings(
    @Nullable String name,
    @Nullable Duration timeout,
    Deadline deadline,
    int limit,
    boolean isolated,
    @Nullable Duration hedge,
    Duration grace,
    @Nullable ThreadFactory factory) {

  /** How many tasks a combinator runs at once when no limit is given. */
  public static final int DEFAULT_LIMIT = 1024;

  public static final Settings DEFAULT =
      new Settings(null, null, Deadline.NONE, 0, false, null, Duration.ZERO, null);

  public Settings withName(String name) {
    return new Settings(name, timeout, deadline, limit, isolated, hedge, grace, factory);
  }

  public Settings withTimeout(Duration timeout) {
    return new Settings(name, timeout, deadline, limit, isolated, hedge, grace, factory);
  }

  public Settings withDeadline(Deadline deadline) {
    return new Settings(name, timeout, deadline, limit, isolated, hedge, grace, factory);
  }

  public Settings withLimit(int limit) {
    return new Settings(name, timeout, deadline, limit, isolated, hedge, grace, factory);
  }

  public Settings withIsolated() {
    return new Settings(name, timeout, deadline, limit, true, hedge, grace, factory);
  }

  public Settings withHedge(Duration hedge) {
    return new Settings(name, timeout, deadline, limit, isolated, hedge, grace, factory);
  }

  public Settings withGrace(Duration grace) {
    return new Settings(name, timeout, deadline, limit, isolated, hedge, grace, factory);
  }

  public Settings withFactory(ThreadFactory factory) {
    return new Settings(name, timeout, deadline, limit, isolated, hedge, grace, factory);
  }

  /** {@return those of a scope inside this one that starts tasks on its behalf} */
  public Settings inside(String name) {
    return new Settings(name, null, Deadline.NONE, 0, false, null, grace, factory);
  }

  /** {@return the deadline of a scope opened now} */
  Deadline startDeadline() {
    return timeout == null ? deadline : Deadline.after(timeout).earliest(deadline);
  }

  public long hedgeNanos() {
    return hedge == null ? 0 : hedge.toNanos();
  }
}
