package dev.holdfast.internal.telemetry;

import dev.holdfast.inspect.Report;
import dev.holdfast.inspect.ScopeStats;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** The counters of the scopes of one name. */
public final class ScopeCounters {

  private final String name;

  public final LongAdder opened = new LongAdder();
  public final LongAdder closed = new LongAdder();
  public final LongAdder started = new LongAdder();
  public final LongAdder succeeded = new LongAdder();
  public final LongAdder failed = new LongAdder();
  public final LongAdder cancelled = new LongAdder();
  public final LongAdder timeouts = new LongAdder();
  public final LongAdder refused = new LongAdder();
  public final LongAdder cancelledScopes = new LongAdder();
  public final LongAdder closingNanos = new LongAdder();
  public final ClosingTimes closingTimes = new ClosingTimes();

  /** The sum of the ages at which tasks have ended. */
  public final LongAdder taskNanos = new LongAdder();

  /** Guards of this name that were dropped after a single call. */
  public final AtomicInteger throwawayGuards = new AtomicInteger();

  private final LongAdder stuck = new LongAdder();
  private final LongAdder stalled = new LongAdder();

  ScopeCounters(String name) {
    this.name = name;
  }

  void reported(Report.Kind kind, int tasks) {
    switch (kind) {
      case STUCK -> stuck.add(tasks);
      case STALLED, DEADLOCKED -> stalled.add(tasks);
      case LOST -> {} // is about a scope, not about tasks
    }
  }

  /** Reads the ends before the beginnings, so the number of live tasks is never negative. */
  public ScopeStats stats() {
    long ended = closed.sum();
    long good = succeeded.sum();
    long bad = failed.sum();
    long cut = cancelled.sum();
    return new ScopeStats(
        name,
        opened.sum(),
        ended,
        started.sum(),
        good,
        bad,
        cut,
        timeouts.sum(),
        refused.sum(),
        stuck.sum(),
        stalled.sum(),
        cancelledScopes.sum(),
        closingNanos.sum());
  }
}
