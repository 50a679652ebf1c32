package dev.holdfast.simulation.engine;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Examines a failure by running the body again: whether it is stable, and why the body fails. */
public final class Explanation {

  /** How long the search for fewer switches may take, in real time. */
  private static final long MOST_NANOS = 2_000_000_000L;

  private static final int MOST_RUNS = 400;
  private static final int TURNS = 40;

  /**
   * Runs the body under a schedule, or under that of the seed if it is null; returns the verdict.
   */
  @FunctionalInterface
  public interface Rerun extends BiFunction<@Nullable Chooser, Account, @Nullable Verdict> {}

  private final Verdict verdict;
  private final Account first;
  private final Rerun rerun;
  private final long end = System.nanoTime() + MOST_NANOS;
  private int runs;

  private Explanation(Verdict verdict, Account first, Rerun rerun) {
    this.verdict = verdict;
    this.first = first;
    this.rerun = rerun;
  }

  /** {@return the schedule of a failure in words} */
  public static String of(Verdict verdict, Account first, Rerun rerun) {
    return new Explanation(verdict, first, rerun).text();
  }

  private String text() {
    if (verdict.kind() == Verdict.Kind.LIVELOCK || verdict.kind() == Verdict.Kind.STUCK) {
      return ""; // too long to be run again
    }
    var again = new Account(true);
    Verdict second = rerun.apply(null, again);
    if (!verdict.isLike(second) || again.fingerprint() != first.fingerprint()) {
      return "\nUnstable: a second run of this seed "
          + (second == null ? "did not fail" : "took different steps: " + firstLine(second.text()))
          + ". The code depends on more than the seed: real I/O or time, platform threads,"
          + " the order of a HashMap with identity hashes, state kept from the first run, or random"
          + " numbers that do not come from simulation.random()."
          + (first.hadOutside() ? " A thread outside the simulation woke one inside." : "");
    }
    Map<Chooser.Point, Integer> all = again.switches();
    var fewest = new LinkedHashMap<>(all);
    Account shown = again;
    if (!all.isEmpty() && fails(fewest) != null) {
      shrink(fewest);
      Account last = fails(fewest);
      shown = last == null ? again : last;
    } else {
      fewest = new LinkedHashMap<>(all);
    }
    return "\nThe schedule with the fewest switches that fails ("
        + fewest.size()
        + " of "
        + all.size()
        + "), from its last "
        + TURNS
        + " turns:"
        + shown.text(TURNS);
  }

  /** Removes switches as long as the run still fails: delta debugging. */
  private void shrink(Map<Chooser.Point, Integer> switches) {
    int size = Math.max(1, switches.size() / 2);
    while (size >= 1 && mayRun()) {
      boolean removed = false;
      List<Chooser.Point> points = new ArrayList<>(switches.keySet());
      for (int from = 0; from < points.size() && mayRun(); from += size) {
        var fewer = new LinkedHashMap<>(switches);
        points.subList(from, Math.min(points.size(), from + size)).forEach(fewer::remove);
        if (fewer.size() < switches.size() && fails(fewer) != null) {
          switches.keySet().retainAll(fewer.keySet());
          removed = true;
        }
      }
      size = removed && size == 1 ? 1 : size / 2;
    }
  }

  private boolean mayRun() {
    return runs < MOST_RUNS && System.nanoTime() - end < 0;
  }

  /** {@return the account of a run with these switches, or null if it does not fail like this} */
  private @Nullable Account fails(Map<Chooser.Point, Integer> switches) {
    runs++;
    var account = new Account(true);
    return verdict.isLike(rerun.apply(Chooser.scripted(switches), account)) ? account : null;
  }

  private static String firstLine(String text) {
    int end = text.indexOf('\n');
    return end < 0 ? text : text.substring(0, end);
  }
}
