package dev.holdfast.bench;

import static dev.holdfast.bench.Figure.round;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A row's figures with two carriers and with one, as lines of the tables. */
record Measured(Row row, Rounds two, Rounds one) {

  static final List<String> HEAD =
      List.of(
          "two carriers / one",
          Row.US + ", ns",
          "best on virtual threads, ns",
          "ratio",
          "goal",
          "",
          "best of all, ns",
          "floor, ns",
          "bytes");

  /** The line of the table that ranks: against the best on virtual threads and the floor. */
  String ranked() {
    return Stream.of(
            row.title(),
            both(rounds -> round(rounds.median(Row.US).nanos())),
            both(rounds -> named(rounds, row::isRival)),
            both(rounds -> ratio(rounds).toString()),
            row.goalOfTwo() == row.goalOfOne()
                ? "" + row.goalOfTwo()
                : row.goalOfTwo() + " / " + row.goalOfOne(),
            verdict(two, row.goalOfTwo()) + " / " + verdict(one, row.goalOfOne()),
            both(rounds -> named(rounds, row::isPeer)),
            both(rounds -> named(rounds, row::isFloor)),
            both(rounds -> round(rounds.median(Row.US).bytes())))
        .collect(line());
  }

  String byPeer(List<String> peers) {
    Function<String, String> cell =
        peer ->
            two.peers().contains(peer) || one.peers().contains(peer)
                ? both(rounds -> round(rounds.median(peer).nanos()))
                    + "; "
                    + both(rounds -> round(rounds.median(peer).bytes()))
                : "";
    return Stream.concat(Stream.of(row.title()), peers.stream().map(cell)).collect(line());
  }

  /** {@return the row as {@link BenchmarkPicture} reads it} */
  Map<String, Object> result() {
    Map<String, Object> figures = new LinkedHashMap<>();
    for (String peer : Stream.concat(row.peers().stream(), Stream.of(Row.PARK)).toList()) {
      if (two.peers().contains(peer) || one.peers().contains(peer)) {
        figures.put(peer, Arrays.asList(nanos(two, peer), nanos(one, peer)));
      }
    }
    return Map.of("title", row.title(), "figures", figures);
  }

  /** {@return the time with the digits that {@link Figure#round} shows, or null} */
  private static BigDecimal nanos(Rounds rounds, String peer) {
    return rounds.peers().contains(peer)
        ? new BigDecimal(Figure.round(rounds.median(peer).nanos()))
        : null;
  }

  private Rounds.Ratio ratio(Rounds rounds) {
    return rounds.ratio(Row.US, rounds.best(row::isRival).orElseThrow());
  }

  private static String named(Rounds rounds, Predicate<String> among) {
    String peer = rounds.best(among).orElseThrow();
    return peer + " " + round(rounds.median(peer).nanos());
  }

  private String verdict(Rounds rounds, double goal) {
    return orDash(rounds, all -> ratio(all).verdict(goal));
  }

  private String both(Function<Rounds, String> cell) {
    return orDash(two, cell) + " / " + orDash(one, cell);
  }

  /** A benchmark that failed, or that there is none of, has no figure. */
  private static String orDash(Rounds rounds, Function<Rounds, String> cell) {
    try {
      return cell.apply(rounds);
    } catch (RuntimeException e) {
      return "-";
    }
  }

  static Collector<CharSequence, ?, String> line() {
    return Collectors.joining(" | ", "| ", " |");
  }
}
