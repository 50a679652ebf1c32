package dev.holdfast.bench;

import java.util.Locale;
import org.openjdk.jmh.results.RunResult;

/**
 * A figure of one run: the median of its iterations, and the bytes allocated for each element.
 *
 * @param nanos nanoseconds for each element
 * @param bytes bytes for each element
 */
record Figure(double nanos, double bytes) {

  static Figure of(RunResult result) {
    return new Figure(
        result.getPrimaryResult().getStatistics().getPercentile(50),
        secondary(result, "gc.alloc.rate.norm"));
  }

  static double secondary(RunResult result, String name) {
    return result.getSecondaryResults().get(name).getScore();
  }

  static String round(double value) {
    return String.format(Locale.ROOT, Math.abs(value) < 10 ? "%.1f" : "%.0f", value);
  }
}
