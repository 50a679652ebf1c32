package dev.holdfast.internal.telemetry;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** A histogram of the times that cancelled scopes take to end. */
public final class ClosingTimes {

  /** The upper bounds of the buckets; an additional last bucket counts all longer times. */
  private static final long[] BOUNDS = {
    TimeUnit.MILLISECONDS.toNanos(1),
    TimeUnit.MILLISECONDS.toNanos(5),
    TimeUnit.MILLISECONDS.toNanos(10),
    TimeUnit.MILLISECONDS.toNanos(50),
    TimeUnit.MILLISECONDS.toNanos(100),
    TimeUnit.MILLISECONDS.toNanos(500),
    TimeUnit.SECONDS.toNanos(1),
    TimeUnit.SECONDS.toNanos(5),
    TimeUnit.SECONDS.toNanos(10),
    TimeUnit.SECONDS.toNanos(60)
  };

  private static final int BUCKETS = BOUNDS.length + 1;

  /**
   * Two adders for each bucket: the number of times, and their sum. Created on demand, because few
   * names have cancelled scopes.
   */
  private final AtomicReference<LongAdder @Nullable []> adders = new AtomicReference<>();

  ClosingTimes() {}

  /** {@return the upper bounds of all buckets but the last, in nanoseconds} */
  public static long[] bounds() {
    return BOUNDS.clone();
  }

  public void add(long nanos) {
    LongAdder[] all = adders.get();
    if (all == null) {
      var made = new LongAdder[2 * BUCKETS];
      for (int i = 0; i < made.length; i++) {
        made[i] = new LongAdder();
      }
      all = adders.compareAndSet(null, made) ? made : adders.get();
    }
    int bucket = 0;
    while (bucket < BOUNDS.length && nanos > BOUNDS[bucket]) {
      bucket++;
    }
    if (all != null) {
      all[2 * bucket + 1].add(nanos);
      all[2 * bucket].increment(); // last, so that a counted time is in the sum
    }
  }

  /** {@return the count and the sum of each bucket, one after the other} */
  public long[] counts() {
    var counts = new long[2 * BUCKETS];
    LongAdder[] all = adders.get();
    for (int i = 0; all != null && i < counts.length; i++) {
      counts[i] = all[i].sum();
    }
    return counts;
  }
}
