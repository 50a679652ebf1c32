package dev.holdfast.bench;

import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * The figures of a row with one number of carriers. Every round runs the peers in turn, so a load
 * on the machine that lasts affects a peer and its rival alike, and their ratio hardly at all.
 */
final class Rounds {

  /** Quantiles of Student's distribution for 95 %, by degrees of freedom from 1 on. */
  private static final double[] STUDENT = {
    12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23
  };

  /**
   * A ratio of two peers.
   *
   * @param value the geometric mean of the ratios of the rounds
   * @param error half its 95 % confidence interval, as a share of it
   */
  record Ratio(double value, double error) {

    boolean isExact() {
      return error <= 0.1;
    }

    /** {@return whether it meets a goal; undecided if the interval is wide and contains it} */
    String verdict(double goal) {
      boolean open = value * (1 + error) > goal && value / (1 + error) < goal;
      return !isExact() && open ? "undecided" : value <= goal ? "met" : "missed";
    }

    @Override
    public String toString() {
      String width = error > 1 ? "over 100" : String.format(Locale.ROOT, "%.0f", 100 * error);
      return String.format(Locale.ROOT, "%.2f ± %s %%", value, width);
    }
  }

  private final Map<String, Map<Integer, Figure>> byPeer = new LinkedHashMap<>();

  void add(int round, String peer, Figure figure) {
    byPeer.computeIfAbsent(peer, none -> new TreeMap<>()).put(round, figure);
  }

  Set<String> peers() {
    return byPeer.keySet();
  }

  /** {@return the figure of the median round, or null if the peer has none} */
  Figure median(String peer) {
    Map<Integer, Figure> figures = byPeer.getOrDefault(peer, Map.of());
    return figures.values().stream()
        .sorted(Comparator.comparingDouble(Figure::nanos))
        .skip(figures.size() / 2)
        .findFirst()
        .orElse(null);
  }

  /** {@return the fastest of some peers} */
  Optional<String> best(Predicate<String> among) {
    return peers().stream()
        .filter(among)
        .min(Comparator.comparingDouble(peer -> median(peer).nanos()));
  }

  /** {@return the ratio of a peer to another, by the rounds that both were in} */
  Ratio ratio(String peer, String rival) {
    Map<Integer, Figure> ours = byPeer.get(peer);
    Map<Integer, Figure> theirs = byPeer.get(rival);
    double[] logs =
        ours.keySet().stream()
            .filter(theirs::containsKey)
            .mapToDouble(round -> Math.log(ours.get(round).nanos() / theirs.get(round).nanos()))
            .toArray();
    int rounds = logs.length;
    double mean = Arrays.stream(logs).average().orElse(Double.NaN);
    double squares = Arrays.stream(logs).map(log -> (log - mean) * (log - mean)).sum();
    double error =
        rounds < 2
            ? Double.POSITIVE_INFINITY
            : STUDENT[Math.min(rounds - 1, STUDENT.length) - 1]
                * Math.sqrt(squares / (rounds - 1) / rounds);
    return new Ratio(Math.exp(mean), Math.expm1(error));
  }
}
