package dev.holdfast.bench;

import static dev.holdfast.bench.Figure.round;
import static dev.holdfast.bench.Figure.secondary;
import static dev.holdfast.bench.Measured.line;

import dev.holdfast.diagnostics.json.JsonWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
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
 * each row against its goal, all peers side by side, and the memory. A row takes less than a
 * minute. The results also go to {@code target/benchmarks.json}, and as bars to {@code
 * target/benchmarks.html}.
 *
 * <p>The verdict is on the ratio to the best peer that runs on virtual threads. Kotlin's coroutines
 * and the floors are shown beside it. Rounds of Holdfast and of that peer alternate until the 95 %
 * interval of the ratio is within 10 %. If the time runs out first, the table shows the interval,
 * and a goal inside it is undecided.
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
          Row.rendezvous("1 to 1", "oneToOne").peers(Row.RENDEZVOUS, "Exchanger").goal(0.95),
          Row.buffered("1 to 1", "oneToOne", 1).goal(0.9),
          Row.buffered("1 to 1", "oneToOne", 16).peers(Row.BUFFERED, Row.SPINNING).goal(0.5, 0.7),
          Row.buffered("1 to 1", "oneToOne", 128).peers(Row.BUFFERED, Row.SPINNING).goal(0.35, 0.7),
          Row.buffered("1 to 1", "oneToOne", 1024)
              .peers(Row.BUFFERED, Row.SPINNING)
              .goal(0.35, 0.7),
          Row.rendezvous("4 to 4", "fourToFour").goal(0.8, 1.0),
          Row.buffered("4 to 4", "fourToFour", 16).goal(0.4, 0.7),
          Row.buffered("4 to 4", "fourToFour", 128).goal(0.6, 0.7),
          Row.rendezvous("1000 pairs", "thousandPairs").goal(0.9, 1.0),
          Row.buffered("1000 pairs", "thousandPairs", 16).goal(0.7),
          Row.rendezvous("chain of 100", "chainOf100").goal(0.9, 1.0),
          Row.buffered("chain of 100", "chainOf100", 16).goal(0.5, 0.6),
          Row.of("select over 2, capacity 0", "SelectBenchmark.overTwo")
              .peers(Row.SELECT)
              .goal(0.7),
          Row.of("select over 8, capacity 16", "SelectBenchmark.overEight")
              .peers(Row.SELECT)
              .goal(0.35, 0.12));

  /** The time for a row with one number of carriers, unless its ratio is exact before. */
  private static final long ROW_NANOS = 28_000_000_000L;

  private static final Path DATA = Path.of("target/benchmarks.json");
  private static final Path PICTURE = Path.of("target/benchmarks.html");

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
    printHead(Measured.HEAD.toArray(String[]::new));
    for (Row row : rows) {
      var measured = new Measured(row, rounds(row, 2), rounds(row, 1));
      all.add(measured);
      System.out.println(measured.ranked());
    }
    List<String> peers = rows.stream().flatMap(row -> row.peers().stream()).distinct().toList();
    printHead(Stream.concat(Stream.of("ns; bytes"), peers.stream()).toArray(String[]::new));
    all.forEach(measured -> System.out.println(measured.byPeer(peers)));
    draw(all);
  }

  private static void draw(List<Measured> all) {
    String about =
        "%s, JDK %s, %d processors, %s"
            .formatted(
                System.getProperty("os.name"),
                Runtime.version(),
                Runtime.getRuntime().availableProcessors(),
                LocalDate.now());
    Object rows = all.stream().map(Measured::result).toList();
    String json = JsonWriter.of(Map.of("about", about, "rows", rows));
    try {
      Files.createDirectories(PICTURE.getParent());
      Files.writeString(DATA, json);
      Files.writeString(PICTURE, new BenchmarkPicture(json).html());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    System.out.println("\nBars: " + PICTURE.toUri());
  }

  /** Runs all peers once, then ours and the best in turn until the ratio is exact or time is up. */
  private Rounds rounds(Row row, int carriers) throws RunnerException {
    long begun = System.nanoTime();
    var rounds = new Rounds();
    for (String peer : row.peers(carriers)) {
      run(row, peer, carriers, 0, rounds);
    }
    if (row.benchmark().startsWith("Rendezvous")) {
      rounds.add(0, Row.PARK, park(carriers));
    }
    for (int round = 1; System.nanoTime() - begun < ROW_NANOS; round++) {
      String rival = rounds.best(row::isRival).orElse("");
      if (!rounds.peers().containsAll(List.of(Row.US, rival))
          || rounds.ratio(Row.US, rival).isExact()) {
        break;
      }
      run(row, Row.US, carriers, round, rounds);
      run(row, rival, carriers, round, rounds);
    }
    return rounds;
  }

  private void run(Row row, String peer, int carriers, int round, Rounds rounds)
      throws RunnerException {
    ChainedOptionsBuilder options = options(row.benchmark(), carriers).param("peer", peer);
    options.shouldFailOnError(false); // the other rows are still measured
    shorten(options);
    if (row.capacity() > 0) {
      options.param("capacity", "" + row.capacity());
    }
    Collection<RunResult> results = run(options);
    if (results.isEmpty()) {
      failed.add(row.title() + ", " + peer + ", carriers: " + carriers);
    }
    results.forEach(result -> rounds.add(round, peer, Figure.of(result)));
  }

  private Figure park(int carriers) throws RunnerException {
    return run(shorten(options("ParkBenchmark", carriers))).stream()
        .map(Figure::of)
        .findFirst()
        .orElseThrow();
  }

  /** One short fork, since there are several rounds, unless the command line says otherwise. */
  private ChainedOptionsBuilder shorten(ChainedOptionsBuilder options) {
    if (!given.getForkCount().hasValue()) {
      options.forks(1);
    }
    if (!given.getWarmupIterations().hasValue()) {
      options.warmupIterations(2);
    }
    if (!given.getMeasurementIterations().hasValue()) {
      options.measurementIterations(3);
    }
    return options;
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
        printBar(title + ", after use", most, Map.of(Row.US, used));
      }
    });
  }

  private void printParked() throws RunnerException {
    if (!wanted(PARKED)) {
      return;
    }
    double park = park(1).bytes();
    Row row =
        Row.rendezvous(PARKED, "oneToOne")
            .peers(List.of(Row.US, "SynchronousQueue", "LinkedTransferQueue", "Jox"));
    Map<String, Double> bytes = new TreeMap<>();
    var rounds = new Rounds();
    for (String peer : row.peers()) {
      run(row, peer, 1, 0, rounds);
    }
    rounds.peers().forEach(peer -> bytes.put(peer, rounds.median(peer).bytes() - park));
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
