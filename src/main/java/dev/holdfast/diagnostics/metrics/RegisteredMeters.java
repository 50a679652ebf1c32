package dev.holdfast.diagnostics.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The meters in one registry.
 *
 * <p>Reading a meter also registers meters for new names. A thread or timer that registered them
 * would outlive the last scope. The meters of scopes without a name exist from the start, so every
 * scrape reads at least one meter.
 *
 * <p>A count whose name states what it counts has no base unit, because Prometheus would repeat the
 * unit in the name.
 */
public final class RegisteredMeters {

  private final MeterRegistry registry;
  private final Tags tags;
  private final MetricsCollector collector;

  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by the lock.
  private final Set<String> scopes = new HashSet<>();
  private final Set<String> channels = new HashSet<>();
  private final List<Meter> meters = new ArrayList<>();
  private final Map<String, ClosingTimesTimer> closings = new HashMap<>();
  private boolean removed;

  // May be read without the lock, as a hint.
  private volatile @Nullable MetricsSnapshot registered;

  public RegisteredMeters(MeterRegistry registry, Tags tags, MetricsCollector collector) {
    this.registry = registry;
    this.tags = tags;
    this.collector = collector;
  }

  /** Registers the meters of new names. */
  public void refresh() {
    lock.lock();
    try {
      register(collector.now());
    } finally {
      lock.unlock();
    }
  }

  /** Removes all meters. No meter is registered after that. */
  public void remove() {
    lock.lock();
    try {
      removed = true;
      meters.forEach(registry::remove);
      meters.clear();
    } finally {
      lock.unlock();
    }
  }

  private MetricsSnapshot snapshot() {
    MetricsSnapshot now = collector.now();
    // Does nothing if a registry reads a meter while it registers it, or if another thread
    // registers meters.
    if (now != registered && !lock.isHeldByCurrentThread() && lock.tryLock()) {
      try {
        register(now);
      } finally {
        lock.unlock();
      }
    }
    return now;
  }

  private void register(MetricsSnapshot now) {
    if (removed || now == registered) {
      return;
    }
    if (scopes.isEmpty()) {
      addCarriers();
      addVirtualThreads();
    }
    for (String name : now.scopes().keySet()) {
      if (scopes.add(name)) {
        addScope(name);
      }
    }
    for (String name : now.channels().keySet()) {
      if (channels.add(name)) {
        addChannel(name);
      }
    }
    closings.forEach((name, timer) -> timer.record(now.scope(name).closings()));
    registered = now;
  }

  private void addCarriers() {
    meters.add(
        FunctionTimer.builder(
                "holdfast.carrier.wait",
                this,
                self -> self.snapshot().carriers().probes(),
                self -> self.snapshot().carriers().waitedNanos(),
                TimeUnit.NANOSECONDS)
            .description("Time that probes waited for a carrier")
            .tags(tags)
            .register(registry));
    counter("holdfast.carrier.delays", "Probes that waited longer than 3 ms", tags)
        .of(r -> r.carriers().lateProbes());
    gauge("holdfast.carrier.wait.current", "How long a probe has been waiting", tags, "seconds")
        .of(r -> seconds(r.carriers().waitingNanos()));
  }

  private void addVirtualThreads() {
    for (String state : VirtualThreadSampler.STATES) {
      gauge(
              "holdfast.threads.virtual",
              "Virtual threads of the JVM at the last sample",
              tags.and("state", state),
              null)
          .of(r -> collector.virtualThreads.count(state));
    }
  }

  private void addScope(String name) {
    Tags tags = this.tags.and("scope", name);
    gauge("holdfast.scopes.open", "Scopes that have not ended", tags, null)
        .of(r -> r.scope(name).stats().openScopes());
    counter("holdfast.scopes.opened", "Scopes that were opened", tags)
        .of(r -> r.scope(name).stats().opened());
    counter("holdfast.scopes.timed.out", "Scopes that were cancelled by their deadline", tags)
        .of(r -> r.scope(name).stats().timeouts());
    Timer close =
        Timer.builder("holdfast.scope.close")
            .description("Time from the cancellation of a scope to its end")
            .serviceLevelObjectives(ClosingTimesTimer.bounds())
            .tags(tags)
            .register(registry);
    meters.add(close);
    closings.put(name, new ClosingTimesTimer(close));

    meters.add(
        FunctionTimer.builder(
                "holdfast.task.duration",
                this,
                self -> self.snapshot().scope(name).endedTasks(),
                self -> self.snapshot().scope(name).taskNanos(),
                TimeUnit.NANOSECONDS)
            .description("Time from the start of a task to its end, for tasks that have ended")
            .tags(tags)
            .register(registry));
    gauge("holdfast.tasks.live", "Tasks that have not ended, workers included", tags, null)
        .of(r -> r.scope(name).stats().liveTasks());
    counter("holdfast.tasks.started", "Tasks that were forked, workers included", tags)
        .of(r -> r.scope(name).stats().started());
    String completed = "Tasks that have ended, workers included";
    counter("holdfast.tasks.completed", completed, tags.and("outcome", "succeeded"))
        .of(r -> r.scope(name).stats().succeeded());
    counter("holdfast.tasks.completed", completed, tags.and("outcome", "failed"))
        .of(r -> r.scope(name).stats().failed());
    counter("holdfast.tasks.completed", completed, tags.and("outcome", "cancelled"))
        .of(r -> r.scope(name).stats().cancelled());
    gauge("holdfast.task.age.max", "Age of the oldest task, workers excluded", tags, "seconds")
        .of(r -> seconds(r.scope(name).oldestNanos()));
    gauge("holdfast.tasks.stuck", "Tasks that still run although they were cancelled", tags, null)
        .of(r -> r.scope(name).stuck());
    String reported =
        "Reports of stuck or stalled tasks; a stuck task counts again after 10 s, 100 s and so on";
    counter("holdfast.tasks.reported", reported, tags.and("kind", "stuck"))
        .of(r -> r.scope(name).stats().stuck());
    counter("holdfast.tasks.reported", reported, tags.and("kind", "stalled"))
        .of(r -> r.scope(name).stats().stalled());

    counter("holdfast.guard.rejections", "Calls that a guard rejected", tags)
        .of(r -> r.scope(name).stats().refused());
  }

  private void addChannel(String name) {
    Tags tags = this.tags.and("channel", name);
    gauge("holdfast.channel.size", "Elements in channels", tags, null)
        .of(r -> r.channel(name).size());
    gauge("holdfast.channel.capacity", "Elements that channels can hold", tags, null)
        .of(r -> r.channel(name).capacity());
    Tags send = tags.and("operation", "send");
    Tags receive = tags.and("operation", "receive");
    Tags select = tags.and("operation", "select");
    String waiting = "Operations that wait at channels";
    gauge("holdfast.channel.waiters", waiting, send, null)
        .of(r -> r.channel(name).waitingSenders());
    gauge("holdfast.channel.waiters", waiting, receive, null)
        .of(r -> r.channel(name).waitingReceivers());
    String blocked = "How long the longest waiting operation has been waiting";
    gauge("holdfast.channel.wait.max", blocked, send, "seconds")
        .of(r -> seconds(r.channel(name).sendingNanos()));
    gauge("holdfast.channel.wait.max", blocked, receive, "seconds")
        .of(r -> seconds(r.channel(name).receivingNanos()));
    gauge("holdfast.channel.wait.max", blocked, select, "seconds")
        .of(r -> seconds(r.channel(name).selectingNanos()));
  }

  private static double seconds(long nanos) {
    return nanos / 1e9;
  }

  /** The name and tags of a meter, without its function. */
  private interface MeterWithoutFigure {
    void of(ToDoubleFunction<MetricsSnapshot> figure);
  }

  /**
   * Gauges refer strongly to this object, because registries refer only weakly to the object of a
   * counter.
   */
  private MeterWithoutFigure gauge(
      String name, String description, Tags tags, @Nullable String unit) {
    return figure ->
        meters.add(
            Gauge.builder(name, this, self -> figure.applyAsDouble(self.snapshot()))
                .description(description)
                .baseUnit(unit)
                .tags(tags)
                .strongReference(true)
                .register(registry));
  }

  private MeterWithoutFigure counter(String name, String description, Tags tags) {
    return figure ->
        meters.add(
            FunctionCounter.builder(name, this, self -> figure.applyAsDouble(self.snapshot()))
                .description(description)
                .tags(tags)
                .register(registry));
  }
}
