package dev.holdfast.internal.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.holdfast.inspect.Report;
import dev.holdfast.inspect.ScopeStats;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Tests {@link ScopeCounters} as well.
 *
 * <p>Tests {@code ClosingTimes} as well.
 */
@LeavesNothing
class CounterRegistryTest {

  private final CounterRegistry registry = new CounterRegistry(3);

  private Set<String> names() {
    return registry.stats().stream().map(ScopeStats::name).collect(Collectors.toSet());
  }

  private ScopeStats stats(String name) {
    return registry.stats().stream().filter(s -> s.name().equals(name)).findAny().orElseThrow();
  }

  @Test
  void scopes_of_one_name_share_their_counters() {
    registry.of("a").opened.increment();
    registry.of("a").opened.increment();
    registry.of("b").opened.increment();
    assertEquals(2, stats("a").opened());
    assertEquals(1, stats("b").opened());
  }

  @Test
  void scopes_without_a_name_share_theirs() {
    registry.of(null).opened.increment();
    assertEquals(1, stats(ScopeStats.UNNAMED).opened());
    assertEquals(Set.of(ScopeStats.UNNAMED, ScopeStats.OTHERS), names());
  }

  @Test
  void names_beyond_the_bound_share_theirs_and_known_names_keep_their_own() {
    for (String name : List.of("a", "b", "c", "d", "e", "b")) {
      registry.of(name).opened.increment();
    }
    assertEquals(Set.of("a", "b", "c", ScopeStats.UNNAMED, ScopeStats.OTHERS), names());
    assertEquals(2, stats(ScopeStats.OTHERS).opened());
    assertEquals(2, stats("b").opened());
  }

  @Test
  void looking_for_a_name_does_not_add_it() {
    assertSame(registry.of(null), registry.known("a"));
    assertEquals(2, registry.stats().size());
    ScopeCounters a = registry.of("a");
    assertSame(a, registry.known("a"));
    assertNotSame(a, registry.of(null));
  }

  @EachThreadKind
  void threads_that_name_it_first_at_the_same_time_share_it(ThreadFactory threads) {
    for (int round = 0; round < 100; round++) {
      var fresh = new CounterRegistry(10);
      var all = new ArrayList<OnThread<Void>>();
      for (int i = 0; i < 4; i++) {
        all.add(OnThread.run(threads, () -> fresh.of("a").opened.increment()));
      }
      all.forEach(OnThread::value);
      assertEquals(4, fresh.of("a").stats().opened());
    }
  }

  @Test
  void reports_are_counted_by_kind_and_number_of_tasks() {
    ScopeCounters counters = registry.of("a");
    counters.reported(Report.Kind.STUCK, 2);
    counters.reported(Report.Kind.STALLED, 3);
    counters.reported(Report.Kind.DEADLOCKED, 4);
    counters.reported(Report.Kind.LOST, 5);
    assertEquals(2, stats("a").stuck());
    assertEquals(7, stats("a").stalled());
  }

  @Test
  void every_figure_is_that_of_its_counter() {
    ScopeCounters counters = registry.of("a");
    counters.opened.add(1);
    counters.closed.add(2);
    counters.started.add(3);
    counters.succeeded.add(4);
    counters.failed.add(5);
    counters.cancelled.add(6);
    counters.timeouts.add(7);
    counters.refused.add(8);
    counters.reported(Report.Kind.STUCK, 9);
    counters.reported(Report.Kind.STALLED, 10);
    counters.cancelledScopes.add(11);
    counters.closingNanos.add(12);
    assertEquals(new ScopeStats("a", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12), counters.stats());
  }
}
