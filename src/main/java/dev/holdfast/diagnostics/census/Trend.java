package dev.holdfast.diagnostics.census;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** How the groups of a JVM grow and shrink from census to census. */
public final class Trend {

  /** How many censuses are kept. */
  private static final int WINDOW = 20;

  /** How many censuses a verdict needs. */
  private static final int MINIMUM = 3;

  /** A smaller change, or one of less than a fifth, is noise. */
  private static final int MINIMUM_CHANGE = 5;

  /** Whether a group changes. */
  public enum Verdict {
    GROWING,
    STEADY,
    FALLING
  }

  /** The counts of a group, one for each census of the window, the latest last. */
  record Line(String label, List<Integer> counts, Verdict verdict) {}

  private final Deque<Map<String, Integer>> censuses = new ArrayDeque<>();

  /**
   * Adds a census.
   *
   * @param counts how many threads each group has, by its label, the largest first
   */
  public void add(Map<String, Integer> counts) {
    if (censuses.size() == WINDOW) {
      censuses.removeFirst();
    }
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

  /**
   * {@return whether a group grows} It does if it is at its maximum now, rose far more often than
   * it fell, and is larger than at first by more than the usual variation of a pool.
   */
  public static Verdict verdict(List<Integer> counts) {
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
    if (counts.size() < MINIMUM) {
      return Verdict.STEADY;
    }
    int first = counts.getFirst();
    int last = counts.getLast();
    if (Math.abs(last - first) < Math.max(MINIMUM_CHANGE, Math.max(first, last) / 5)) {
      return Verdict.STEADY;
    }
    if (rises > 1 && rises > 3 * falls && last == most) {
      return Verdict.GROWING;
    }
    if (falls > 1 && falls > 3 * rises && last == least) {
      return Verdict.FALLING;
    }
    return Verdict.STEADY;
  }

  /** {@return the groups that grow or fall, and a verdict} */
  public String text(int top) {
    if (censuses.size() < MINIMUM) {
      return "  no verdict before census " + MINIMUM + "\n";
    }
    List<Line> lines = lines();
    List<Line> moving = lines.stream().filter(line -> line.verdict != Verdict.STEADY).toList();
    int growing = (int) moving.stream().filter(line -> line.verdict == Verdict.GROWING).count();
    String text =
        moving.stream()
            .limit(top)
            .map(line -> "  %-8s %s  %s\n".formatted(line.verdict, series(line.counts), line.label))
            .collect(Collectors.joining());
    return text + "  verdict: " + summary(lines.size(), growing, moving.size()) + "\n";
  }

  private static String series(List<Integer> counts) {
    return counts.stream().map(String::valueOf).collect(Collectors.joining(" "));
  }

  private static String summary(int all, int growing, int moving) {
    int steady = all - moving;
    if (growing == 0) {
      return "no group grows";
    }
    return growing == moving
        ? "%d growing while the others (%d) are steady: a leak, unless its load grows"
            .formatted(growing, steady)
        : "%d growing, %d falling, %d steady: threads move between groups"
            .formatted(growing, moving - growing, steady);
  }
}
