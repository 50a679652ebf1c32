package dev.holdfast.http.debug;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.http.debug.Observation.Point;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HistoryTest {

  private static final Instant START = Instant.parse("2026-11-21T12:00:00Z");

  private final History history = new History();

  private List<Point> add(long seconds, int threads) {
    return history.add(
        START.plusSeconds(seconds),
        threads,
        Map.of("SLEEP A.a", threads),
        Map.of(new ArrayList<>(List.of("A.a")), threads));
  }

  @Test
  void sixty_censuses_cover_the_hour_however_often_they_are_taken() {
    List<Point> points = List.of();
    for (int i = 0; i <= 3_600; i += 3) {
      points = add(i, i);
      assertTrue(points.size() <= History.POINTS);
    }
    assertEquals(History.POINTS, points.size());
    assertEquals(START.plusSeconds(3_600), points.getLast().time());
    assertTrue(!points.getFirst().time().isAfter(START.plusSeconds(300)), points.toString());
    for (int i = 1; i < points.size(); i++) {
      Duration gap = Duration.between(points.get(i - 1).time(), points.get(i).time());
      assertTrue(gap.compareTo(Duration.ofMinutes(6)) < 0, () -> gap.toString());
    }
  }

  @Test
  void a_census_is_dropped_after_an_hour() {
    add(0, 1);
    assertEquals(2, add(3_600, 2).size());
    assertEquals(2, add(3_601, 3).size());
  }

  @Test
  void only_the_largest_groups_and_stacks_are_kept_and_equal_stacks_share_their_memory() {
    var groups = new HashMap<String, Integer>();
    var stacks = new HashMap<List<String>, Integer>();
    for (int i = 0; i < 2_000; i++) {
      groups.put("g" + i, i);
      stacks.put(List.of("A.m" + i), i);
    }
    Point first = history.add(START, 7, groups, stacks).getLast();
    assertEquals(History.GROUPS, first.groups().size());
    assertEquals(History.STACKS, first.stacks().size());
    assertEquals(1_999, first.groups().get("g1999"));
    List<String> known = first.stacks().keySet().iterator().next();
    Point second =
        history.add(START.plusSeconds(1), 7, groups, Map.of(List.copyOf(known), 5)).getLast();
    assertSame(known, second.stacks().keySet().iterator().next());
  }

  @Test
  void a_diff_is_to_the_latest_census_that_is_old_enough() {
    add(0, 1);
    add(100, 2);
    List<Point> points = add(220, 3);
    assertEquals(2, Diff.since("2m", points).before().threads());
    assertEquals(1, Diff.since("121s", points).before().threads());
    assertEquals(1, Diff.since("1h", points).before().threads());
    assertEquals(1, Diff.since("start", points).before().threads());
    assertEquals(3, Diff.since("0s", points).before().threads());
    assertNull(Diff.since("yesterday", points));
    assertTrue(Diff.since("2m", points).text().contains("     +1       2       3  SLEEP A.a"));
    assertEquals("A.a 2 3\n", Diff.since("2m", points).collapsed());
    assertTrue(Diff.since("0s", points).text().contains("No group has changed."));
  }
}
