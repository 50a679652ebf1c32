package dev.holdfast.http.debug;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A value that is expensive to create. One thread at a time creates it; the others get the last
 * one, and wait only if there is none.
 *
 * <p>The more time its creation took, the longer it is kept, so that it does not burden the
 * service.
 */
final class Cached<T> {

  /** A value is kept for at least this many times as long as the time spent on it. */
  static final int REST = 200;

  /** The longest time for which a value is kept because it took long to create. */
  static final long MAX_AGE_NANOS = TimeUnit.SECONDS.toNanos(60);

  private static final long PATIENCE_SECONDS = 10;

  private record Made<T>(T value, long at, long tookNanos) {}

  private final long minAgeNanos;
  private final LongSupplier nanoTime;
  private final Supplier<T> maker;
  private final ToLongFunction<T> spentNanos;
  private final ReentrantLock making = new ReentrantLock();
  private volatile @Nullable Made<T> last;

  /**
   * Creates a cache without a value.
   *
   * @param minAgeNanos the minimum time for which a value is kept
   * @param nanoTime the clock
   * @param maker creates a value
   * @param spentNanos returns the time that was spent on a value after it was created
   */
  Cached(long minAgeNanos, LongSupplier nanoTime, Supplier<T> maker, ToLongFunction<T> spentNanos) {
    this.minAgeNanos = minAgeNanos;
    this.nanoTime = nanoTime;
    this.maker = maker;
    this.spentNanos = spentNanos;
  }

  /**
   * {@return the value, or null if another thread is creating the first one and has not finished
   * after ten seconds, or if the thread is interrupted}
   */
  @Nullable T get() {
    Made<T> made = last;
    if (made != null && (isFresh(made) || !making.tryLock())) {
      return made.value;
    }
    if (made == null && !lock()) {
      return null;
    }
    try {
      made = last; // another thread may have created one in the meantime
      return made != null && isFresh(made) ? made.value : make();
    } finally {
      making.unlock();
    }
  }

  private boolean lock() {
    try {
      return making.tryLock(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private boolean isFresh(Made<T> made) {
    long spent = made.tookNanos + spentNanos.applyAsLong(made.value);
    long rest = Math.min(MAX_AGE_NANOS, spent * REST);
    return nanoTime.getAsLong() - made.at < Math.max(minAgeNanos, rest);
  }

  private T make() {
    long begun = nanoTime.getAsLong();
    T value = maker.get();
    long now = nanoTime.getAsLong();
    last = new Made<>(value, now, now - begun);
    return value;
  }
}
