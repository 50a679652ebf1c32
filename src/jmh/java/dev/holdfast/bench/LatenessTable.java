package dev.holdfast.bench;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Prints a table in Markdown: how late threads are beside traffic of each kind, over channels of
 * Holdfast and its peers, with two carriers and with one. Each cell shows the median, the 99th
 * percentile and the maximum in milliseconds; "never" means not once.
 *
 * <pre>mvn -Pjmh verify -Djmh.lateness
 * mvn -Pjmh verify "-Djmh.lateness=pairs|chain"</pre>
 */
public final class LatenessTable {

  private static final String MILLIS = "3000";

  /** Without the mechanism, if it is set. */
  private static final String DIRECT = "dev.holdfast.wakeups.direct";

  private static final List<String> ANY = List.of("holdfast");
  private static final List<String> RENDEZVOUS =
      List.of("holdfast", "SynchronousQueue", "Jox", "Kotlin");
  private static final List<String> BUFFERED =
      List.of("holdfast", "ArrayBlockingQueue", "Jox", "Kotlin");
  private static final List<String> SELECT = List.of("holdfast", "Jox", "Kotlin");

  /** A kind of traffic, and over what it runs. */
  private record Kind(String traffic, List<String> peers) {}

  private static final List<Kind> KINDS =
      List.of(
          new Kind(BusyTraffic.NOTHING, ANY),
          new Kind("pairs 2 0", RENDEZVOUS),
          new Kind("pairs 50 0", RENDEZVOUS),
          new Kind("pairs 1000 0", RENDEZVOUS),
          new Kind("pairs 2 16", BUFFERED),
          new Kind("pairs 50 16", BUFFERED),
          new Kind("pairs 1000 16", BUFFERED),
          new Kind("chain 100 0", RENDEZVOUS),
          new Kind("chain 100 16", BUFFERED),
          new Kind("select 8 16", SELECT),
          new Kind(BusyTraffic.FORKS, ANY),
          new Kind(BusyTraffic.FAN_OUT, ANY),
          new Kind(BusyTraffic.CHECKPOINTS, ANY),
          new Kind(BusyTraffic.COMPUTING, ANY));

  private LatenessTable() {}

  /**
   * Prints the table.
   *
   * @param args a pattern of the kinds of traffic wanted, or {@code true} for all
   */
  public static void main(String[] args) throws Exception {
    Pattern wanted = Pattern.compile(args[0].equals("true") ? "" : args[0]);
    print(Stream.concat(Stream.of("traffic", "over", "carriers"), Lateness.COLUMNS.stream()));
    print(Stream.generate(() -> "---").limit(3 + Lateness.COLUMNS.size()));
    for (Kind kind : KINDS) {
      if (wanted.matcher(kind.traffic).find()) {
        for (String peer : kind.peers) {
          for (int carriers = 2; carriers > 0; carriers--) {
            String[] cells = measure(peer, kind.traffic, carriers);
            Stream<String> row = Stream.of(kind.traffic, peer, "" + carriers);
            print(Stream.concat(row, Stream.of(cells).limit(Lateness.COLUMNS.size())));
          }
        }
      }
    }
  }

  private static String[] measure(String peer, String traffic, int carriers) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Djdk.virtualThreadScheduler.parallelism=" + carriers);
    command.add("-Djdk.virtualThreadScheduler.maxPoolSize=" + carriers);
    command.add("-D" + DIRECT + "=" + Boolean.getBoolean(DIRECT));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(Lateness.class.getName(), peer, traffic, MILLIS));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    try (var output = process.getInputStream()) {
      String text = new String(output.readAllBytes(), StandardCharsets.UTF_8);
      process.waitFor(1, TimeUnit.MINUTES);
      return text.lines()
          .filter(line -> line.startsWith("LATE "))
          .map(line -> line.substring(5).split(";"))
          .findFirst()
          .orElse(new String[] {"failed"});
    } finally {
      process.destroyForcibly();
    }
  }

  private static void print(Stream<String> cells) {
    System.out.println(cells.collect(Collectors.joining(" | ", "| ", " |")));
  }
}
