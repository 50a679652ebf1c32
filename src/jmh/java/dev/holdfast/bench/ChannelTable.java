package dev.holdfast.bench;

import static dev.holdfast.bench.Measured.line;
import static dev.holdfast.bench.Measured.round;
import static dev.holdfast.bench.Measured.secondary;

import dev.holdfast.bench.Measured.Figure;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs the benchmarks of channels with two carriers and with one, and prints tables in Markdown:
 * each row against its goal, all peers side by side, and the memory.
 *
 * <pre>mvn -Pjmh verify -Djmh.table
 * mvn -Pjmh verify "-Djmh.table=chain|select" -Djmh.args="-f 1"</pre>
 */
public final class ChannelTable {

  private static final List<Row> ROWS =
      List.of(
          Row.of("send then receive, one thread, capacity 16", "OneThreadBenchmark.sendReceive")
              .peers(Row.BUFFERED, Row.SPINNING)
              .goal(0.6),
          Row.of("timed receive, element ready, capacity 16", "TimedReceiveBenchmark.timedReceive")
              .peers(List.of(Row.US, "ArrayBlockingQueue", "LinkedBlockingQueue", "Kotlin"))
              .goal(0.6),
          Row.of("trySend then tryReceive, capacity 16", "OneThreadBenchmark.trySendTryReceive")
              .peers(Row.BUFFERED, Row.SPINNING)
              .goal(0.6),
          Row.rendezvous("1 to 1", "oneToOne").peers(Row.RENDEZVOUS, "Exchanger").goal(1.0),
          Row.buffered("1 to 1", "oneToOne", 1).goal(0.9),
          Row.buffered("1 to 1", "oneToOne", 16).peers(Row.BUFFERED, Row.SPINNING).goal(0.9, 0.7),
          Row.buffered("1 to 1", "oneToOne", 128).peers(Row.BUFFERED, Row.SPINNING).goal(0.8, 0.5),
          Row.buffered("1 to 1", "oneToOne", 1024).peers(Row.BUFFERED, Row.SPINNING).goal(0.4),
          Row.rendezvous("4 to 4", "fourToFour").goal(0.8, 1.3),
          Row.buffered("4 to 4", "fourToFour", 16).goal(0.6, 0.7),
          Row.buffered("4 to 4", "fourToFour", 128).goal(0.9, 0.7),
          Row.rendezvous("1000 pairs", "thousandPairs").goal(1.0, 1.3),
          Row.buffered("1000 pairs", "thousandPairs", 16).goal(0.7, 0.9),
          Row.rendezvous("chain of 100", "chainOf100").rival("SynchronousQueue").goal(1.2),
          Row.buffered("chain of 100", "chainOf100", 16).goal(0.5, 0.8),
          Row.of("select over 2, capacity 0", "SelectBenchmark.overTwo")
              .peers(Row.SELECT)
              .goal(0.7),
          Row.of("select over 8, capacity 16", "SelectBenchmark.overEight")
              .peers(Row.SELECT)
              .goal(0.2));

  private static final String IDLE = "bytes of an idle channel";
  private static final String PARKED = "bytes of an operation that parks";
  private static final String CANCELLED = "ns for each cancelled sender";

  private final Pattern wanted;
  private final CommandLineOptions given;
  private final List<String> failed = new ArrayList<>();

  private ChannelTable(Pattern wanted, CommandLineOptions given) {
    this.wanted = wanted;
    this.given = given;
  }

  /**
   * Prints the tables.
   *
   * @param args a pattern of the rows wanted, by their first column, or {@code true} for all; then
   *     options of JMH
   */
  public static void main(String[] args) throws CommandLineOptionException, RunnerException {
    Pattern wanted = Pattern.compile(args[0].equals("true") ? "" : args[0]);
    var given = new CommandLineOptions(Arrays.copyOfRange(args, 1, args.length));
    new ChannelTable(wanted, given).print();
  }

  private void print() throws RunnerException {
    List<Row> rows = ROWS.stream().filter(row -> wanted(row.title())).toList();
    if (!rows.isEmpty()) {
      printRows(rows);
    }
    if (Stream.of(IDLE, PARKED, CANCELLED).anyMatch(this::wanted)) {
      printHead("memory and cancellation", Row.US, "at most", "", "peers");
      printIdle();
      printParked();
      printCancelled();
    }
    if (!failed.isEmpty()) {
      throw new IllegalStateException("Failed, run it alone to see why: " + failed);
    }
  }

  private void printRows(List<Row> rows) throws RunnerException {
    List<Measured> all = new ArrayList<>();
    printHead("two carriers / one", Row.US + ", ns", "against", "ratio", "goal", "", "bytes");
    for (Row row : rows) {
      var measured = new Measured(row, figures(row, 2), figures(row, 1));
      all.add(measured);
      System.out.println(measured.againstGoal());
    }
    List<String> peers = rows.stream().flatMap(row -> row.peers().stream()).distinct().toList();
    printHead(Stream.concat(Stream.of("ns; bytes"), peers.stream()).toArray(String[]::new));
    all.forEach(measured -> System.out.println(measured.byPeer(peers)));
  }

  private Map<String, Figure> figures(Row row, int carriers) throws RunnerException {
    String[] peers = row.peers(carriers);
    ChainedOptionsBuilder options = options(row.benchmark(), carriers).param("peer", peers);
    options.shouldFailOnError(false); // the other rows are still measured
    if (row.capacity() > 0) {
      options.param("capacity", "" + row.capacity());
    }
    Map<String, Figure> figures =
        run(options).stream()
            .collect(Collectors.toMap(result -> result.getParams().getParam("peer"), Figure::of));
    for (String peer : peers) {
      if (!figures.containsKey(peer)) {
        failed.add(row.title() + ", " + peer + ", carriers: " + carriers);
      }
    }
    return figures;
  }

  private void printIdle() throws RunnerException {
    if (!wanted(IDLE)) {
      return;
    }
    Map<String, Map<String, Double>> byCapacity = new TreeMap<>();
    for (RunResult result : run(once("Idle(Channel|Peer)Benchmark", 1))) {
      byCapacity
          .computeIfAbsent(result.getParams().getParam("capacity"), none -> new TreeMap<>())
          .put(method(result), secondary(result, "bytesPerChannel"));
    }
    byCapacity.forEach((capacity, bytes) -> {
      double most = capacity.equals("0") ? 200 : 400;
      String title = IDLE + ", capacity " + capacity;
      Double used = bytes.remove("holdfastUsed");
      printBar(title, most, bytes);
      if (used != null) {
        printBar(title + ", has been used", most, Map.of(Row.US, used));
      }
    });
  }

  private void printParked() throws RunnerException {
    if (!wanted(PARKED)) {
      return;
    }
    double park =
        run(options("ParkBenchmark", 1)).stream()
            .mapToDouble(result -> Figure.of(result).bytes())
            .findFirst()
            .orElse(Double.NaN);
    Row row =
        Row.rendezvous(PARKED, "oneToOne")
            .peers(List.of(Row.US, "SynchronousQueue", "LinkedTransferQueue", "Jox"));
    Map<String, Double> bytes = new TreeMap<>();
    figures(row, 1).forEach((peer, figure) -> bytes.put(peer, figure.bytes() - park));
    printBar(PARKED + " beyond the " + round(park) + " of park and unpark", 48, bytes);
  }

  private void printCancelled() throws RunnerException {
    if (!wanted(CANCELLED)) {
      return;
    }
    Map<String, Map<Integer, Double>> nanos = new TreeMap<>();
    for (RunResult result : run(once("CancelledSendersBenchmark", 5))) {
      nanos
          .computeIfAbsent(result.getParams().getParam("peer"), none -> new TreeMap<>())
          .put(
              Integer.valueOf(result.getParams().getParam("senders")),
              secondary(result, "nanosPerSender"));
    }
    for (int senders : new int[] {1_000, 10_000, 30_000}) {
      Map<String, Double> each = new TreeMap<>();
      nanos.forEach((peer, of) -> each.put(peer, of.get(senders)));
      // Linear in all: three times as much for each is allowed for memory that is further away.
      printBar(CANCELLED + " of " + senders, 3 * nanos.get(Row.US).get(1_000), each);
    }
  }

  private static void printBar(String title, double most, Map<String, Double> figures) {
    double ours = figures.getOrDefault(Row.US, Double.NaN);
    String others =
        figures.entrySet().stream()
            .filter(entry -> !entry.getKey().equals(Row.US))
            .map(entry -> entry.getKey() + " " + round(entry.getValue()))
            .collect(Collectors.joining(", "));
    print(title, round(ours), round(most), ours <= most ? "met" : "missed", others);
  }

  private boolean wanted(String title) {
    return wanted.matcher(title).find();
  }

  private ChainedOptionsBuilder options(String benchmark, int carriers) {
    return options(benchmark).jvmArgsAppend("-Djdk.virtualThreadScheduler.parallelism=" + carriers);
  }

  /** For results that JMH would sum over iterations and forks: one of each, whatever is given. */
  private ChainedOptionsBuilder once(String benchmark, int warmUp) {
    return options(benchmark).forks(1).warmupIterations(warmUp).measurementIterations(1);
  }

  private ChainedOptionsBuilder options(String benchmark) {
    ChainedOptionsBuilder options = new OptionsBuilder().parent(given);
    if (Runtime.version().feature() >= 24 && !given.getJvmArgsPrepend().hasValue()) {
      options.jvmArgsPrepend(
          "--sun-misc-unsafe-memory-access=allow"); // so that JMH prints no warnings
    }
    return options
        .include("\\." + benchmark)
        .addProfiler(GCProfiler.class)
        .shouldFailOnError(true)
        .timeout(TimeValue.seconds(60))
        .verbosity(VerboseMode.SILENT);
  }

  private static Collection<RunResult> run(ChainedOptionsBuilder options) throws RunnerException {
    return new Runner(options.build()).run();
  }

  private static String method(RunResult result) {
    String name = result.getParams().getBenchmark();
    return name.substring(name.lastIndexOf('.') + 1);
  }

  private static void print(String... cells) {
    System.out.println(Stream.of(cells).collect(line()));
  }

  private static void printHead(String... cells) {
    System.out.println();
    print(cells);
    System.out.println("|" + "---|".repeat(cells.length));
  }
}
