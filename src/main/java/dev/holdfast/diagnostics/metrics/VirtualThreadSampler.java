package dev.holdfast.diagnostics.metrics;

import dev.holdfast.internal.util.DaemonThreads;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

/**
 * Counts the virtual threads of this JVM now and then, on a thread that exists only meanwhile.
 *
 * <p>Only a thread dump shows all virtual threads, and its cost grows with their number. So a count
 * is not taken again within a minute, nor within fifty times the time that the last one took. A JVM
 * whose dump takes a large part of the heap is counted still less often.
 */
public final class VirtualThreadSampler {

  /** The names of the states, as in other metrics of the JVM. */
  static final List<String> STATES =
      List.of("new", "runnable", "blocked", "waiting", "timed-waiting");

  private static final long PAUSE_NANOS = 60_000_000_000L;
  private static final int SHARE = 50;

  /** How much memory a dump takes for each thread, and the part of the heap that it may take. */
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

  /** {@return the last count of a state; NaN before the first, and if this JVM shows none} */
  double count(String state) {
    if (isDue() && counting.compareAndSet(false, true)) {
      try {
        DaemonThreads.make("holdfast-census", this::sample).start();
      } catch (Throwable t) { // memory or threads are out
        counting.set(false);
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
      pause(begin, SHARE); // no directory to write to, or memory is out
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
