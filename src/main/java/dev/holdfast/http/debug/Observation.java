package dev.holdfast.http.debug;

import dev.holdfast.diagnostics.Census;
import dev.holdfast.diagnostics.export.FlamePage;
import dev.holdfast.diagnostics.export.StackCounts;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The threads of this JVM at one moment, and how they have changed.
 *
 * @param census the census
 * @param stacks the stacks
 * @param missing what the census lacks, as a sentence; empty if it has all threads
 * @param history the censuses of the last hour, this one last
 * @param documents the documents written from this observation
 */
record Observation(
    Census census, StackCounts stacks, String missing, List<Point> history, Documents documents) {

  /**
   * The figures of a census that the history keeps.
   *
   * @param time when it was taken
   * @param threads the number of threads in groups
   * @param groups the number of threads by group, the largest groups only
   * @param stacks the number of threads by stack, the most frequent stacks only
   */
  record Point(
      Instant time, int threads, Map<String, Integer> groups, Map<List<String>, Integer> stacks) {}

  Point now() {
    return history.getLast();
  }

  /** {@return the flame graph as a part of a page, created once} */
  String flame() {
    Body part = documents.get("flame part", () -> Body.html(FlamePage.of(stacks).part()));
    return new String(part.bytes(), StandardCharsets.UTF_8);
  }

  /** {@return how many threads each group has, the largest first} */
  static Map<String, Integer> groups(Census census) {
    var groups = new LinkedHashMap<String, Integer>();
    census.groups().forEach(group -> groups.merge(group.label(), group.count(), Integer::sum));
    return groups;
  }
}
