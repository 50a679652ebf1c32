package dev.holdfast.diagnostics.dump;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.diagnostics.DumpedThread;
import dev.holdfast.diagnostics.dump.data.DumpData;
import dev.holdfast.diagnostics.json.JsonWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * One dump, as logs, log servers and people wrap it.
 *
 * <p>Tests {@code LogEntry}, {@code LogPrefix}, {@code DumpInput} and {@code ClassicVersion} as
 * well.
 */
class LogLinesTest {

  private static final String TIME = "2026-11-26T18:05:37.314944879Z";
  private static final Map<String, Function<String, byte[]>> WRAPPERS = new LinkedHashMap<>();

  static {
    lines("cri", line -> TIME + " stdout F " + line);
    lines("cri, split", line -> split(line, "\n" + TIME + " stdout F ", TIME + " stdout P "));
    lines("docker", line -> json("log", line + "\n", "stream", "stdout"));
    lines("docker, split", LogLinesTest::dockerSplit);
    lines("docker, with JSON in it", line -> json("log", json("message", line) + "\n"));
    lines("cri, with JSON in it", line -> TIME + " stdout F " + json("level", 1, "message", line));
    lines("journald", line -> json("_PID", "1", "MESSAGE", line));
    lines("journald, bytes", line -> json("MESSAGE", bytes(line)));
    lines("Datadog, lines", line -> json("content", Map.of("message", line)));
    lines("ECS", line -> json("event", Map.of("original", line)));
    lines("Elasticsearch, lines", line -> json("_index", "x", "_source", Map.of("message", line)));
    lines("Loki, lines", line -> json("labels", Map.of("app", "x"), "line", line));
    lines("logcli", line -> TIME + " {app=\"x\", pod=\"y-1\"} " + line);
    lines("stern, colored", line -> "\u001b[36mshop-1\u001b[0m \u001b[96mapp\u001b[0m " + line);
    lines("Heroku", line -> "2026-11-26T18:05:37.314944+00:00 app[web.1]: " + line);
    lines("Cloud Foundry", line -> "   2026-11-26T18:05:37.31+0000 [APP/PROC/WEB/0] OUT " + line);
    lines("syslog", line -> "<14>1 2026-11-26T18:05:37.314944+00:00 host app 1234 - - " + line);
    lines("rsyslog", line -> "Nov 26 18:05:19 host app[1]: " + line.replace("\t", "#011"));
    lines("CloudWatch", line -> "2026-11-26T18:05:37.314Z\t" + line);
    lines("indented", line -> "    " + line);
    lines("quoted", line -> "> " + line);
    lines("CRLF", line -> line + "\r");
    answer("Datadog", line -> Map.of("attributes", Map.of("message", line)), "data");
    answer("Elasticsearch", line -> Map.of("_source", Map.of("message", line)), "hits");
    answer("CloudWatch, answer", line -> Map.of("timestamp", 1, "message", line), "events");
    answer("Loki", line -> List.of("17", line), "values");
    text("one entry", dump -> json("level", "info", "message", "Threads:\n" + dump));
    text("web page", dump -> "<pre>" + html(dump) + "</pre>");
    text("Markdown", dump -> "It hangs:\n```\n" + dump + "```\nThanks, \"you\" #3\n");
    WRAPPERS.put("gzip twice", dump -> gzip(gzip(utf8(dump))));
    WRAPPERS.put("UTF-16", dump -> ("\uFEFF" + dump).getBytes(StandardCharsets.UTF_16BE));
    WRAPPERS.put("UTF-16 without mark", dump -> dump.getBytes(StandardCharsets.UTF_16BE));
  }

  private static void text(String name, Function<String, String> wrapper) {
    WRAPPERS.put(name, dump -> utf8(wrapper.apply(dump)));
  }

  private static void lines(String name, Function<String, String> wrapper) {
    text(name, dump -> dump.lines().map(wrapper).collect(Collectors.joining("\n")));
  }

  private static void answer(String name, Function<String, ?> entry, String list) {
    text(name, dump -> json("status", "ok", list, dump.lines().map(entry).toList()));
  }

  private static String json(Object... namesAndValues) {
    var map = new LinkedHashMap<String, Object>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      map.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return JsonWriter.of(map).replaceAll("\\R *", "");
  }

  private static String split(String line, String between, String before) {
    int middle = line.length() / 2;
    return line.length() < 40
        ? between.substring(1) + line
        : before + line.substring(0, middle) + between + line.substring(middle);
  }

  private static String dockerSplit(String line) {
    int middle = line.length() / 2;
    return line.length() < 40
        ? json("log", line + "\n")
        : json("log", line.substring(0, middle))
            + "\n"
            + json("log", line.substring(middle) + "\n");
  }

  private static List<Integer> bytes(String line) {
    byte[] bytes = utf8(line + " ");
    Integer[] numbers = new Integer[bytes.length];
    Arrays.setAll(numbers, i -> (int) bytes[i]);
    return List.of(numbers);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] gzip(byte[] bytes) {
    var out = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return out.toByteArray();
  }

  private static String html(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  static List<String> wrappers() {
    return List.copyOf(WRAPPERS.keySet());
  }

  private static String shape(String name) throws IOException {
    return Files.readString(Path.of("src/test/resources/dumps/shapes", name));
  }

  private static List<DumpData> read(byte[] bytes) throws IOException {
    return DumpReader.read(new ByteArrayInputStream(bytes));
  }

  private static List<DumpedThread> threads(String dump) throws IOException {
    return read(utf8(dump)).getLast().containers().getFirst().threads();
  }

  @ParameterizedTest
  @MethodSource("wrappers")
  void a_wrapped_dump_is_the_dump(String wrapper) throws Exception {
    String plain = shape("jstack-21.txt");
    DumpData expected = read(utf8(plain)).getFirst();
    List<DumpData> read = read(WRAPPERS.get(wrapper).apply(plain));
    assertEquals(1, read.size());
    assertEquals(0, read.getFirst().skipped());
    assertEquals(expected.runtimeVersion(), read.getFirst().runtimeVersion());
    List<DumpedThread> threads = read.getFirst().containers().getFirst().threads();
    assertEquals(
        expected.containers().getFirst().threads(),
        wrapper.equals("Markdown") ? threads.subList(0, threads.size() - 1) : threads);
  }

  @Test
  void a_name_may_have_line_ends() throws Exception {
    String plain = shape("jstack-21.txt");
    DumpedThread named = threads(plain.replace("\"http-1\"", "\"http\n\n-1\"")).getFirst();
    assertEquals("http\n\n-1", named.name());
    assertEquals(threads(plain).getFirst().stack(), named.stack());
    String numbered = shape("dump-to-file-25.txt");
    assertEquals("http\n-1", threads(numbered.replace("http-1", "http\n-1")).getFirst().name());
  }

  @Test
  void a_thread_without_the_rest_of_its_first_line_is_counted() throws Exception {
    DumpData dump =
        read(utf8(shape("jstack-21.txt").replaceFirst("\"http-1\".*", "\"http-1"))).getFirst();
    assertEquals(1, dump.skipped());
    assertEquals(4, dump.containers().getFirst().threads().size());
  }

  @Test
  void what_a_logger_adds_to_a_frame_is_ignored() throws Exception {
    String plain = shape("jstack-21.txt");
    String more = plain.replaceAll("(\tat .*)", "$1 ~[acme-1.0.jar:1.0 (abc)]");
    assertEquals(threads(plain), threads(more));
    assertEquals(threads(plain), threads(plain.replaceAll("(\tat .*)", "$1 [?:1.8.0_302]")));
  }

  @Test
  void escaped_lines_of_a_log_are_lines() throws Exception {
    String plain = shape("threadinfo-21.txt");
    String escaped = "18:05 WARN " + plain.replace("\n", "\\n").replace("\t", "\\t");
    List<DumpedThread> threads = threads(escaped.replace("\"worker \"q\" 1\"", "\\\"worker\\\""));
    assertEquals(3, threads.size());
    assertEquals(threads(plain).getLast().stack(), threads.getLast().stack());
  }

  @Test
  @Timeout(30)
  void long_lines_are_read_in_time() throws Exception {
    String head = shape("jstack-21.txt");
    for (String part :
        List.of("VM", "a.", "\"", "\"x\" #", "<a>", "\\n ", "[pod/", "a/", "#1 \"")) {
      String line = part.repeat(60_000 / part.length());
      for (String begin :
          List.of("", "Full thread dump ", "- waiting on <", "\"x\" Id=3 ", "Thread[")) {
        assertEquals(1, read(utf8(head + "\n" + begin + line + "(b)\n" + begin + line)).size());
      }
    }
  }

  @Test
  void copies_from_jconsole_and_freezes_of_intellij_are_read() throws Exception {
    List<DumpedThread> ofJConsole =
        threads(
            """
            Name: http-1
            State: WAITING on java.util.concurrent.locks.Condition@5a679233
            Total blocked: 0  Total waited: 1

            Stack trace:
            java.base@17.0.8/jdk.internal.misc.Unsafe.park(Native Method)
            com.acme.Feed.next(Feed.java:12)

            Name: worker
            State: BLOCKED on com.acme.Stock@1e owned by: holder
            Total blocked: 1  Total waited: 0

            Stack trace:
            com.acme.Stock.update(Stock.java:30)
            """);
    assertEquals(2, ofJConsole.size());
    assertEquals("http-1", ofJConsole.getFirst().name());
    assertEquals(2, ofJConsole.getFirst().stack().size());
    assertEquals("com.acme.Stock@1e", ofJConsole.getLast().blockedOn());
    List<DumpedThread> ofIntelliJ =
        threads(
            """
            "AWT-EventQueue-0" prio=0 tid=0x0 nid=0x0 waiting on condition
                 java.lang.Thread.State: WAITING
             on java.util.concurrent.locks.ReentrantLock$NonfairSync@5d owned by "holder" Id=32
            \tat java.base@17.0.6/jdk.internal.misc.Unsafe.park(Native Method)
            \tat com.acme.Feed.next(Feed.java:12)

            "holder" prio=0 tid=0x0 nid=0x0 runnable
                 java.lang.Thread.State: RUNNABLE
            \tat com.acme.Stock.load(Stock.java:40)
            """);
    assertEquals(32, ofIntelliJ.getFirst().parkBlockerOwner());
    assertEquals(List.of(1L, 2L), ofIntelliJ.stream().map(DumpedThread::id).toList());
  }

  @Test
  void javacores_in_one_file_are_several_dumps() throws Exception {
    String core = shape("javacore.txt");
    List<DumpData> dumps = read(utf8(core + core));
    assertEquals(2, dumps.size());
    assertEquals(dumps.getFirst(), dumps.getLast());
    assertEquals("17.0.8+7", dumps.getFirst().runtimeVersion());
  }

  @ParameterizedTest
  @ValueSource(strings = {"OpenJDK", "Java HotSpot(TM)"})
  void old_jdks_have_the_version_that_users_know(String vm) throws Exception {
    String dump = shape("jstack-8.txt").replaceFirst("OpenJDK", vm);
    assertEquals("8u302 (25.302-b08)", read(utf8(dump)).getFirst().runtimeVersion());
    String of7 = shape("jstack-7.txt").replaceFirst("OpenJDK", vm);
    assertEquals("7u80 (24.80-b11)", read(utf8(of7)).getFirst().runtimeVersion());
  }

  @Test
  void a_file_that_is_no_text_is_refused_with_what_to_do() {
    Map<String, String> files =
        Map.of(
            "PK\3\4....", "Unpack it",
            "FLR\0....", "jfr print",
            "JAVA PROFILE 1.0.2", "jcmd PID",
            "", "Dump again");
    files.forEach((bytes, fix) -> {
      IOException refused = assertThrows(DumpException.class, () -> read(utf8(bytes)));
      assertTrue(String.valueOf(refused.getMessage()).contains(fix), refused::getMessage);
    });
    byte[] packed = gzip(utf8("no dump"));
    IOException cut =
        assertThrows(DumpException.class, () -> read(Arrays.copyOf(packed, packed.length - 9)));
    assertTrue(String.valueOf(cut.getMessage()).contains("Copy it again"), cut::getMessage);
  }
}
