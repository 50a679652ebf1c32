package dev.holdfast.http.debug;

import dev.holdfast.diagnostics.export.Collapsed;
import dev.holdfast.diagnostics.export.StackCounts;
import dev.holdfast.diagnostics.json.JsonWriter;
import dev.holdfast.http.debug.Observation.Point;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What has changed since an earlier census.
 *
 * @param before the earlier census
 * @param after the later census
 */
record Diff(Point before, Point after) {

  private static final Pattern AGO = Pattern.compile("(\\d{1,6})([smh])");

  /** A group, and how many threads it had and has. */
  private record Change(String label, int before, int after) {

    int size() {
      return Math.abs(after - before);
    }
  }

  /**
   * {@return the difference from the latest census that is old enough, or to the oldest one; null
   * if the text is not a time}
   *
   * @param since a time such as 10m, or "start"
   */
  static @Nullable Diff since(String since, List<Point> history) {
    Point now = history.getLast();
    if (since.equals("start")) {
      return new Diff(history.getFirst(), now);
    }
    Matcher matcher = AGO.matcher(since);
    if (!matcher.matches()) {
      return null;
    }
    long amount = Long.parseLong(matcher.group(1));
    Duration ago =
        switch (matcher.group(2)) {
          case "s" -> Duration.ofSeconds(amount);
          case "m" -> Duration.ofMinutes(amount);
          default -> Duration.ofHours(amount);
        };
    Instant latest = now.time().minus(ago);
    Point before = history.getFirst();
    for (Point point : history) {
      if (!point.time().isAfter(latest)) {
        before = point;
      }
    }
    return new Diff(before, now);
  }

  private List<Change> changes() {
    Set<String> labels = new HashSet<>(after.groups().keySet());
    labels.addAll(before.groups().keySet());
    var changes = new ArrayList<Change>();
    for (String label : labels) {
      int from = before.groups().getOrDefault(label, 0);
      int to = after.groups().getOrDefault(label, 0);
      if (from != to) {
        changes.add(new Change(label, from, to));
      }
    }
    changes.sort(Comparator.comparingInt(Change::size).reversed().thenComparing(Change::label));
    return changes;
  }

  String text() {
    var text = new StringBuilder();
    text.append(summary()).append('\n');
    List<Change> changes = changes();
    if (changes.isEmpty()) {
      return text.append("No group has changed.\n").toString();
    }
    text.append("\n change    from      to  what and where\n");
    for (Change change : changes) {
      text.append(
          "%+7d %7d %7d  %s\n"
              .formatted(change.after - change.before, change.before, change.after, change.label));
    }
    return text.toString();
  }

  String summary() {
    return "From %d threads at %s to %d at %s"
        .formatted(before.threads(), before.time(), after.threads(), after.time());
  }

  String json() {
    var json = new LinkedHashMap<String, @Nullable Object>();
    json.put("before", before.time());
    json.put("after", after.time());
    json.put(
        "changes",
        changes().stream()
            .map(change -> {
              var object = new LinkedHashMap<String, Object>();
              object.put("group", change.label);
              object.put("before", change.before);
              object.put("after", change.after);
              return object;
            })
            .toList());
    return JsonWriter.of(json);
  }

  String collapsed() {
    return Collapsed.ofDiff(stacks(before), stacks(after));
  }

  static StackCounts stacks(Point point) {
    return StackCounts.ofNames(point.stacks());
  }
}
