package dev.holdfast.diagnostics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The meters in one registry.
 *
 * <p>Whoever reads one of them looks for new names, too: nothing else would tell of them, and a
 * thread or a timer for it would outlive the last scope. Meters of names without scopes are there
 * from the start, so something is read whenever the registry is.
 *
 * <p>Counts have no base unit where the name says what is counted: Prometheus would have it twice.
 */
final class BoundMeters {

  private final MeterRegistry registry;
  private final Tags tags;
  private final Readings readings;

  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by the lock.
  private final Set<String> scopes = new HashSet<>();
  private final Set<String> channels = new HashSet<>();
  private final List<Meter> meters = new ArrayList<>();
  private boolean removed;

  // A hint without the lock.
  private volatile @Nullable Reading seen;

  BoundMeters(MeterRegistry registry, Tags tags, Readings readings) {
    this.registry = registry;
    this.tags = tags;
    this.readings = readings;
  }

  void refresh() {
    lock.lock();
    try {
      register(readings.now());
    } finally {
      lock.unlock();
    }
  }

  /** Removes all of them, for good. */
  void remove() {
    lock.lock();
    try {
      removed = true;
      meters.forEach(registry::remove);
      meters.clear();
    } finally {
      lock.unlock();
    }
  }

  private Reading reading() {
    Reading now = readings.now();
    // Not by a registry that reads what it registers, and not by two that read at the same time.
    if (now != seen && !lock.isHeldByCurrentThread() && lock.tryLock()) {
      try {
        register(now);
      } finally {
        lock.unlock();
      }
    }
    return now;
  }

  private void register(Reading now) {
    if (removed || now == seen) {
      return;
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
    seen = now;
  }

  private void addScope(String name) {
    Tags tags = this.tags.and("scope", name);
    gauge("holdfast.scopes.open", "Scopes that have not ended", tags, null)
        .of(r -> r.scope(name).stats().openScopes());
    counter("holdfast.scopes.opened", "Scopes that were opened", tags)
        .of(r -> r.scope(name).stats().opened());
    counter("holdfast.scopes.timeouts", "Scopes that were cancelled by their deadline", tags)
        .of(r -> r.scope(name).stats().timeouts());
    meters.add(
        FunctionTimer.builder(
                "holdfast.scope.close",
                this,
                self -> self.reading().scope(name).stats().cancelledScopes(),
                self -> self.reading().scope(name).stats().closingNanos(),
                TimeUnit.NANOSECONDS)
            .description("Time from the cancellation of a scope to its end")
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
    gauge("holdfast.tasks.oldest.age", "Age of the oldest task, workers excluded", tags, "seconds")
        .of(r -> seconds(r.scope(name).oldestNanos()));
    gauge("holdfast.tasks.stuck", "Tasks that run on although they were cancelled", tags, null)
        .of(r -> r.scope(name).stuck());
    String reported = "Tasks that were reported to the log, again when they are ten times as late";
    counter("holdfast.tasks.reported", reported, tags.and("kind", "stuck"))
        .of(r -> r.scope(name).stats().stuck());
    counter("holdfast.tasks.reported", reported, tags.and("kind", "stalled"))
        .of(r -> r.scope(name).stats().stalled());

    counter("holdfast.guard.rejected", "Calls that a guard has not let in", tags)
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
    gauge("holdfast.channel.waiting", waiting, send, null)
        .of(r -> r.channel(name).waitingSenders());
    gauge("holdfast.channel.waiting", waiting, receive, null)
        .of(r -> r.channel(name).waitingReceivers());
    String blocked = "For how long the operation that waits longest has been waiting";
    gauge("holdfast.channel.blocked", blocked, send, "seconds")
        .of(r -> seconds(r.channel(name).sendingNanos()));
    gauge("holdfast.channel.blocked", blocked, receive, "seconds")
        .of(r -> seconds(r.channel(name).receivingNanos()));
    gauge("holdfast.channel.blocked", blocked, select, "seconds")
        .of(r -> seconds(r.channel(name).selectingNanos()));
  }

  private static double seconds(long nanos) {
    return nanos / 1e9;
  }

  /** A meter that is described, but does not know its figure. */
  private interface Described {
    void of(ToDoubleFunction<Reading> figure);
  }

  /** Gauges hold this strongly: registries hold what counters read weakly. */
  private Described gauge(String name, String description, Tags tags, @Nullable String unit) {
    return figure ->
        meters.add(
            Gauge.builder(name, this, self -> figure.applyAsDouble(self.reading()))
                .description(description)
                .baseUnit(unit)
                .tags(tags)
                .strongReference(true)
                .register(registry));
  }

  private Described counter(String name, String description, Tags tags) {
    return figure ->
        meters.add(
            FunctionCounter.builder(name, this, self -> figure.applyAsDouble(self.reading()))
                .description(description)
                .tags(tags)
                .register(registry));
  }
}
