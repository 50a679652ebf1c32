package dev.holdfast.diagnostics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.holdfast.diagnostics.dump.DumpText;
import dev.holdfast.diagnostics.json.JsonObject;
import dev.holdfast.diagnostics.json.JsonReader;
import dev.holdfast.testing.ChildProcess;
import dev.holdfast.testing.LeavesNothing;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Tests {@code DumpedScopes}, {@code Exports}, {@code Options}, {@code Resources} and {@code
 * TrendRecord} as well.
 */
@LeavesNothing
class MainTest {

  @TempDir Path directory;

  private record Result(int code, String out, String err) {}

  private static Result run(String... args) {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    int code =
        Main.run(
            args,
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    return new Result(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  private String file(String name, List<DumpedThread> threads) throws Exception {
    return Files.writeString(directory.resolve(name), DumpText.JDK_25.write(Threads.data(threads)))
        .toString();
  }

  private static List<DumpedThread> sleepers(int count) {
    return Threads.parked(
        1, count, "java.base/java.lang.Thread.sleep(Thread.java:1)", "com.acme.A.a(A.java:1)");
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "'', the first word must be census",
        "count 1, the first word must be census",
        "census, census takes one process or file",
        "census 1 2, census takes one process or file",
        "census diff 1, census diff takes two",
        "census --top, --top takes a number of at least 1",
        "census 1 --top 0, --top takes a number of at least 1",
        "census 1 --top x, --top takes a number of at least 1",
        "census 1 --watch, --watch takes a time such as 15s",
        "census 1 --watch 15, --watch takes a time such as 15s",
        "census 1 --csv --json, --csv cannot be combined with --json or diff",
        "census diff 1 2 --csv, --csv cannot be combined with --json or diff",
        "census 1 --app, --app takes packages such as com.acme",
        "census 1 --app a/b, --app takes packages such as com.acme",
        "census 1 --load http://localhost/, --load requires --watch",
        "census 1 --watch 1s --load requests, --load takes the URL of a number",
        "census 1 --watch 1s --load, --load takes the URL of a number",
        "census a.json --watch 1s, --watch takes one PID",
        "census diff 1 2 --watch 1s, --watch takes one PID",
        "census 1 --rounds 2, --rounds requires --watch",
        "census 1 --pprof, --pprof takes the name of a file",
        "census 1 --flame --json, --flame takes the name of a file",
        "census 1 --collapsed --json, '--collapsed, --pprof and --flame cannot be combined'",
        "census 1 --flame f --watch 1s, '--collapsed, --pprof and --flame cannot be combined'",
        "census 1 --fast, there is no option --fast"
      })
  void bad_usage_is_one_line_with_exit_code_2(String line, String message) {
    Result result = run(line.isEmpty() ? new String[0] : line.split(" "));
    assertEquals(2, result.code, result.err);
    assertTrue(result.err.startsWith("holdfast: " + message), result.err);
    assertEquals(1, result.err.lines().count(), result.err);
    assertEquals("", result.out);
  }

  @Test
  void help_prints_the_usage() {
    for (String help : List.of("--help", "-h", "help")) {
      Result result = run("census", help);
      assertEquals(0, result.code);
      assertEquals(Options.USAGE, result.out);
      assertEquals("", result.err);
    }
  }

  @Test
  void a_file_is_counted() throws Exception {
    String file = file("a.json", sleepers(3));
    Result text = run("census", file, "--top", "1");
    assertEquals(0, text.code, text.err);
    assertTrue(text.out.contains("SLEEP com.acme.A.a -> Thread.sleep"), text.out);
    Result json = run("census", "--json", file);
    assertEquals(3, new JsonObject("", JsonReader.parse(json.out)).number("threads"));
  }

  @Test
  void two_files_are_compared() throws Exception {
    String before = file("a.json", sleepers(3));
    String after = file("b.json", sleepers(8));
    Result text = run("census", "diff", before, after);
    assertEquals(0, text.code, text.err);
    assertTrue(text.out.contains("     +5       3       8  SLEEP com.acme.A.a"), text.out);
    Result json = run("census", "diff", before, after, "--json");
    JsonObject grown = new JsonObject("", JsonReader.parse(json.out)).objects("grown").getFirst();
    assertEquals(5, grown.number("increase"));
    assertEquals(
        0,
        new JsonObject("", JsonReader.parse(run("census", "diff", after, after, "--json").out))
            .objects("grown")
            .size());
  }

  @Test
  void stacks_are_exported() throws Exception {
    String before = file("a.json", sleepers(3));
    String after = file("b.json", sleepers(8));
    Result collapsed = run("census", after, "--collapsed");
    assertEquals(0, collapsed.code, collapsed.err);
    assertEquals(1, collapsed.out.lines().count(), collapsed.out);
    assertTrue(collapsed.out.contains("com.acme.A.a;java.lang.Thread.sleep;"), collapsed.out);
    assertTrue(collapsed.out.endsWith(" 8\n"), collapsed.out);
    assertTrue(run("census", "diff", before, after, "--collapsed").out.endsWith(" 3 8\n"));

    String profile = directory.resolve("p.pb.gz").toString();
    String flame = directory.resolve("f.html").toString();
    String[][] lines = {{"census", after}, {"census", "diff", before, after}};
    for (String[] line : lines) {
      var args = new ArrayList<>(List.of(line));
      args.addAll(List.of("--pprof", profile, "--flame", flame));
      Result result = run(args.toArray(new String[0]));
      assertEquals(0, result.code, result.err);
      assertEquals("Wrote " + profile + "\nWrote " + flame + "\n", result.out);
      assertTrue(Files.size(Path.of(profile)) > 100);
      assertTrue(Files.readString(Path.of(flame)).contains("com.acme.A.a"));
      Files.delete(Path.of(profile));
      Files.delete(Path.of(flame));
    }
    isBad("no/f.html", "census", after, "--flame", directory.resolve("no/f.html").toString());
  }

  private static void isBad(String message, String... args) {
    Result result = run(args);
    assertEquals(1, result.code, result.err);
    assertTrue(result.err.startsWith("holdfast: "), result.err);
    assertTrue(result.err.contains(message), result.err);
    assertEquals(1, result.err.lines().count(), result.err);
    assertEquals("", result.out);
  }

  @Test
  void bad_input_is_one_line_with_exit_code_1() throws Exception {
    isBad("There is no process 999999999999", "census", "999999999999");
    isBad("There is no process 999999999999", "census", "999999999999", "--watch", "1s");
    isBad("There is no file", "census", directory.resolve("no.json").toString());
    isBad("has no file with a thread dump", "census", directory.toString());
    isBad("Nul character", "census", "a\0b");
    String whole = DumpText.JDK_27.write(Threads.data(sleepers(3)));
    Path file = directory.resolve("c.json");
    Files.writeString(file, whole.substring(0, whole.length() / 2));
    isBad(
        "c.json was cut short: it ends at offset " + whole.length() / 2, "census", file.toString());
    isBad("was cut short", "census", "diff", file.toString(), file.toString());
    Files.writeString(file, whole.replace("\"formatVersion\": 2", "\"formatVersion\": 9"));
    isBad("c.json is a thread dump of formatVersion 9", "census", file.toString());
    Files.writeString(file, "[]");
    isBad("c.json has no thread dump", "census", file.toString());
  }

  @Test
  void a_folder_of_dumps_has_a_trend() throws Exception {
    for (int i = 1; i <= 3; i++) {
      String dump = DumpText.JDK_25.write(Threads.data(sleepers(10 * i)));
      Files.writeString(
          directory.resolve(i + ".json"), dump.replace("12:00:00Z", "12:00:0" + i + "Z"));
    }
    Files.writeString(directory.resolve("notes.txt"), "no dump");
    Result result = run("census", directory.toString());
    assertEquals(0, result.code, result.err);
    assertTrue(
        result.out.startsWith(
            """
            Trend of 3 dumps:
              GROWING  10 20 30  SLEEP com.acme.A.a -> Thread.sleep
            """),
        result.out);
    assertTrue(result.out.contains("\n30 threads: "), result.out);
  }

  @Test
  void several_dumps_have_their_trend_as_json_and_csv() throws Exception {
    for (int i = 1; i <= 3; i++) {
      String dump = DumpText.JDK_25.write(Threads.data(sleepers(10 * i)));
      Files.writeString(
          directory.resolve(i + ".json"), dump.replace("12:00:00Z", "12:00:0" + i + "Z"));
    }
    Result json = run("census", directory.toString(), "--json");
    List<JsonObject> trend = new JsonObject("", JsonReader.parse(json.out)).objects("trend");
    assertEquals(3, trend.size());
    assertTrue(trend.getLast().string("verdict").contains("a leak, unless its load grows"));
    assertEquals("GROWING", trend.getLast().objects("groups").getFirst().string("trend"));
    Result csv = run("census", directory.toString(), "--csv");
    List<String> lines = csv.out.lines().toList();
    assertEquals("time,threads,virtual,load,count,trend,group", lines.getFirst());
    assertEquals(4, lines.size());
    assertTrue(
        lines.getLast().endsWith(",30,GROWING,\"SLEEP com.acme.A.a -> Thread.sleep\""),
        lines.getLast());
  }

  @Test
  void the_packages_of_the_application_decide_what_is_shown() throws Exception {
    List<DumpedThread> threads =
        Threads.parked(
            1,
            3,
            "java.base/java.lang.Thread.sleep(Thread.java:1)",
            "com.acme.util.Retry.pause(Retry.java:1)",
            "com.acme.shop.Orders.load(Orders.java:1)");
    String file = file("a.json", threads);
    assertTrue(run("census", file).out.contains("SLEEP com.acme.util.Retry.pause -> Thread.sleep"));
    String own = run("census", file, "--app", "org.other,com.acme.shop").out;
    assertTrue(own.contains("SLEEP com.acme.shop.Orders.load -> Retry.pause\n"), own);
    assertTrue(own.contains("#1 #2 #3, in com.acme.util.Retry.pause\n"), own);
  }

  @Test
  void names_in_a_dump_cannot_control_the_terminal() throws Exception {
    String evil = "\u001b]0;title\u0007 \u202e\r\n";
    String file =
        file(
            "a.json", List.of(Threads.of(1, evil, null, "java.base/java.lang.Thread.run(T.java)")));
    Result text = run("census", file);
    assertEquals(0, text.code, text.err);
    assertTrue(text.out.contains("\\u001b]#;title\\u0007 \\u202e\\u000d\\u000a"), text.out);
    Result missing = run("census", evil.strip());
    assertEquals(1, missing.code);
    for (String out : List.of(text.out, missing.err)) {
      assertTrue(out.replace("\n", "").chars().noneMatch(Character::isISOControl), out);
    }
  }

  /** Runs the command in a JVM of its own with a small heap. */
  private static String inSmallHeap(Path file) throws Exception {
    return ChildProcess.java(
            ChildProcess.PLENTY,
            "-Xmx32m",
            "-XX:+UseSerialGC",
            Main.class.getName(),
            "census",
            file.toString())
        .output();
  }

  @Test
  void a_dump_may_be_larger_than_the_heap() throws Exception {
    Path file = directory.resolve("large.json");
    String frames = "\"com.acme.A.a(A.java:1)\", ".repeat(40) + "\"com.acme.B.b(B.java:1)\"";
    try (var out = Files.newBufferedWriter(file)) {
      out.write("{\"threadDump\": {\"processId\": 1, \"time\": \"2026-11-21T12:11:50Z\",");
      out.write("\"runtimeVersion\": \"27\", \"threadContainers\": [{\"container\": \"r\",");
      out.write("\"threads\": [");
      for (int i = 1; i <= 60_000; i++) {
        out.write(i == 1 ? "" : ",\n");
        out.write("{\"tid\": " + i + ", \"name\": \"\", \"stack\": [" + frames + "]}");
      }
      out.write("]}]}}");
    }
    assertTrue(Files.size(file) > 60_000_000, () -> file.toString());
    String out = inSmallHeap(file);
    assertTrue(out.contains("60000 threads: "), out);
  }

  @Test
  void a_dump_that_does_not_fit_is_refused_in_one_line() throws Exception {
    Path file = directory.resolve("huge.json");
    Files.writeString(file, "{\"a\": \"" + "x".repeat(60_000_000) + "\"}");
    String out = inSmallHeap(file);
    assertTrue(out.startsWith("holdfast: "), out);
    assertTrue(out.contains("does not fit into the heap of"), out);
    assertEquals(1, out.lines().count(), out);
  }

  @Test
  void a_process_is_watched_for_some_rounds() {
    String pid = Long.toString(ProcessHandle.current().pid());
    Result result = run("census", pid, "--watch", "1ms", "--rounds", "3");
    assertEquals(0, result.code, result.err);
    assertTrue(result.out.contains("census 1: "), result.out);
    assertTrue(result.out.contains("no verdict before census 3"), result.out);
    assertTrue(result.out.contains("  verdict: "), result.out);
    Result json = run("census", pid, "--watch", "1ms", "--rounds", "2", "--json");
    assertEquals(2, json.out.lines().count(), json.out);
    Result csv = run("census", pid, "--watch", "1ms", "--rounds", "2", "--csv");
    assertEquals(1, csv.out.lines().filter(line -> line.startsWith("time,")).count(), csv.out);
  }

  @Test
  void the_load_is_read_with_each_census() throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          boolean number = exchange.getRequestURI().getPath().equals("/");
          exchange.sendResponseHeaders(200, 0);
          String body = number ? "17.5\n" : "nothing";
          exchange.getResponseBody().write(body.getBytes(StandardCharsets.UTF_8));
          exchange.close();
        });
    server.start();
    try {
      String pid = Long.toString(ProcessHandle.current().pid());
      String load = "http://127.0.0.1:" + server.getAddress().getPort() + "/";
      Result result = run("census", pid, "--watch", "1ms", "--rounds", "1", "--load", load);
      assertTrue(result.out.contains(" in groups, load 17.5\n"), result.out + result.err);
      isBad("no number for x", "census", pid, "--watch", "1ms", "--load", load + "none#x");
    } finally {
      server.stop(0);
    }
  }
}
