package dev.holdfast.diagnostics.census;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** How the groups of a JVM grow and shrink from census to census. */
public final class Trend {

  /** How many censuses are kept. */
  private static final int WINDOW = 20;

  /** How many censuses a verdict needs. */
  private static final int MINIMUM = 3;

  /** A smaller change, or one of less than a fifth, is noise. */
  private static final int MINIMUM_CHANGE = 10;

  /** Each half of the window must contain at least one fifth of the growth. */
  private static final long PARTS = 5;

  /** A smaller group may be a pool that is still filling. */
  private static final int MINIMUM_SIZE = 15;

  /** Whether a group changes. */
  public enum Verdict {
    GROWING,
    STEADY,
    FALLING
  }

  /** The counts of a group, one for each census of the window, the latest last. */
  record Line(String label, List<Integer> counts, Verdict verdict) {}

  private record Entry(Map<String, Integer> counts, double load) {}

  private final Deque<Entry> censuses = new ArrayDeque<>();

  /**
   * Adds a census.
   *
   * @param counts the number of threads in each group, by the label of the group, largest first
   */
  public void add(Map<String, Integer> counts) {
    add(counts, Double.NaN);
  }

  /**
   * Adds a census.
   *
   * @param counts the number of threads in each group, by the label of the group, largest first
   * @param load the load of the JVM at that time; NaN if it is not known
   */
  public void add(Map<String, Integer> counts, double load) {
    if (censuses.size() == WINDOW) {
      censuses.removeFirst();
    }
    censuses.addLast(new Entry(counts, load));
  }

  /**
   * {@return the groups of the window; those of the latest census come first, the largest first}
   */
  List<Line> lines() {
    var labels = new LinkedHashMap<String, Integer>();
    censuses.reversed().forEach(census -> labels.putAll(census.counts));
    return labels.keySet().stream().map(this::line).toList();
  }

  private Line line(String label) {
    List<Integer> counts =
        censuses.stream().map(census -> census.counts.getOrDefault(label, 0)).toList();
    return new Line(label, counts, verdict(counts));
  }

  /**
   * {@return whether a group grows} A group grows if its latest count is its maximum, it rose far
   * more often than it fell, and its growth exceeds the usual variation of a pool and comes from
   * both halves of the window.
   */
  public static Verdict verdict(List<Integer> counts) {
    if (counts.size() < MINIMUM) {
      return Verdict.STEADY;
    }
    int change = counts.getLast() - counts.getFirst();
    int larger = Math.max(counts.getFirst(), counts.getLast());
    int least = counts.stream().mapToInt(Integer::intValue).min().orElse(0);
    int most = counts.stream().mapToInt(Integer::intValue).max().orElse(0);
    if (Math.abs(change) < Math.max(MINIMUM_CHANGE, larger / 5) || larger < MINIMUM_SIZE) {
      return Verdict.STEADY;
    }
    if (change > 0) {
      boolean grows = counts.getLast() == most && moves(counts, 1) && growsThroughout(counts);
      return grows ? Verdict.GROWING : Verdict.STEADY;
    }
    boolean falls = counts.getLast() == least && moves(counts, -1);
    return falls ? Verdict.FALLING : Verdict.STEADY;
  }

  /** {@return whether most steps go in the direction of {@code sign}} */
  private static boolean moves(List<Integer> counts, int sign) {
    int with = 0;
    int against = 0;
    for (int i = 1; i < counts.size(); i++) {
      int step = sign * (counts.get(i) - counts.get(i - 1));
      with += step > 0 ? 1 : 0;
      against += step < 0 ? 1 : 0;
    }
    return with > 1 && with > 3 * against;
  }

  /** {@return whether each half of the window has its share of the growth} */
  private static boolean growsThroughout(List<Integer> counts) {
    int first = counts.getFirst();
    int middle = counts.get(counts.size() / 2);
    int last = counts.getLast();
    return PARTS * (middle - first) >= last - first && PARTS * (last - middle) >= last - first;
  }

  /** {@return the groups that grow or fall, and a verdict} */
  public String text(int top) {
    if (censuses.size() < MINIMUM) {
      return "  " + verdict() + "\n";
    }
    String text =
        lines().stream()
            .filter(line -> line.verdict != Verdict.STEADY)
            .limit(top)
            .map(line -> "  %-8s %s  %s\n".formatted(line.verdict, series(line.counts), line.label))
            .collect(Collectors.joining());
    return text + "  verdict: " + verdict() + "\n";
  }

  /** {@return one line: whether there is a leak} */
  public String verdict() {
    if (censuses.size() < MINIMUM) {
      return "no verdict before census " + MINIMUM;
    }
    List<Line> lines = lines();
    int growing = count(lines, Verdict.GROWING);
    int falling = count(lines, Verdict.FALLING);
    int steady = lines.size() - growing - falling;
    if (growing == 0) {
      return "no group grows";
    }
    if (falling > 0) {
      return "%d growing, %d falling, %d steady: threads move between groups"
          .formatted(growing, falling, steady);
    }
    String counts = growing + " growing while the others (" + steady + ") are steady: ";
    double[] load = load();
    if (load == null) {
      return counts + "a leak, unless its load grows";
    }
    boolean withLoad =
        lines.stream()
            .filter(line -> line.verdict == Verdict.GROWING)
            .allMatch(line -> growsWithLoad(line.counts, load));
    String loads = String.format(Locale.ROOT, "the load went from %.1f to %.1f", load[0], load[1]);
    return withLoad ? counts + "they grow with their load; " + loads : counts + "a leak; " + loads;
  }

  private static int count(List<Line> lines, Verdict verdict) {
    return (int) lines.stream().filter(line -> line.verdict == verdict).count();
  }

  /** {@return the load at the beginning and at the end; null if it is not known} */
  private double @Nullable [] load() {
    double[] known =
        censuses.stream().mapToDouble(Entry::load).filter(load -> !Double.isNaN(load)).toArray();
    if (known.length < 2) {
      return null;
    }
    int third = Math.max(1, known.length / 3); // averages several readings, because a load varies
    double first = 0;
    double last = 0;
    for (int i = 0; i < third; i++) {
      first += known[i] / third;
      last += known[known.length - 1 - i] / third;
    }
    return new double[] {first, last};
  }

  /** {@return whether the relative growth of the load is at least half that of a group} */
  private static boolean growsWithLoad(List<Integer> counts, double[] load) {
    double count = counts.getLast() / (double) Math.max(1, counts.getFirst());
    double relative = load[0] > 0 ? load[1] / load[0] : load[1] > 0 ? Double.MAX_VALUE : 1;
    return relative - 1 >= (count - 1) / 2;
  }

  /** {@return the verdict on each group of the latest census, by the label of the group} */
  public Map<String, Verdict> verdicts() {
    var verdicts = new LinkedHashMap<String, Verdict>();
    if (censuses.size() >= MINIMUM) {
      lines().forEach(line -> verdicts.put(line.label, line.verdict));
    }
    return verdicts;
  }

  private static String series(List<Integer> counts) {
    return counts.stream().map(String::valueOf).collect(Collectors.joining(" "));
  }
}
