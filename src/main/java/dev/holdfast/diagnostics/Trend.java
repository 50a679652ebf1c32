package dev.holdfast.diagnostics;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** How the groups of a JVM develop from census to census. */
final class Trend {

  /** More than these censuses are not remembered. */
  private static final int WINDOW = 20;

  /** Censuses without which there is no verdict. */
  private static final int ENOUGH = 3;

  enum Verdict {
    GROWING,
    STEADY,
    FALLING
  }

  /** The counts of a group, one for each census of the window, the latest last. */
  record Line(String label, List<Integer> counts, Verdict verdict) {}

  /** By label, how many threads. */
  private final Deque<Map<String, Integer>> censuses = new ArrayDeque<>();

  void add(Census census) {
    if (censuses.size() == WINDOW) {
      censuses.removeFirst();
    }
    var counts = new LinkedHashMap<String, Integer>();
    census
        .groups()
        .forEach(group -> counts.merge(CensusReport.label(group), group.count(), Integer::sum));
    censuses.addLast(counts);
  }

  /** {@return the groups of the window, those of the latest census first, by size} */
  List<Line> lines() {
    var labels = new LinkedHashMap<String, Integer>();
    censuses.reversed().forEach(labels::putAll);
    return labels.keySet().stream().map(this::line).toList();
  }

  private Line line(String label) {
    List<Integer> counts = censuses.stream().map(census -> census.getOrDefault(label, 0)).toList();
    return new Line(label, counts, verdict(counts));
  }

  /** Growing is what is now at its height, and seldom on the way there went down. */
  static Verdict verdict(List<Integer> counts) {
    int rises = 0;
    int falls = 0;
    int most = Integer.MIN_VALUE;
    int least = Integer.MAX_VALUE;
    for (int i = 0; i < counts.size(); i++) {
      int now = counts.get(i);
      int step = i == 0 ? 0 : now - counts.get(i - 1);
      rises += step > 0 ? 1 : 0;
      falls += step < 0 ? 1 : 0;
      most = Math.max(most, now);
      least = Math.min(least, now);
    }
    if (counts.size() < ENOUGH) {
      return Verdict.STEADY;
    }
    if (rises > 1 && rises > 3 * falls && counts.getLast() == most) {
      return Verdict.GROWING;
    }
    if (falls > 1 && falls > 3 * rises && counts.getLast() == least) {
      return Verdict.FALLING;
    }
    return Verdict.STEADY;
  }

  /** {@return what grows and what falls, and what to make of it} */
  String text(int top) {
    if (censuses.size() < ENOUGH) {
      return "  no verdict before census " + ENOUGH + "\n";
    }
    List<Line> lines = lines();
    var moving = new ArrayList<>(lines);
    moving.removeIf(line -> line.verdict == Verdict.STEADY);
    List<Line> growing = lines.stream().filter(line -> line.verdict == Verdict.GROWING).toList();
    String text =
        moving.stream()
            .limit(top)
            .map(line -> "  %-8s %s  %s\n".formatted(line.verdict, series(line.counts), line.label))
            .collect(Collectors.joining());
    return text + "  " + summary(lines.size(), growing.size(), moving.size()) + "\n";
  }

  private static String series(List<Integer> counts) {
    return counts.stream().map(String::valueOf).collect(Collectors.joining(" "));
  }

  private static String summary(int all, int growing, int moving) {
    if (growing == 0) {
      return "verdict: nothing grows";
    }
    int steady = all - moving;
    return growing == moving
        ? "verdict: "
            + growing
            + " growing while the others ("
            + steady
            + ") are steady: a leak, unless its load grows"
        : "verdict: "
            + growing
            + " growing, "
            + (moving - growing)
            + " falling, "
            + steady
            + " steady: threads move on";
  }
}
