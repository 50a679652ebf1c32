package dev.holdfast.internal.telemetry;

import dev.holdfast.inspect.ScopeStats;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The counters for each name, up to a bound; names beyond the bound share their counters. */
public final class CounterRegistry {

  /** The counters of all scopes. */
  public static final CounterRegistry ALL = new CounterRegistry(1000);

  private final int most;
  private final ConcurrentHashMap<String, ScopeCounters> named = new ConcurrentHashMap<>();
  private final ScopeCounters unnamed = new ScopeCounters(ScopeStats.UNNAMED);
  private final ScopeCounters others = new ScopeCounters(ScopeStats.OTHERS);

  public CounterRegistry(int most) {
    this.most = most;
  }

  public ScopeCounters of(@Nullable String name) {
    if (name == null) {
      return unnamed;
    }
    ScopeCounters known = named.get(name);
    if (known != null) {
      return known;
    }
    // Concurrent additions may exceed the bound by a few, which does not matter.
    return named.size() >= most ? others : named.computeIfAbsent(name, ScopeCounters::new);
  }

  /** {@return the counters of a name; those of scopes without a name if no scope has used it} */
  public ScopeCounters known(String name) {
    ScopeCounters known = named.get(name);
    return known == null ? unnamed : known;
  }

  /** {@return the counters of all names} */
  public List<ScopeCounters> all() {
    var all = new ArrayList<ScopeCounters>();
    all.add(unnamed);
    all.add(others);
    all.addAll(named.values());
    return all;
  }

  public List<ScopeStats> stats() {
    return all().stream().map(ScopeCounters::stats).toList();
  }
}
