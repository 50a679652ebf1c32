package dev.holdfast.diagnostics.census;

import static dev.holdfast.diagnostics.census.Trend.Verdict.FALLING;
import static dev.holdfast.diagnostics.census.Trend.Verdict.GROWING;
import static dev.holdfast.diagnostics.census.Trend.Verdict.STEADY;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TrendTest {

  private static Trend.Verdict verdict(Integer... counts) {
    return Trend.verdict(List.of(counts));
  }

  @Test
  void a_verdict_needs_a_clear_direction() {
    assertEquals(STEADY, verdict());
    assertEquals(STEADY, verdict(1, 9));
    assertEquals(GROWING, verdict(1, 2, 3));
    assertEquals(GROWING, verdict(0, 5, 5, 9));
    assertEquals(STEADY, verdict(5, 5, 9), "once is no trend");
    assertEquals(STEADY, verdict(5, 5, 5));
    assertEquals(STEADY, verdict(3, 8, 2, 9, 1));
    assertEquals(GROWING, verdict(1, 2, 3, 4, 3, 4, 5), "one step back");
    assertEquals(STEADY, verdict(1, 2, 3, 4, 5, 4), "but not now");
    assertEquals(FALLING, verdict(9, 5, 1));
    assertEquals(STEADY, verdict(9, 5, 1, 2));
  }

  private static Map<String, Integer> census(int a, int b) {
    var counts = new LinkedHashMap<String, Integer>();
    counts.put("group a", a);
    counts.put("group b", b);
    return counts;
  }

  @Test
  void a_group_grows_while_the_others_are_steady() {
    var trend = new Trend();
    trend.add(census(1, 4));
    trend.add(census(2, 4));
    assertEquals("  no verdict before census 3\n", trend.text(5));
    trend.add(census(3, 4));
    assertEquals(
        """
          GROWING  1 2 3  group a
          verdict: 1 growing while the others (1) are steady: a leak, unless its load grows
        """,
        trend.text(5));
    trend.add(census(4, 3));
    trend.add(census(5, 2));
    assertTrue(
        trend.text(5).endsWith("1 growing, 1 falling, 0 steady: threads move between groups\n"));
  }

  @Test
  void a_group_without_threads_counts_as_zero() {
    var trend = new Trend();
    IntStream.range(0, 4).forEach(i -> trend.add(census(5 * (i % 2), 4)));
    assertEquals("  verdict: no group grows\n", trend.text(5));
    Trend.Line line =
        trend.lines().stream().filter(l -> l.label().equals("group a")).findAny().orElseThrow();
    assertEquals(Arrays.asList(0, 5, 0, 5), line.counts());
  }

  @Test
  void old_censuses_are_forgotten() {
    var trend = new Trend();
    IntStream.range(0, 100).forEach(i -> trend.add(census(i, 1)));
    assertEquals(20, trend.lines().getFirst().counts().size());
    assertEquals(99, trend.lines().getFirst().counts().getLast());
  }
}
