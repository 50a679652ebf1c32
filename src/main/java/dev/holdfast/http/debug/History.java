package dev.holdfast.http.debug;

import dev.holdfast.http.debug.Observation.Point;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The censuses of the last hour, at most {@value #POINTS}. If there are more, this class drops
 * those that are closest to their neighbours, so that the rest covers the hour. Not thread-safe.
 */
final class History {

  static final int POINTS = 60;
  static final int GROUPS = 100;
  static final int STACKS = 500;
  static final Duration SPAN = Duration.ofHours(1);

  private final List<Point> points = new ArrayList<>();

  /** The stacks of the last point; equal stacks of the next point share their memory. */
  private Map<List<String>, List<String>> known = new HashMap<>();

  /** Adds a census. {@return all points, the new one last} */
  List<Point> add(
      Instant time, int threads, Map<String, Integer> groups, Map<List<String>, Integer> stacks) {
    var kept = new HashMap<List<String>, List<String>>();
    var counts = new LinkedHashMap<List<String>, Integer>();
    largest(stacks, STACKS)
        .forEach((stack, count) -> {
          List<String> shared = known.getOrDefault(stack, stack);
          kept.put(shared, shared);
          counts.put(shared, count);
        });
    known = kept;
    Instant oldest = time.minus(SPAN);
    points.removeIf(point -> point.time().isBefore(oldest));
    points.add(new Point(time, threads, largest(groups, GROUPS), counts));
    if (points.size() > POINTS) {
      points.remove(leastNeeded());
    }
    return List.copyOf(points);
  }

  private static <K> Map<K, Integer> largest(Map<K, Integer> counts, int most) {
    var largest = new LinkedHashMap<K, Integer>();
    counts.entrySet().stream()
        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
        .limit(most)
        .forEach(entry -> largest.put(entry.getKey(), entry.getValue()));
    return largest;
  }

  /** {@return the index of the inner point whose removal leaves the smallest gap} */
  private int leastNeeded() {
    int least = 1;
    Duration smallest = SPAN.multipliedBy(2);
    for (int i = 1; i < points.size() - 1; i++) {
      Duration gap = Duration.between(points.get(i - 1).time(), points.get(i + 1).time());
      if (gap.compareTo(smallest) < 0) {
        smallest = gap;
        least = i;
      }
    }
    return least;
  }
}
