package dev.holdfast.http.debug;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A value that is expensive to make. One thread at a time makes it; the others get the last one,
 * and wait only if there is none.
 *
 * <p>The longer it took to make, the longer it stays: making it must not burden the service.
 */
final class Cached<T> {

  /** A value is kept for at least this many times as long as it took to make. */
  static final int REST = 100;

  /** The longest time for which a value is kept because it took long to make. */
  static final long MAX_AGE_NANOS = TimeUnit.SECONDS.toNanos(60);

  private static final long PATIENCE_SECONDS = 10;

  private record Made<T>(T value, long staleAt) {}

  private final long minAgeNanos;
  private final LongSupplier nanoTime;
  private final Supplier<T> maker;
  private final ReentrantLock making = new ReentrantLock();
  private volatile @Nullable Made<T> last;

  Cached(long minAgeNanos, LongSupplier nanoTime, Supplier<T> maker) {
    this.minAgeNanos = minAgeNanos;
    this.nanoTime = nanoTime;
    this.maker = maker;
  }

  /**
   * {@return the value, or null if another thread makes the first one and has not finished after
   * ten seconds, or if the thread is interrupted}
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
    return nanoTime.getAsLong() - made.staleAt < 0;
  }

  private T make() {
    long begun = nanoTime.getAsLong();
    T value = maker.get();
    long now = nanoTime.getAsLong();
    long rest = Math.min(MAX_AGE_NANOS, (now - begun) * REST);
    last = new Made<>(value, now + Math.max(minAgeNanos, rest));
    return value;
  }
}
