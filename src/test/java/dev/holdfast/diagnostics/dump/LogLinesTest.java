package dev.holdfast.diagnostics.dump;

import static dev.holdfast.diagnostics.dump.LogWrappers.csv;
import static dev.holdfast.diagnostics.dump.LogWrappers.gzip;
import static dev.holdfast.diagnostics.dump.LogWrappers.json;
import static dev.holdfast.diagnostics.dump.LogWrappers.utf8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.diagnostics.DumpedThread;
import dev.holdfast.diagnostics.dump.data.DumpData;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * One dump, as logs, log servers and people wrap it.
 *
 * <p>Tests {@code CsvLines}, {@code LogEntry}, {@code LogPrefix}, {@code LogSources}, {@code
 * DumpInput} and {@code ClassicVersion} as well.
 */
class LogLinesTest {

  static List<String> wrappers() {
    return List.copyOf(LogWrappers.ALL.keySet());
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
    List<DumpData> read = read(LogWrappers.ALL.get(wrapper).apply(plain));
    assertEquals(1, read.size());
    assertEquals(0, read.getFirst().skipped());
    assertEquals(expected.runtimeVersion(), read.getFirst().runtimeVersion());
    List<DumpedThread> threads = read.getFirst().containers().getFirst().threads();
    assertEquals(
        expected.containers().getFirst().threads(),
        wrapper.equals("Markdown") ? threads.subList(0, threads.size() - 1) : threads);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[pod/%s-1/app] ",
        "[pod/%s-1/app] 2026-11-26T18:05:37.314944879Z ",
        "%s-1  | ",
        "%s    | 2026-11-26T18:05:37.314944879Z ",
        "\u001b[36m%s-1  | \u001b[0m",
        "shop-7d9f-%s app ",
        "\u001b[36mshop-%s\u001b[0m \u001b[96mapp\u001b[0m "
      })
  void dumps_of_containers_whose_lines_alternate_are_separate(String prefix) throws Exception {
    List<String> one = shape("jstack-21.txt").lines().map(prefix.formatted("a")::concat).toList();
    List<String> other = shape("jstack-17.txt").lines().map(prefix.formatted("b")::concat).toList();
    assertEquals(read(utf8(shape("jstack-21.txt"))), read(utf8(String.join("\n", one))));
    var log = new StringBuilder(prefix.formatted("c") + "no dump in this container\n");
    for (int i = 0; i < Math.max(one.size(), other.size()); i++) {
      log.append(i < one.size() ? one.get(i) + "\n" : "");
      log.append(i < other.size() ? other.get(i) + "\n" : "");
      log.append(i % 5 == 0 ? prefix.formatted("c") + "order " + i + " is done\n" : "");
    }
    List<DumpData> read = read(utf8(log.toString()));
    assertEquals(2, read.size());
    assertEquals(
        threads(shape("jstack-21.txt")), read.getFirst().containers().getFirst().threads());
    assertEquals(threads(shape("jstack-17.txt")), read.getLast().containers().getFirst().threads());
    assertEquals(0, read.getFirst().skipped() + read.getLast().skipped());
  }

  @Test
  void lines_that_only_look_like_those_of_a_container_do_not_end_a_dump() throws Exception {
    String plain = shape("jstack-21.txt");
    String mixed =
        plain.replaceAll("(?m)^(\tat .*)$", "$1\nINFO  | Orders | done\nWARN  | Orders | late");
    assertEquals(threads(plain), threads(mixed));
  }

  @Test
  void a_document_among_lines_is_read() throws Exception {
    for (String shape : List.of("actuator.json", "actuator-boot1.json", "gcp-threadinfo.json")) {
      DumpData expected = read(utf8(shape(shape))).getFirst();
      String before = "> GET / HTTP/1.1\n< HTTP/1.1 200 OK\n<\n{ [5 bytes data]\n";
      String after = "* Connection #0 to host x left intact\n";
      assertEquals(List.of(expected), read(utf8(before + shape(shape) + after)), shape);
      assertEquals(List.of(expected), read(utf8("HTTP/1.1 200 OK\n\n" + shape(shape))), shape);
      String half = shape(shape).substring(0, shape(shape).length() / 2);
      IOException cut =
          assertThrows(DumpException.class, () -> read(utf8("HTTP/1.1 200 OK\n\n" + half)));
      assertTrue(String.valueOf(cut.getMessage()).contains("cut short"), cut::getMessage);
    }
    String document = Files.readString(Path.of("src/test/resources/dumps/jdk-25.json"));
    assertEquals(read(utf8(document)), read(utf8("HTTP/1.1 200 OK\n\n" + document + "$ \n")));
  }

  @Test
  void a_log_with_the_newest_line_first_is_reversed_or_refused(@TempDir Path folder)
      throws Exception {
    List<String> lines = shape("jstack-21.txt").lines().toList().reversed();
    List<DumpData> expected = read(utf8(shape("jstack-21.txt")));
    List<String> entries = lines.stream().map(line -> json("textPayload", line)).toList();
    List<String> prefixed =
        lines.stream().map(line -> "x[" + line.length() + "]: " + line).toList();
    List<String> rows = new ArrayList<>(List.of("@timestamp,@message"));
    lines.forEach(line -> rows.add("1," + csv(line)));
    for (List<String> log : List.of(lines, entries, prefixed, rows)) {
      byte[] bytes = utf8(String.join("\n", log));
      IOException refused = assertThrows(DumpException.class, () -> read(bytes));
      assertTrue(String.valueOf(refused.getMessage()).contains("ascending"), refused::getMessage);
      assertEquals(expected, DumpFiles.read(Files.write(folder.resolve("log"), bytes)));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "18:05:37.123 INFO [main] c.a.Orders - Updating \"order\" id=17, done\n",
        """
        Java Threads: ( => current thread )
          0x00007f JavaThread "Reference Handler" daemon [_thread_blocked, id=2]
        """
      })
  void a_name_without_a_stack_is_no_dump(String log) {
    IOException refused = assertThrows(DumpException.class, () -> read(utf8(log)));
    assertTrue(
        String.valueOf(refused.getMessage()).contains("has no thread dump"), refused::getMessage);
  }

  @Test
  void threads_without_the_frames_of_the_text_are_refused() throws Exception {
    String unknown = shape("jstack-21.txt").replaceAll("(?m)^\tat ", "\n| at ");
    IOException refused = assertThrows(DumpException.class, () -> read(utf8(unknown)));
    assertTrue(
        String.valueOf(refused.getMessage()).contains("no known format"), refused::getMessage);
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
