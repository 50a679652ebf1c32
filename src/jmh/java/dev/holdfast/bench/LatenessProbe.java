package dev.holdfast.bench;

import java.util.Arrays;
import java.util.Locale;

/**
 * How late one thing was, again and again. One thread adds; another reads when the time is up. What
 * is still due then counts as late until that moment, so a thread that never runs again is seen.
 */
final class LatenessProbe {

  private static final int MOST = 1 << 20;

  private final long[] nanos = new long[MOST];
  private volatile int count;
  private volatile long due;

  /** Something is due at a time, by {@link System#nanoTime}. */
  void expect(long at) {
    due = at;
  }

  /** What was due has happened. */
  void happened() {
    happened(System.nanoTime());
  }

  void happened(long at) {
    int index = count;
    if (due != 0 && index < MOST) {
      nanos[index] = Math.max(0, at - due);
      due = 0;
      count = index + 1;
    }
  }

  /** {@return the median, the 99th percentile and the maximum in milliseconds} */
  String summary(long now) {
    int happened = count;
    long[] sorted = Arrays.copyOf(nanos, happened);
    long pending = due;
    if (pending != 0 && now - pending > 0) {
      sorted = Arrays.copyOf(sorted, happened + 1);
      sorted[happened] = now - pending;
    }
    Arrays.sort(sorted);
    if (happened == 0) {
      return "never";
    }
    return millis(sorted, 0.5) + " " + millis(sorted, 0.99) + " " + millis(sorted, 1);
  }

  private static String millis(long[] sorted, double part) {
    double millis = sorted[(int) Math.min(sorted.length - 1, sorted.length * part)] / 1e6;
    return String.format(Locale.ROOT, millis < 10 ? "%.1f" : "%.0f", millis);
  }
}
