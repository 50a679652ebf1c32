package dev.holdfast.diagnostics.metrics;

import dev.holdfast.internal.util.DaemonThreads;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

/**
 * Counts the virtual threads of this JVM occasionally, on a thread that exists only during the
 * count.
 *
 * <p>Only a thread dump shows all virtual threads, and its cost grows with their number. So the
 * pause between two counts is at least a minute, and at least fifty times the duration of the last
 * count; on JDK 25, where virtual threads pause during a dump, five thousand times. If a dump takes
 * a large part of the heap, the pause is longer still.
 */
public final class VirtualThreadSampler {

  /** The names that JVM metrics use for the states. */
  static final List<String> STATES =
      List.of("new", "runnable", "blocked", "waiting", "timed-waiting");

  private static final long PAUSE_NANOS = 60_000_000_000L;

  /** How many times longer than the last count the pause is. */
  static final int SHARE = Runtime.version().feature() == 25 ? 5_000 : 50;

  /**
   * The bytes that a dump takes for each thread. Counts are rarer if a dump takes more than 1 /
   * {@code PART_OF_HEAP} of the heap.
   */
  private static final long BYTES = 1_000;

  private static final int PART_OF_HEAP = 8;

  private final Callable<Map<String, Integer>> count;
  private final LongSupplier nanoTime;
  private final AtomicBoolean counting = new AtomicBoolean();

  // Written by the counting thread.
  private volatile Map<String, Integer> counts = Map.of();
  private volatile boolean counted;
  private volatile long nextNanos;

  /**
   * Creates a sampler.
   *
   * @param count counts the virtual threads by state
   * @param nanoTime the clock
   */
  public VirtualThreadSampler(Callable<Map<String, Integer>> count, LongSupplier nanoTime) {
    this.count = count;
    this.nanoTime = nanoTime;
  }

  /**
   * {@return the last count of a state; NaN before the first count, or if this JVM cannot count}
   */
  double count(String state) {
    if (isDue() && counting.compareAndSet(false, true)) {
      boolean started = false;
      try {
        if (isDue()) { // checks again, because a count may have ended in the meantime
          DaemonThreads.make("holdfast-census", this::sample).start();
          started = true;
        }
      } catch (Throwable t) { // out of memory or threads
        started = false;
      } finally {
        if (!started) {
          counting.set(false);
        }
      }
    }
    Integer last = counts.get(state);
    return last == null ? Double.NaN : last;
  }

  private boolean isDue() {
    return !counted || nanoTime.getAsLong() - nextNanos >= 0;
  }

  private void sample() {
    long begin = nanoTime.getAsLong();
    try {
      Map<String, Integer> now = count.call();
      counts = Map.copyOf(now);
      long threads = now.values().stream().mapToLong(Integer::longValue).sum();
      boolean fits = threads * BYTES < Runtime.getRuntime().maxMemory() / PART_OF_HEAP;
      pause(begin, fits ? 1 : SHARE);
    } catch (Throwable t) {
      pause(begin, SHARE); // no directory to write to, or out of memory
    } finally {
      counting.set(false);
    }
  }

  private void pause(long begin, int factor) {
    long end = nanoTime.getAsLong();
    nextNanos = end + factor * Math.max(PAUSE_NANOS, SHARE * (end - begin));
    counted = true;
  }
}
