package dev.holdfast.diagnostics;

import dev.holdfast.diagnostics.census.Load;
import dev.holdfast.diagnostics.census.Trend;
import dev.holdfast.diagnostics.census.TrendRecord;
import dev.holdfast.diagnostics.json.JsonWriter;
import dev.holdfast.internal.util.Printable;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The command line, described in {@link Options#USAGE}. */
final class Main {

  private final PrintStream out;
  private final Options options;

  private Main(PrintStream out, Options options) {
    this.out = out;
    this.options = options;
  }

  /** Runs the command line and exits with 0 for success, 1 for bad input, 2 for bad usage. */
  public static void main(String[] args) {
    int code = run(args, System.out, System.err);
    System.out.flush();
    System.exit(code);
  }

  static int run(String[] args, PrintStream out, PrintStream err) {
    Options options;
    try {
      options = Options.parse(args);
    } catch (IllegalArgumentException e) {
      err.println("holdfast: " + Printable.of(e.getMessage() + "; see --help"));
      return 2;
    }
    try {
      new Main(out, options).run();
      return 0;
    } catch (IOException | InvalidPathException e) {
      err.println("holdfast: " + oneLine(e));
      return 1;
    } catch (InterruptedException e) {
      err.println("holdfast: interrupted");
      return 1;
    } catch (OutOfMemoryError e) {
      long megabytes = Runtime.getRuntime().maxMemory() >> 20;
      err.println(
          "holdfast: the dump does not fit into the heap of "
              + megabytes
              + " MB; run java with a larger -Xmx");
      return 1;
    }
  }

  private static String oneLine(Exception e) {
    String message = e instanceof ThreadDumpException ? e.getMessage() : e.toString();
    return Printable.of(String.valueOf(message).replaceAll("\\R", " "));
  }

  private void run() throws IOException, InterruptedException {
    if (options.help()) {
      out.print(Options.USAGE);
    } else if (options.second() != null) {
      diff(dumps(options.first()).getLast(), dumps(options.second()).getLast());
    } else if (options.watch() != null) {
      watch(options.watch());
    } else {
      censuses(dumps(options.first()));
    }
  }

  /** {@return a dump of a process, or the dumps in a file, in a folder or on the standard input} */
  private static List<ThreadDump> dumps(String target) throws IOException, InterruptedException {
    if (Options.isPid(target)) {
      return List.of(ThreadDump.of(Long.parseLong(target)));
    }
    return target.equals("-") ? ThreadDump.readAll(System.in) : ThreadDump.readAll(Path.of(target));
  }

  private Census census(ThreadDump dump) {
    return Census.of(dump, options.app());
  }

  /** Prints the census of the last dump and, if there are several dumps, their trend. */
  private void censuses(List<ThreadDump> dumps) throws IOException {
    if (options.exports().any()) {
      options.exports().write(dumps.getLast(), out);
      return;
    }
    var trend = new Trend();
    var records = new ArrayList<TrendRecord>();
    for (ThreadDump dump : dumps) {
      records.add(record(census(dump), Double.NaN, trend));
    }
    Census last = census(dumps.getLast());
    if (options.csv()) {
      out.print(TrendRecord.CSV_HEADER);
      records.forEach(record -> out.print(record.csv()));
    } else if (options.json()) {
      out.print(CensusReport.json(last, records));
    } else {
      if (dumps.size() > 1) {
        out.printf("Trend of %d dumps:\n%s\n", dumps.size(), trend.text(options.top()));
      }
      out.print(last.toText(options.top()));
    }
  }

  private static TrendRecord record(Census census, double load, Trend trend) {
    Map<String, Integer> counts = CensusReport.countsByLabel(census);
    trend.add(counts, load);
    return new TrendRecord(
        census.dump().time(),
        census.dump().threads().size(),
        census.virtualThreads(),
        load,
        counts,
        trend.verdicts(),
        trend.verdict());
  }

  private void diff(ThreadDump from, ThreadDump to) throws IOException {
    if (options.exports().any()) {
      options.exports().writeDiff(from, to, out);
      return;
    }
    Census before = census(from);
    Census after = census(to);
    out.print(
        options.json()
            ? JsonWriter.of(CensusReport.diffJson(before, after))
            : CensusReport.diffText(before, after, options.top()));
  }

  private void watch(Duration pause) throws IOException, InterruptedException {
    var trend = new Trend();
    for (int round = 1; round <= options.rounds(); round++) {
      if (round > 1) {
        Thread.sleep(pause);
      }
      Census census = census(dumps(options.first()).getLast());
      double load = options.load() == null ? Double.NaN : load(options.load());
      TrendRecord record = record(census, load, trend);
      if (options.csv()) {
        out.print((round == 1 ? TrendRecord.CSV_HEADER : "") + record.csv());
      } else if (options.json()) {
        out.print(record.jsonLine());
      } else {
        out.printf(
            "%s census %d: %d threads, %d virtual, %d in groups%s\n",
            record.time(),
            round,
            record.threads(),
            record.virtual(),
            census.groupedThreads(),
            Double.isNaN(load) ? "" : String.format(Locale.ROOT, ", load %.1f", load));
        out.print(trend.text(options.top()));
      }
      out.flush();
    }
  }

  private static double load(Load load) throws IOException {
    try {
      return load.read();
    } catch (IOException e) {
      throw new ThreadDumpException(String.valueOf(e.getMessage()), e);
    }
  }
}
