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
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TrendTest {

  private static Trend.Verdict verdict(Integer... counts) {
    return Trend.verdict(List.of(counts));
  }

  @Test
  void a_verdict_needs_a_clear_direction() {
    assertEquals(STEADY, verdict());
    assertEquals(STEADY, verdict(10, 90));
    assertEquals(GROWING, verdict(10, 20, 30));
    assertEquals(GROWING, verdict(0, 50, 50, 90));
    assertEquals(STEADY, verdict(50, 50, 90), "one rise is no trend");
    assertEquals(STEADY, verdict(50, 50, 50));
    assertEquals(STEADY, verdict(30, 80, 20, 90, 10));
    assertEquals(GROWING, verdict(10, 20, 30, 40, 30, 40, 50), "one step back");
    assertEquals(STEADY, verdict(10, 20, 30, 40, 50, 40), "it is not at its maximum");
    assertEquals(FALLING, verdict(90, 50, 10));
    assertEquals(STEADY, verdict(90, 50, 10, 20));
  }

  @Test
  void a_small_change_is_noise() {
    assertEquals(STEADY, verdict(1, 2, 3));
    assertEquals(STEADY, verdict(2, 8, 14), "a pool that fills");
    assertEquals(STEADY, verdict(0, 40, 60, 60, 61, 61), "it has ended to grow");
    assertEquals(STEADY, verdict(60, 60, 60, 60, 61, 100), "it has grown once");
    assertEquals(STEADY, verdict(50, 52, 55), "a pool that varies");
    assertEquals(STEADY, verdict(55, 52, 50));
    assertEquals(STEADY, verdict(1_000, 1_050, 1_100));
    assertEquals(GROWING, verdict(1_000, 1_050, 1_100, 1_150, 1_200, 1_260), "but it adds up");
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
    trend.add(census(10, 40));
    trend.add(census(20, 40));
    assertEquals("  no verdict before census 3\n", trend.text(5));
    trend.add(census(30, 40));
    assertEquals(
        """
          GROWING  10 20 30  group a
          verdict: 1 growing while the others (1) are steady: a leak, unless its load grows
        """,
        trend.text(5));
    trend.add(census(40, 30));
    trend.add(census(50, 20));
    assertTrue(
        trend.text(5).endsWith("1 growing, 1 falling, 0 steady: threads move between groups\n"));
  }

  @Test
  void the_load_tells_a_leak_from_growth() {
    assertTrue(after(100, 101, 99).endsWith("steady: a leak; the load went from 100.0 to 99.0\n"));
    assertTrue(after(100, 200, 300).contains("they grow with their load; the load went from 100"));
    assertTrue(after(100, 120, 140).contains("a leak; the load went from 100.0 to 140.0"));
    assertTrue(after(Double.NaN, 120, 140).contains("a leak; the load went from 120.0"));
    assertTrue(after(Double.NaN, Double.NaN, 9).contains("a leak, unless its load grows"));
  }

  private static String after(double... loads) {
    var trend = new Trend();
    for (int i = 0; i < loads.length; i++) {
      trend.add(census(10 + 10 * i, 40), loads[i]);
    }
    return trend.text(5);
  }

  @Test
  void the_threads_of_a_healthy_service_are_no_leak() {
    var random = new Random(7);
    int leaks = 0;
    for (int program = 0; program < 200; program++) {
      var trend = new Trend();
      int busy = 5 + random.nextInt(60);
      for (int census = 0; census < 12; census++) {
        trend.add(census(busy / 2 + random.nextInt(busy), 40 + random.nextInt(9)));
        leaks += trend.verdict().contains("a leak") ? 1 : 0;
      }
    }
    assertTrue(leaks < 48, leaks + " of 2000");
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
