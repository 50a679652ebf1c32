package dev.holdfast;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** What has happened in the scopes of one name, counted. */
final class Tally {

  /** Whoever makes up a name for each request gets no more than this many tallies. */
  static final int MOST_NAMES = 256;

  private static final ConcurrentHashMap<String, Tally> BY_NAME = new ConcurrentHashMap<>();
  private static final Tally UNNAMED = new Tally(ScopeStats.UNNAMED);
  private static final Tally OTHERS = new Tally(ScopeStats.OTHERS);

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

  private Tally(String name) {
    this.name = name;
  }

  /** {@return that of a name, which may be shared by several when there are too many} */
  static Tally of(@Nullable String name) {
    if (name == null) {
      return UNNAMED;
    }
    Tally known = BY_NAME.get(name);
    if (known != null) {
      return known;
    }
    // A few more than the most may get in here at the same time: the bound is what matters.
    return BY_NAME.size() >= MOST_NAMES ? OTHERS : BY_NAME.computeIfAbsent(name, Tally::new);
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

  static List<ScopeStats> all() {
    var all = new ArrayList<ScopeStats>();
    all.add(UNNAMED.stats());
    all.add(OTHERS.stats());
    BY_NAME.values().forEach(tally -> all.add(tally.stats()));
    return all;
  }

  /** The ends are read before the beginnings: what is live is never negative. */
  private ScopeStats stats() {
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
