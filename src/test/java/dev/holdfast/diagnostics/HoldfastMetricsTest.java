package dev.holdfast.diagnostics;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Guard;
import dev.holdfast.GuardFullException;
import dev.holdfast.Inspect;
import dev.holdfast.RootScope;
import dev.holdfast.ScopeTimeoutException;
import dev.holdfast.Scopes;
import dev.holdfast.channel.Channel;
import dev.holdfast.channel.ChannelSpec;
import dev.holdfast.diagnostics.metrics.MetricsAggregator;
import dev.holdfast.diagnostics.metrics.MetricsCollector;
import dev.holdfast.inspect.ScopeStats;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.Poll;
import dev.holdfast.testing.Warnings;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.DoublePredicate;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Tests {@code ClosingTimesTimer}, {@code MetricsAggregator}, {@code MetricsCollector}, {@code
 * MetricsSnapshot}, {@code RegisteredMeters}, {@code ScopeStats} and {@code VirtualThreadStates} as
 * well.
 */
@LeavesNothing
class HoldfastMetricsTest {

  private static final AtomicLong NAMES = new AtomicLong();

  @RegisterExtension final Warnings warnings = new Warnings();

  /** A test controls the time, except the time that scopes read. */
  private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 1_000_000_000L);

  private final String name = "metrics-" + NAMES.incrementAndGet();
  private final MeterRegistry registry = new SimpleMeterRegistry();
  private final HoldfastMetrics metrics =
      new HoldfastMetrics(Tags.empty(), new MetricsCollector(clock::get));
  private final CountDownLatch go = new CountDownLatch(1);

  @AfterEach
  void release() {
    go.countDown();
    metrics.close();
  }

  private void later() {
    clock.addAndGet(MetricsCollector.MAX_AGE_NANOS);
  }

  /** {@return a figure of the scope of this test, as it is now} */
  private double figure(String meter, String... tags) {
    return figureOf(Tags.of("scope", name).and(tags), meter);
  }

  private double figureOf(Tags tags, String meter) {
    later();
    registry.get("holdfast.scopes.open").tag("scope", ScopeStats.UNNAMED).gauge().value();
    Meter found = registry.get(meter).tags(tags).meter();
    return StreamSupport.stream(found.measure().spliterator(), false)
        .findFirst()
        .orElseThrow()
        .getValue();
  }

  private void await(DoublePredicate wanted, String meter, String... tags) {
    Poll.until(() -> wanted.test(figure(meter, tags)));
    double figure = figure(meter, tags);
    assertTrue(wanted.test(figure), () -> meter + " is " + figure);
  }

  @Test
  void parked_tasks_are_live() throws Exception {
    metrics.bindTo(registry);
    Scopes.named(name)
        .limit(500)
        .run(scope -> {
          for (int i = 0; i < 500; i++) {
            scope.fork(() -> go.await());
          }
          assertEquals(500, figure("holdfast.tasks.live"));
          assertEquals(500, figure("holdfast.tasks.started"));
          assertEquals(1, figure("holdfast.scopes.open"));
          assertEquals(1, figure("holdfast.scopes.opened"));
          go.countDown();
        });
    assertEquals(0, figure("holdfast.tasks.live"));
    assertEquals(500, figure("holdfast.tasks.started"));
    assertEquals(500, figure("holdfast.tasks.completed", "outcome", "succeeded"));
    assertEquals(0, figure("holdfast.scopes.open"));
  }

  @Test
  void completed_tasks_are_counted_by_outcome() throws Exception {
    metrics.bindTo(registry);
    Scopes.named(name)
        .isolated()
        .run(scope -> {
          scope.fork(() -> 1).join();
          scope.fork(() -> 2).join();
          scope.fork(() -> 3).join();
          for (int i = 0; i < 2; i++) {
            var failing =
                scope.fork(() -> {
                  throw new IllegalStateException("on purpose");
                });
            assertThrows(Exception.class, failing::join);
          }
          var parked = scope.fork(() -> go.await());
          parked.cancel();
        });
    assertEquals(3, figure("holdfast.tasks.completed", "outcome", "succeeded"));
    assertEquals(2, figure("holdfast.tasks.completed", "outcome", "failed"));
    assertEquals(1, figure("holdfast.tasks.completed", "outcome", "cancelled"));
    assertEquals(0, figure("holdfast.tasks.live"));
  }

  @Test
  void timeouts_and_the_time_to_close_are_counted() {
    metrics.bindTo(registry);
    assertThrows(
        ScopeTimeoutException.class,
        () ->
            Scopes.named(name)
                .timeout(Duration.ofMillis(20))
                .run(scope -> {
                  try {
                    go.await();
                  } catch (InterruptedException e) {
                    long cancelled = System.nanoTime(); // the body ends 50 ms later
                    Poll.until(() -> System.nanoTime() - cancelled > 50_000_000L);
                    throw e;
                  }
                }));
    assertEquals(1, figure("holdfast.scopes.timed.out"));
    var close = registry.get("holdfast.scope.close").tag("scope", name).timer();
    assertEquals(1, close.count());
    double millis = close.totalTime(TimeUnit.MILLISECONDS);
    assertTrue(millis >= 50 && millis < 30_000, () -> "took " + millis + " ms");
    var prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    metrics.bindTo(prometheus);
    String labels = "{scope=\"" + name + "\",le=\"";
    String bucket = "holdfast_scope_close_seconds_bucket" + labels;
    String scrape = prometheus.scrape();
    assertTrue(scrape.contains(bucket + "0.01\"} 0"), scrape);
    assertTrue(scrape.contains(bucket + "+Inf\"} 1"), scrape);
  }

  @Test
  void the_durations_of_tasks_are_added_up() throws Exception {
    metrics.bindTo(registry);
    Scopes.named(name)
        .run(scope -> {
          scope.fork(() -> Thread.sleep(20));
          scope.fork(() -> Thread.sleep(20));
        });
    assertEquals(2, figure("holdfast.tasks.started"));
    var duration = registry.get("holdfast.task.duration").tag("scope", name).functionTimer();
    assertEquals(2, duration.count());
    double millis = duration.totalTime(TimeUnit.MILLISECONDS);
    assertTrue(millis >= 40 && millis < 60_000, () -> "took " + millis + " ms");
  }

  @Test
  void all_virtual_threads_of_the_jvm_are_counted_by_state() throws Exception {
    try (var all = new HoldfastMetrics()) {
      List<Thread> legacy =
          IntStream.range(0, 50)
              .mapToObj(i ->
                  Thread.ofVirtual()
                      .start(() -> {
                        try {
                          go.await();
                        } catch (InterruptedException e) {
                          // the end of the test
                        }
                      }))
              .toList();
      legacy.forEach(Poll::untilBlocked);
      all.bindTo(registry);
      var waiting = registry.get("holdfast.threads.virtual").tag("state", "waiting").gauge();
      Poll.until(() -> waiting.value() >= 50);
      assertEquals(5, registry.find("holdfast.threads.virtual").gauges().size());
      go.countDown();
      for (Thread thread : legacy) {
        thread.join();
      }
    }
    Poll.until(() ->
        Thread.getAllStackTraces().keySet().stream()
            .noneMatch(thread -> thread.getName().equals("holdfast-census")));
  }

  @Test
  void the_oldest_task_is_a_fork_not_a_worker() throws Exception {
    metrics.bindTo(registry);
    Scopes.named(name)
        .run(scope -> {
          scope.worker(() -> go.await());
          long start = System.nanoTime();
          Poll.until(() -> System.nanoTime() - start > 50_000_000L);
          assertEquals(0, figure("holdfast.task.age.max"));
          assertEquals(1, figure("holdfast.tasks.live"));
          scope.fork(() -> go.await());
          scope.fork(() -> go.await());
          await(age -> age > 0, "holdfast.task.age.max");
          double first = figure("holdfast.task.age.max");
          await(age -> age > first + 0.05, "holdfast.task.age.max");
          go.countDown();
        });
    assertEquals(0, figure("holdfast.task.age.max"));
  }

  @Test
  void tasks_of_nested_scopes_count_for_their_own_scope() throws Exception {
    metrics.bindTo(registry);
    String inner = name + "-inner";
    Scopes.named(name)
        .run(scope -> {
          scope.fork(() -> {
            Scopes.named(inner)
                .run(nested -> {
                  nested.fork(() -> go.await());
                  Tags tags = Tags.of("scope", inner);
                  assertEquals(1, figureOf(tags, "holdfast.tasks.live"));
                  Poll.until(() -> figureOf(tags, "holdfast.task.age.max") > 0);
                  double age = figureOf(tags, "holdfast.task.age.max");
                  assertTrue(age > 0 && age < figure("holdfast.task.age.max"));
                  go.countDown();
                });
            return null;
          });
        });
  }

  @Test
  void a_task_that_keeps_running_after_cancellation_is_stuck() throws Exception {
    metrics.bindTo(registry);
    var deaf = new CountDownLatch(1);
    RootScope root = Scopes.open(Scopes.named(name));
    try {
      root.run(scope -> {
        scope.fork(() -> {
          Scopes.run(inner -> {
            deaf.countDown();
            while (go.getCount() > 0) {
              Thread.interrupted();
              LockSupport.parkNanos(100_000);
            }
          });
          return null;
        });
        scope.fork(() -> go.await());
      });
      deaf.await();
      assertEquals(0, figure("holdfast.tasks.stuck"));
      root.cancel("on purpose");
      assertEquals(0, unnamedStuck(), "just cancelled");
      clock.addAndGet(MetricsAggregator.STUCK_NANOS);
      assertEquals(1, unnamedStuck());
      await(stuck -> stuck == 0, "holdfast.tasks.stuck"); // it is in the scope inside
      assertEquals(1, unnamedStuck());
      Poll.until(() -> figureOf(reported("stuck"), "holdfast.tasks.reported") > 0);
      assertTrue(figureOf(reported("stuck"), "holdfast.tasks.reported") > 0);
      go.countDown();
      await(live -> live == 0, "holdfast.tasks.live");
      assertEquals(0, unnamedStuck());
    } finally {
      go.countDown();
      root.close();
    }
  }

  private double unnamedStuck() {
    return figureOf(Tags.of("scope", ScopeStats.UNNAMED), "holdfast.tasks.stuck");
  }

  private Tags reported(String kind) {
    return Tags.of("scope", name, "kind", kind);
  }

  @Test
  void rejected_calls_of_a_guard_are_counted() throws Exception {
    metrics.bindTo(registry);
    Guard guard = Guard.named(name).maxConcurrent(1);
    guard.run(scope -> {
      assertThrows(GuardFullException.class, () -> guard.run(other -> {}));
      assertThrows(GuardFullException.class, () -> guard.run(other -> {}));
      assertEquals(2, figure("holdfast.guard.rejections"));
    });
  }

  @Test
  void channels_with_a_name_have_meters() throws Exception {
    metrics.bindTo(registry);
    String channel = "it's '" + name;
    Scopes.named(name)
        .run(scope -> {
          Channel<Integer> full = scope.channel(ChannelSpec.<Integer>of(2).named(channel));
          Channel<Integer> empty = scope.channel(ChannelSpec.<Integer>of(3).named(channel));
          Channel<Integer> unnamed = scope.channel(5);
          unnamed.send(1);
          full.send(1);
          full.send(2);
          scope.worker(() -> full.send(3));
          scope.worker(() -> empty.receive());
          Tags tags = Tags.of("channel", channel);
          Poll.until(() ->
              figureOf(tags.and("operation", "send"), "holdfast.channel.wait.max") > 0
                  && figureOf(tags.and("operation", "receive"), "holdfast.channel.wait.max") > 0);
          assertEquals(2, figureOf(tags, "holdfast.channel.size"));
          assertEquals(5, figureOf(tags, "holdfast.channel.capacity"));
          for (String operation : List.of("send", "receive")) {
            Tags side = tags.and("operation", operation);
            assertEquals(1, figureOf(side, "holdfast.channel.waiters"));
            assertTrue(figureOf(side, "holdfast.channel.wait.max") > 0);
          }
          assertEquals(0, figureOf(tags.and("operation", "select"), "holdfast.channel.wait.max"));
          long shown =
              registry.find("holdfast.channel.size").gauges().stream()
                  .filter(gauge -> gauge.value() > 0)
                  .count();
          assertEquals(1, shown, "the one without a name is not shown");
          scope.cancel("enough");
        });
    assertEquals(0, figureOf(Tags.of("channel", channel), "holdfast.channel.size"));
  }

  @Test
  void channel_names_over_the_limit_share_one_meter() throws Exception {
    metrics.bindTo(registry);
    Scopes.run(scope -> {
      for (int i = 0; i < MetricsAggregator.MAX_CHANNEL_NAMES + 10; i++) {
        scope.channel(ChannelSpec.<Integer>of(1).named(name + "-" + i)).send(i);
      }
      Tags others = Tags.of("channel", ScopeStats.OTHERS);
      later();
      metrics.bindTo(registry);
      assertEquals(10, figureOf(others, "holdfast.channel.size"));
      assertEquals(
          MetricsAggregator.MAX_CHANNEL_NAMES + 1,
          registry.find("holdfast.channel.size").gauges().size());
    });
  }

  @Test
  void one_scrape_shows_one_moment() throws Exception {
    metrics.bindTo(registry);
    Scopes.named(name)
        .run(scope -> {
          scope.fork(() -> go.await());
          assertEquals(1, figure("holdfast.tasks.live"));
          scope.fork(() -> go.await());
          Gauge live = registry.get("holdfast.tasks.live").tag("scope", name).gauge();
          clock.addAndGet(MetricsCollector.MAX_AGE_NANOS - 1);
          assertEquals(1, live.value());
          clock.addAndGet(1);
          assertEquals(2, live.value());
          go.countDown();
        });
  }

  @Test
  void new_names_appear_without_binding_again() throws Exception {
    var prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    metrics.bindTo(prometheus);
    String row = "holdfast_tasks_live{scope=\"" + name + "\"} 1";
    assertFalse(prometheus.scrape().contains(name));
    Scopes.named(name)
        .run(scope -> {
          scope.fork(() -> go.await());
          later();
          String first = prometheus.scrape(); // finds the name
          String second = prometheus.scrape();
          assertTrue(
              second.lines().anyMatch(line -> line.startsWith(row)), () -> first + "\n\n" + second);
          go.countDown();
        });
  }

  @Test
  void close_removes_the_meters_and_they_can_come_back() throws Exception {
    Meter foreign = registry.counter("others");
    metrics.bindTo(registry);
    metrics.bindTo(registry);
    Scopes.named(name).run(scope -> figure("holdfast.tasks.live"));
    Gauge kept = registry.get("holdfast.tasks.live").tag("scope", name).gauge();
    metrics.close();
    metrics.close();
    assertEquals(List.of(foreign), registry.getMeters());
    Scopes.named(name + "-later").run(scope -> {});
    later();
    assertDoesNotThrow(kept::value);
    assertEquals(
        List.of(foreign), registry.getMeters(), "reading a removed meter registers nothing");
    metrics.bindTo(registry);
    assertNotNull(registry.find("holdfast.tasks.live").tag("scope", name).gauge());
  }

  @Test
  void two_registries_show_the_same_figures() throws Exception {
    var other = new SimpleMeterRegistry();
    metrics.bindTo(registry);
    metrics.bindTo(other);
    Scopes.named(name)
        .run(scope -> {
          scope.fork(() -> go.await());
          assertEquals(1, figure("holdfast.tasks.live"));
          other.get("holdfast.tasks.live").tag("scope", ScopeStats.UNNAMED).gauge().value();
          assertEquals(1, other.get("holdfast.tasks.live").tag("scope", name).gauge().value());
          go.countDown();
        });
    metrics.close();
    assertEquals(List.of(), other.getMeters());
    assertEquals(List.of(), registry.getMeters());
  }

  @Test
  void additional_tags_are_on_every_meter() throws Exception {
    try (var tagged = new HoldfastMetrics(Tags.of("application", "shop"))) {
      Scopes.run(scope -> {
        scope.channel(ChannelSpec.<Integer>of(1).named(name));
        tagged.bindTo(registry);
      });
      assertNotNull(registry.find("holdfast.channel.size").gauge());
      registry
          .getMeters()
          .forEach(
              meter -> assertEquals("shop", meter.getId().getTag("application"), meter::toString));
    }
  }

  /** Registries hold what functions read weakly, so the gauges must keep it reachable. */
  @Test
  void meters_outlive_unreachable_metrics() throws Exception {
    var forgotten = new WeakReference<>(new HoldfastMetrics());
    forgotten.get().bindTo(registry);
    Poll.until(() -> {
      System.gc();
      return forgotten.get() == null;
    });
    assertNull(forgotten.get());
    Scopes.named(name)
        .run(scope -> {
          Poll.until(() -> !Double.isNaN(unnamedOpen()) && found("holdfast.tasks.started"));
          scope.fork(() -> 1).join();
          Poll.until(() -> started() == 1);
          assertEquals(1, started());
        });
  }

  private boolean found(String meter) {
    return registry.find(meter).tag("scope", name).meter() != null;
  }

  private double unnamedOpen() {
    return registry.get("holdfast.scopes.open").tag("scope", ScopeStats.UNNAMED).gauge().value();
  }

  private double started() {
    return registry.get("holdfast.tasks.started").tag("scope", name).functionCounter().count();
  }

  @Test
  void probes_for_carriers_are_shown() {
    metrics.bindTo(registry);
    assertTrue(
        registry.get("holdfast.carrier.wait").functionTimer().count()
            <= Inspect.carriers().probes());
    assertTrue(registry.get("holdfast.carrier.delays").functionCounter().count() >= 0);
    assertTrue(registry.get("holdfast.carrier.wait.current").gauge().value() >= 0);
  }

  @Test
  void every_meter_has_a_description() {
    metrics.bindTo(registry);
    for (Meter meter : registry.getMeters()) {
      if (meter.getId().getTag("le") != null) {
        continue; // a bucket of a timer, which the registry adds
      }
      Meter.Id id = meter.getId();
      assertTrue(id.getName().startsWith("holdfast."), id::toString);
      assertNotNull(id.getDescription(), id::toString);
    }
  }

  /** As the README of docs/monitoring explains it. */
  @Test
  void a_plural_counts_things_and_a_singular_has_a_property() throws Exception {
    Scopes.run(scope -> {
      scope.channel(ChannelSpec.<Integer>of(1).named(name));
      metrics.bindTo(registry);
    });
    Pattern count = Pattern.compile("holdfast\\.(scopes|tasks|threads)\\.[a-z.]+");
    Pattern property = Pattern.compile("holdfast\\.(scope|task|guard|carrier|channel)\\.[a-z.]+");
    for (Meter meter : registry.getMeters()) {
      Meter.Id id = meter.getId();
      assertTrue(
          count.matcher(id.getName()).matches()
              ? id.getBaseUnit() == null && id.getType() != Meter.Type.TIMER
              : property.matcher(id.getName()).matches(),
          id::toString);
      boolean time = id.getName().matches(".*\\.(age|wait)\\.(max|current)");
      assertTrue(!time || "seconds".equals(id.getBaseUnit()), id::toString);
    }
  }

  @Test
  void null_is_refused() {
    assertThrows(NullPointerException.class, () -> new HoldfastMetrics(null));
    assertThrows(NullPointerException.class, () -> metrics.bindTo(null));
  }

  @Test
  void ten_thousand_tasks_are_scraped() throws Exception {
    var prometheus = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    Scopes.named(name)
        .limit(10_000)
        .run(scope -> {
          IntStream.range(0, 10_000).forEach(i -> scope.fork(() -> go.await()));
          metrics.bindTo(prometheus);
          String row = "holdfast_tasks_live{scope=\"" + name + "\"} 10000.0";
          assertTrue(prometheus.scrape().contains(row));
          go.countDown();
        });
  }
}
