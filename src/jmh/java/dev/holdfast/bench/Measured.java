package dev.holdfast.bench;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/** A row's figures by peer, with two carriers and with one. */
record Measured(Row row, Map<String, Figure> two, Map<String, Figure> one) {

  /**
   * What was measured: the median, half the interval in which the mean lies with 99.9 %, and the
   * bytes allocated.
   */
  record Figure(double nanos, double error, double bytes) {

    static Figure of(RunResult result) {
      Result<?> time = result.getPrimaryResult();
      return new Figure(
          time.getStatistics().getPercentile(50),
          time.getScoreError(),
          secondary(result, "gc.alloc.rate.norm"));
    }

    String time() {
      return round(nanos) + (Double.isNaN(error) ? "" : " ± " + round(error));
    }
  }

  String againstGoal() {
    return Stream.of(
            row.title(),
            both(figures -> figures.get(Row.US).time()),
            both(figures -> best(figures).getKey() + " " + best(figures).getValue().time()),
            both(figures -> String.format(Locale.ROOT, "%.2f", ratio(figures))),
            row.goalOfTwo() == row.goalOfOne()
                ? "" + row.goalOfTwo()
                : row.goalOfTwo() + " / " + row.goalOfOne(),
            verdict(two, row.goalOfTwo()) + " / " + verdict(one, row.goalOfOne()),
            both(figures -> round(figures.get(Row.US).bytes)))
        .collect(line());
  }

  String byPeer(List<String> peers) {
    Function<String, String> cell =
        peer ->
            two.containsKey(peer) || one.containsKey(peer)
                ? both(figures -> round(figures.get(peer).nanos))
                    + "; "
                    + both(figures -> round(figures.get(peer).bytes))
                : "";
    return Stream.concat(Stream.of(row.title()), peers.stream().map(cell)).collect(line());
  }

  private Map.Entry<String, Figure> best(Map<String, Figure> figures) {
    return figures.entrySet().stream()
        .filter(entry -> row.isRival(entry.getKey()))
        .min(Comparator.comparingDouble(entry -> entry.getValue().nanos))
        .orElseThrow();
  }

  private double ratio(Map<String, Figure> figures) {
    return figures.get(Row.US).nanos / best(figures).getValue().nanos;
  }

  private String verdict(Map<String, Figure> figures, double goal) {
    return orDash(figures, all -> ratio(all) <= goal ? "met" : "missed");
  }

  private String both(Function<Map<String, Figure>, String> cell) {
    return orDash(two, cell) + " / " + orDash(one, cell);
  }

  /** A benchmark that failed has no figure. */
  private static String orDash(
      Map<String, Figure> figures, Function<Map<String, Figure>, String> cell) {
    try {
      return cell.apply(figures);
    } catch (RuntimeException e) {
      return "-";
    }
  }

  static double secondary(RunResult result, String name) {
    return result.getSecondaryResults().get(name).getScore();
  }

  static String round(double value) {
    return String.format(Locale.ROOT, Math.abs(value) < 10 ? "%.1f" : "%.0f", value);
  }

  static Collector<CharSequence, ?, String> line() {
    return Collectors.joining(" | ", "| ", " |");
  }
}
