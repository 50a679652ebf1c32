package dev.holdfast.diagnostics;

import dev.holdfast.Inspect;
import java.util.HashSet;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Reads all figures at once, and keeps them for a moment: a scrape asks for thousands. */
final class Readings {

  static final long KEPT_NANOS = 500_000_000L;

  private final LongSupplier nanoTime;
  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by the lock; last may be read without it.
  private volatile @Nullable Taken last;
  private final Set<String> channelNames = new HashSet<>();

  /** Since when it has been seen that something that runs was cancelled. */
  private WeakHashMap<Object, Long> cancelled = new WeakHashMap<>();

  private record Taken(Reading reading, long atNanos) {}

  Readings(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  Reading now() {
    Taken fresh = fresh();
    if (fresh != null) {
      return fresh.reading;
    }
    lock.lock();
    try {
      fresh = fresh(); // somebody else was faster
      return fresh == null ? take() : fresh.reading;
    } finally {
      lock.unlock();
    }
  }

  private @Nullable Taken fresh() {
    Taken taken = last;
    return taken != null && nanoTime.getAsLong() - taken.atNanos < KEPT_NANOS ? taken : null;
  }

  private Reading take() {
    long now = nanoTime.getAsLong();
    // The picture before the counts: a name that is in it is among them.
    var live = Inspect.live();
    var survey = new Survey(Inspect.stats(), channelNames, cancelled, now);
    live.forEach(survey::addScope);
    cancelled = survey.cancelled();
    Reading reading = survey.reading();
    last = new Taken(reading, now);
    return reading;
  }
}
