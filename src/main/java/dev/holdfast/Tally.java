package dev.holdfast;

import java.util.concurrent.atomic.LongAdder;

/** What has happened in the scopes of one name, counted. */
final class Tally {

  private final String name;

  final LongAdder opened = new LongAdder();
  final LongAdder closed = new LongAdder();
  final LongAdder started = new LongAdder();
  final LongAdder succeeded = new LongAdder();
  final LongAdder failed = new LongAdder();
  final LongAdder cancelled = new LongAdder();
  final LongAdder timeouts = new LongAdder();
  final LongAdder refused = new LongAdder();
  final LongAdder cancelledScopes = new LongAdder();
  final LongAdder closingNanos = new LongAdder();
  private final LongAdder stuck = new LongAdder();
  private final LongAdder stalled = new LongAdder();

  Tally(String name) {
    this.name = name;
  }

  void ended(Fork.State state) {
    switch (state) {
      case SUCCESS -> succeeded.increment();
      case FAILED -> failed.increment();
      case CANCELLED, RUNNING -> cancelled.increment();
    }
  }

  void reported(Report.Kind kind, int tasks) {
    (kind == Report.Kind.STUCK ? stuck : stalled).add(tasks);
  }

  /** The ends are read before the beginnings: what is live is never negative. */
  ScopeStats stats() {
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
