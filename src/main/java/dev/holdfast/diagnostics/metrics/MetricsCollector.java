package dev.holdfast.diagnostics.metrics;

import dev.holdfast.Inspect;
import dev.holdfast.internal.telemetry.CounterRegistry;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Collects all figures at once and caches them briefly, because a scrape reads thousands of them.
 */
public final class MetricsCollector {

  public static final long MAX_AGE_NANOS = 500_000_000L;

  private final LongSupplier nanoTime;
  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by the lock; `cached` may also be read without it.
  private volatile @Nullable Cached cached;
  private final Set<String> channelNames = new HashSet<>();

  /** The cancelled tasks that were running at the last collection, and when that was first seen. */
  private WeakHashMap<Object, Long> cancelled = new WeakHashMap<>();

  private record Cached(MetricsSnapshot snapshot, long atNanos) {}

  final VirtualThreadSampler virtualThreads;

  /** Creates a collector that does not count virtual threads. */
  public MetricsCollector(LongSupplier nanoTime) {
    this(nanoTime, new VirtualThreadSampler(Map::of, nanoTime));
  }

  public MetricsCollector(LongSupplier nanoTime, VirtualThreadSampler virtualThreads) {
    this.nanoTime = nanoTime;
    this.virtualThreads = virtualThreads;
  }

  MetricsSnapshot now() {
    Cached fresh = fresh();
    if (fresh != null) {
      return fresh.snapshot;
    }
    lock.lock();
    try {
      fresh = fresh(); // another thread may have collected in the meantime
      return fresh == null ? collect() : fresh.snapshot;
    } finally {
      lock.unlock();
    }
  }

  private @Nullable Cached fresh() {
    Cached taken = cached;
    return taken != null && nanoTime.getAsLong() - taken.atNanos < MAX_AGE_NANOS ? taken : null;
  }

  private MetricsSnapshot collect() {
    long now = nanoTime.getAsLong();
    // Taken before the counts, so that every name in the snapshot has counts.
    var live = Inspect.live();
    var aggregator = new MetricsAggregator(CounterRegistry.ALL.all(), channelNames, cancelled, now);
    live.forEach(aggregator::addScope);
    cancelled = aggregator.cancelled();
    MetricsSnapshot snapshot = aggregator.snapshot(Inspect.carriers());
    cached = new Cached(snapshot, now);
    return snapshot;
  }
}
