package dev.holdfast.diagnostics;

import dev.holdfast.diagnostics.census.Load;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The options of the command line.
 *
 * @param help whether to print only the usage
 * @param first the process or file
 * @param second the process or file to compare it with, if any
 * @param app the packages of the application; if empty, the census guesses which code is the
 *     application's
 * @param json whether to write JSON instead of text
 * @param csv whether to write CSV instead of text
 * @param exports the exports to write instead of text
 * @param top the maximum number of groups to print
 * @param watch the pause between two censuses, or null for a single census
 * @param load reads the load of the service, or null
 * @param rounds the number of censuses if there is a pause
 */
record Options(
    boolean help,
    String first,
    @Nullable String second,
    List<String> app,
    boolean json,
    boolean csv,
    Exports exports,
    int top,
    @Nullable Duration watch,
    @Nullable Load load,
    int rounds) {

  static final String USAGE =
      """
      Counts the threads of a JVM by what they do and where.

        java -jar holdfast.jar census PID|FILE [--app P] [--json|--csv] [--top N] [export]
        java -jar holdfast.jar census diff A B [--app P] [--json] [--top N] [export]
        java -jar holdfast.jar census PID --watch 15s [--load URL] [--rounds N] [--json|--csv]

      PID is a JVM of JDK 21 or newer on this machine; unless you are root, it must run as
      the same user. FILE contains dumps by jcmd, jstack, kill -3, Spring's actuator,
      VisualVM or OpenJ9, on their own or in a log; it may be a folder, or - for the standard
      input. For several dumps, the census shows the last one, and the trend of all. Only
      dumps of 'jcmd PID Thread.dump_to_file -format=json FILE' list all virtual threads.

        diff A B     print the groups that have grown from A to B, each a PID or a FILE
        --watch 15s  take a census every 15 s (units: ms, s, m, h), and print what grows
        --load URL   with --watch, read the load too, to distinguish a leak from growing load.
                     The page has a number, a metric of Spring's actuator, or metrics in the
                     format of Prometheus; for those, add # and a metric's name to the URL
        --rounds N   stop after N censuses of --watch; the default is no limit
        --top N      print N groups at most; the default is 20
        --app P      the packages of your own code, such as com.acme,org.acme; without it,
                     all code outside the JDK and known frameworks
        --json       print JSON, with all groups; with --watch, a line for each census
        --csv        print a line for each group and census

      An export contains all stacks, and replaces the groups:

        --collapsed   print a line for each stack and its number of threads, for
                      flamegraph.pl and speedscope; two numbers for diff
        --pprof FILE  write a profile for 'go tool pprof -top FILE' and '-http=: FILE'
        --flame FILE  write a flame graph, an HTML page that needs no network; for diff,
                      red has grown and blue has shrunk

      Exit code: 0 success, 1 no such JVM or dump, 2 bad usage.
      """;

  private static final int TOP = 20;
  private static final Pattern PAUSE = Pattern.compile("(\\d{1,9})(ms|s|m|h)");
  private static final Pattern PID = Pattern.compile("\\d{1,18}");

  static boolean isPid(String target) {
    return PID.matcher(target).matches();
  }

  static Options parse(String[] args) {
    var left = new ArrayDeque<>(List.of(args));
    var targets = new ArrayList<String>();
    boolean help = false;
    var app = new ArrayList<String>();
    boolean json = false;
    boolean csv = false;
    boolean collapsed = false;
    Path pprof = null;
    Path flame = null;
    int top = TOP;
    Duration watch = null;
    Load load = null;
    Integer rounds = null;
    while (!left.isEmpty()) {
      String arg = left.removeFirst();
      switch (arg) {
        case "--help", "-h", "help" -> help = true;
        case "--json" -> json = true;
        case "--csv" -> csv = true;
        case "--app" -> app.addAll(packages(left.pollFirst()));
        case "--load" -> load = Load.at(String.valueOf(left.pollFirst()));
        case "--collapsed" -> collapsed = true;
        case "--pprof" -> pprof = file(arg, left.pollFirst());
        case "--flame" -> flame = file(arg, left.pollFirst());
        case "--top" -> top = count(arg, left.pollFirst());
        case "--rounds" -> rounds = count(arg, left.pollFirst());
        case "--watch" -> watch = pause(left.pollFirst());
        default -> targets.add(arg);
      }
    }
    var exports = new Exports(collapsed, pprof, flame);
    if (help) {
      return new Options(true, "", null, app, json, csv, exports, top, watch, load, 1);
    }
    targets.stream()
        .filter(t -> t.startsWith("-") && !t.equals("-"))
        .findFirst()
        .ifPresent(t -> {
          throw new IllegalArgumentException("there is no option " + t);
        });
    if (targets.isEmpty() || !targets.removeFirst().equals("census")) {
      throw new IllegalArgumentException("the first word must be census");
    }
    boolean diff = !targets.isEmpty() && targets.getFirst().equals("diff");
    if (targets.size() != (diff ? 3 : 1)) {
      throw new IllegalArgumentException(
          diff ? "census diff takes two processes or files" : "census takes one process or file");
    }
    if (watch != null && (diff || !isPid(targets.getFirst()))) {
      throw new IllegalArgumentException("--watch takes one PID");
    }
    if (exports.any() && (json || csv || watch != null)) {
      throw new IllegalArgumentException(
          "--collapsed, --pprof and --flame cannot be combined with --json, --csv or --watch");
    }
    if (csv && (json || diff)) {
      throw new IllegalArgumentException("--csv cannot be combined with --json or diff");
    }
    if (load != null && watch == null) {
      throw new IllegalArgumentException("--load requires --watch");
    }
    if (rounds != null && watch == null) {
      throw new IllegalArgumentException("--rounds requires --watch");
    }
    return new Options(
        false,
        targets.get(diff ? 1 : 0),
        diff ? targets.get(2) : null,
        app,
        json,
        csv,
        exports,
        top,
        watch,
        load,
        rounds == null ? Integer.MAX_VALUE : rounds);
  }

  private static List<String> packages(@Nullable String value) {
    if (value == null || !value.matches("[\\w.$*]+(?:,[\\w.$*]+)*")) {
      throw new IllegalArgumentException("--app takes packages such as com.acme, not " + value);
    }
    return List.of(value.split(","));
  }

  private static Path file(String option, @Nullable String value) {
    if (value == null || value.startsWith("-")) {
      throw new IllegalArgumentException(option + " takes the name of a file, not " + value);
    }
    return Path.of(value);
  }

  private static int count(String option, @Nullable String value) {
    if (value == null || !value.matches("[1-9]\\d{0,8}")) {
      throw new IllegalArgumentException(option + " takes a number of at least 1, not " + value);
    }
    return Integer.parseInt(value);
  }

  private static Duration pause(@Nullable String value) {
    Matcher matcher = PAUSE.matcher(value == null ? "" : value);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("--watch takes a time such as 15s or 2m, not " + value);
    }
    long amount = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms" -> Duration.ofMillis(amount);
      case "s" -> Duration.ofSeconds(amount);
      case "m" -> Duration.ofMinutes(amount);
      default -> Duration.ofHours(amount);
    };
  }
}
