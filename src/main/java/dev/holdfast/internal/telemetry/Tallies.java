package dev.holdfast.internal.telemetry;

import dev.holdfast.inspect.ScopeStats;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A tally for each name, up to so many: who makes up a name for each request shares one. */
public final class Tallies {

  /** Those of all scopes. */
  public static final Tallies ALL = new Tallies(1000);

  private final int most;
  private final ConcurrentHashMap<String, Tally> named = new ConcurrentHashMap<>();
  private final Tally unnamed = new Tally(ScopeStats.UNNAMED);
  private final Tally others = new Tally(ScopeStats.OTHERS);

  public Tallies(int most) {
    this.most = most;
  }

  public Tally of(@Nullable String name) {
    if (name == null) {
      return unnamed;
    }
    Tally known = named.get(name);
    if (known != null) {
      return known;
    }
    // A few more may get in at the same time: that there is a bound is what matters.
    return named.size() >= most ? others : named.computeIfAbsent(name, Tally::new);
  }

  /** {@return that of a name if it was ever given to a scope, or else of those without one} */
  public Tally known(String name) {
    Tally known = named.get(name);
    return known == null ? unnamed : known;
  }

  public List<ScopeStats> stats() {
    var all = new ArrayList<ScopeStats>();
    all.add(unnamed.stats());
    all.add(others.stats());
    named.values().forEach(tally -> all.add(tally.stats()));
    return all;
  }
}
