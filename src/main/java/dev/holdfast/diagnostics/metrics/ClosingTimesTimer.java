package dev.holdfast.diagnostics.metrics;

import dev.holdfast.internal.telemetry.ClosingTimes;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * Passes counted times to a timer when a meter is read. So no registry runs code on a thread that
 * closes a scope. Each time is recorded as the mean of its bucket, which preserves the sum and the
 * buckets of the histogram.
 */
final class ClosingTimesTimer {

  private final Timer timer;
  private long[] recorded = new long[0];

  ClosingTimesTimer(Timer timer) {
    this.timer = timer;
  }

  static Duration[] bounds() {
    return Arrays.stream(ClosingTimes.bounds())
        .mapToObj(Duration::ofNanos)
        .toArray(Duration[]::new);
  }

  /** Records the times counted since the last call: a count and a sum for each bucket. */
  void record(long[] counts) {
    recorded = recorded.length == 0 ? new long[counts.length] : recorded;
    for (int i = 0; i < counts.length; i += 2) {
      long count = counts[i] - recorded[i];
      long nanos = counts[i + 1] - recorded[i + 1];
      for (long left = count; left > 0; left--) {
        timer.record(nanos / count, TimeUnit.NANOSECONDS);
      }
      if (count > 0) {
        recorded[i] = counts[i];
        recorded[i + 1] = counts[i + 1];
      }
    }
  }
}
