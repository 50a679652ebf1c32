package dev.holdfast.bench;

import static dev.holdfast.bench.Figure.round;
import static dev.holdfast.bench.Measured.line;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.regex.Pattern;

/**
 * Prints a table in Markdown: what each of few and of very many forks, scopes, channels, timers or
 * waiting threads costs, with Holdfast and its peers. A row takes less than a minute.
 *
 * <p>A cell shows nanoseconds and bytes for each. The last two columns say how processor time and
 * bytes grow from 1000 on (from 100 on, where there are less): the largest figure divided by that
 * of 1000. Processor time, because other programs on the machine hardly affect it.
 *
 * <pre>mvn -Pjmh verify -Djmh.growth
 * mvn -Pjmh verify "-Djmh.growth=timers|nested" -Djmh.growth.most=10000</pre>
 */
public final class GrowthTable {

  /** A measurement: for each unit. */
  private record Cost(double nanos, double bytes, double processorNanos) {

    @Override
    public String toString() {
      return round(nanos) + "; " + round(bytes);
    }
  }

  private GrowthTable() {}

  /**
   * Prints the table.
   *
   * @param args a pattern of the rows wanted, or {@code true} for all; the largest number
   */
  public static void main(String[] args) throws Exception {
    Pattern wanted = Pattern.compile(args[0].equals("true") ? "" : args[0]);
    int most = Integer.parseInt(args[1]);
    List<GrowthRow> rows =
        GrowthRow.ROWS.stream().filter(row -> wanted.matcher(row.title()).find()).toList();
    List<Integer> sizes =
        rows.stream().flatMap(row -> row.sizes(most).stream()).distinct().sorted().toList();
    List<String> head = new ArrayList<>(List.of("ns; bytes", "over"));
    sizes.forEach(size -> head.add("" + size));
    head.addAll(List.of("time grows", "bytes grow"));
    System.out.println(head.stream().collect(line()));
    System.out.println("|" + "---|".repeat(head.size()));
    for (GrowthRow row : rows) {
      for (String peer : row.peers()) {
        Map<Integer, Cost> costs = measure(row, peer, most);
        List<String> cells = new ArrayList<>(List.of(row.title(), peer));
        sizes.forEach(size -> cells.add(costs.containsKey(size) ? "" + costs.get(size) : ""));
        cells.add(growth(row, costs, Cost::processorNanos));
        cells.add(growth(row, costs, Cost::bytes));
        System.out.println(cells.stream().collect(line()));
      }
    }
  }

  private static String growth(
      GrowthRow row, Map<Integer, Cost> costs, ToDoubleFunction<Cost> figure) {
    if (!costs.containsKey(row.base())) {
      return "-";
    }
    double base = figure.applyAsDouble(costs.get(row.base()));
    double worst =
        costs.entrySet().stream()
            .filter(entry -> entry.getKey() > row.base())
            .mapToDouble(entry -> figure.applyAsDouble(entry.getValue()) / base)
            .max()
            .orElse(1);
    return String.format(Locale.ROOT, "%.2f", worst);
  }

  private static Map<Integer, Cost> measure(GrowthRow row, String peer, int most) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    if (peer.equals(GrowthRow.JOX)) {
      command.add("--enable-preview");
    }
    command.addAll(List.of("-Xms3g", "-Xmx3g", "-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(Growth.class.getName(), row.title(), peer, "" + most));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    Map<Integer, Cost> costs = new TreeMap<>();
    try (var output = process.getInputStream()) {
      String text = new String(output.readAllBytes(), StandardCharsets.UTF_8);
      process.waitFor(1, TimeUnit.MINUTES);
      text.lines()
          .filter(line -> line.startsWith(Growth.MARK))
          .map(line -> line.substring(Growth.MARK.length()).split(" "))
          .forEach(words -> {
            double[] figures = Arrays.stream(words).mapToDouble(Double::parseDouble).toArray();
            costs.put((int) figures[0], new Cost(figures[1], figures[2], figures[3]));
          });
    } finally {
      process.destroyForcibly();
    }
    return costs;
  }
}
