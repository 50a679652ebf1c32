package dev.holdfast.diagnostics.dump;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.diagnostics.DumpedThread;
import dev.holdfast.diagnostics.dump.data.DumpData;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each file in {@code dumps/shapes} is a dump of the same threads, as another tool writes it:
 * http-1 waits in {@code Feed.next}, worker waits for the monitor that holder has.
 *
 * <p>Tests {@code ActuatorThread}, {@code DumpBuilder}, {@code DumpData}, {@code DumpFiles}, {@code
 * FrameParser}, {@code JavacoreReader}, {@code JsonObject}, {@code LockLine}, {@code LogPrefix},
 * {@code TextDumpReader}, {@code ThreadBuilder} and {@code ThreadHeader} as well.
 */
class DumpReaderTest {

  private static final Path SHAPES = Path.of("src/test/resources/dumps/shapes");

  /** These have no third thread, no states or no locks. */
  private static final Set<String> POOR =
      Set.of("intellij.txt", "all-stack-traces.txt", "jstack-forced-8.txt", "damaged.txt");

  static List<String> shapes() throws IOException {
    try (Stream<Path> files = Files.list(SHAPES)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  static List<String> shapesWithLocks() throws IOException {
    return shapes().stream()
        .filter(shape -> !POOR.contains(shape) && !shape.equals("dump-to-file-21.txt"))
        .toList();
  }

  private static List<DumpData> read(byte[] bytes) {
    try {
      return DumpReader.read(new ByteArrayInputStream(bytes));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String shape(String name) throws IOException {
    return Files.readString(SHAPES.resolve(name));
  }

  private static DumpData read(String text) {
    return read(text.getBytes(StandardCharsets.UTF_8)).getLast();
  }

  private static List<DumpedThread> threads(DumpData dump) {
    return dump.containers().stream().flatMap(c -> c.threads().stream()).toList();
  }

  private static @Nullable DumpedThread in(DumpData dump, String frame) {
    return threads(dump).stream()
        .filter(thread -> thread.stack().stream().anyMatch(f -> f.toString().contains(frame)))
        .findAny()
        .orElse(null);
  }

  private static DumpedThread thread(DumpData dump, String frame) {
    DumpedThread found = in(dump, frame);
    assertNotNull(found, () -> frame + " in " + threads(dump));
    return found;
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void every_shape_has_the_threads_with_their_stacks(String shape) throws Exception {
    DumpData dump = read(shape(shape));
    DumpedThread waiter = thread(dump, "com.acme.Feed.next(");
    assertTrue(waiter.name().startsWith("http-1") || shape.startsWith("jstack-f"), waiter::name);
    assertEquals(30, waiter.id());
    StackTraceElement inner = waiter.stack().getFirst();
    assertEquals("park", inner.getMethodName());
    assertTrue(inner.getClassName().endsWith(".misc.Unsafe"), inner::toString);
    assertTrue(waiter.stack().toString().contains("LinkedBlockingQueue.take("), waiter::toString);
    assertNotNull(thread(dump, "com.acme.Stock.load("));
    assertTrue(shape.equals("damaged.txt") || dump.skipped() == 0, shape);
  }

  @ParameterizedTest
  @MethodSource("shapesWithLocks")
  void every_shape_with_locks_says_what_a_thread_waits_for(String shape) throws Exception {
    DumpData dump = read(shape(shape));
    DumpedThread waiter = thread(dump, "com.acme.Feed.next(");
    assertEquals(Thread.State.WAITING, waiter.state());
    assertTrue(
        String.valueOf(waiter.parkBlocker()).contains("$ConditionObject@"), waiter::toString);
    assertNull(waiter.waitingOn());
    DumpedThread worker = thread(dump, "com.acme.Stock.update(");
    assertEquals("worker \"q\" 1", worker.name());
    assertEquals(Thread.State.BLOCKED, worker.state());
    assertTrue(String.valueOf(worker.blockedOn()).startsWith("com.acme.Stock@"), worker::toString);
    DumpedThread holder = thread(dump, "com.acme.Stock.load(");
    assertEquals(List.of(worker.blockedOn()), holder.monitorsOwned());
  }

  @ParameterizedTest
  @ValueSource(strings = {"dump-to-file-21.txt", "dump-to-file-25.txt"})
  void text_of_dump_to_file_has_virtual_threads(String shape) throws Exception {
    DumpData dump = read(shape(shape));
    assertEquals(12006, dump.pid());
    assertEquals(Instant.parse("2026-11-26T18:05:37.314944879Z"), dump.time());
    assertEquals(shape.contains("21") ? "21.0.3+1" : "25.0.3+1", dump.runtimeVersion());
    assertEquals(
        List.of(40L, 41L),
        threads(dump).stream().filter(DumpedThread::virtual).map(DumpedThread::id).toList());
    assertEquals(List.of(), threads(dump).getLast().stack());
  }

  @Test
  void the_head_of_a_dump_says_process_version_and_time() throws Exception {
    DumpData dump = read(shape("jcmd-print-25.txt"));
    assertEquals(76660, dump.pid());
    assertEquals("25.0.3+9-LTS", dump.runtimeVersion());
    assertEquals(
        LocalDateTime.parse("2026-11-26T18:05:19").atZone(ZoneId.systemDefault()).toInstant(),
        dump.time());
    assertEquals(DumpData.UNKNOWN, read(shape("threadinfo-8.txt")).time());
  }

  @Test
  void threads_of_a_deadlock_are_not_counted_twice() throws Exception {
    assertEquals(threads(read(shape("jstack-17.txt"))), threads(read(shape("deadlock-17.txt"))));
  }

  @Test
  void exceptions_in_a_log_are_not_frames() throws Exception {
    assertEquals(threads(read(shape("jstack-17.txt"))), threads(read(shape("log-exceptions.txt"))));
  }

  @Test
  void a_file_may_have_several_dumps() throws Exception {
    List<DumpData> dumps = read(shape("two-dumps.txt").getBytes(StandardCharsets.UTF_8));
    assertEquals(2, dumps.size());
    assertEquals(
        10, dumps.getLast().time().getEpochSecond() - dumps.getFirst().time().getEpochSecond());
    assertEquals("holder", thread(dumps.getFirst(), "Stock.load(").name());
    assertEquals("holder two", thread(dumps.getLast(), "Stock.load(").name());
  }

  @Test
  void damaged_threads_and_frames_are_counted() throws Exception {
    String text = shape("jstack-17.txt");
    DumpData dump = read(text.replace("\tat com.acme.Feed.next(Feed.java:12)", "\tat com.acme.Fe"));
    assertEquals(1, dump.skipped());
    assertEquals(5, threads(dump).size());
    dump = read(text.replace("\"holder\" #32 daemon", "\"hol").replace("\"holder\" #32", "\"hol"));
    assertEquals(1, dump.skipped());
    assertEquals(4, threads(dump).size());
  }

  @Test
  void thread_info_of_a_thread_in_Object_wait_names_the_monitor() {
    DumpedThread timer =
        threads(
                read(
                    """
                    "timer" Id=30 TIMED_WAITING on java.util.TaskQueue@66
                    \tat java.base@21/java.lang.Object.wait0(Native Method)
                    \t-  waiting on java.util.TaskQueue@66
                    \tat java.base@21/java.util.TimerThread.mainLoop(Timer.java:563)
                    """))
            .getFirst();
    assertEquals("java.util.TaskQueue@66", timer.waitingOn());
    assertNull(timer.parkBlocker());
  }

  @Test
  void a_dump_of_dropwizard_has_states_and_locks() {
    DumpedThread waiter =
        threads(
                read(
                    """
                    "http-1" id=30 state=WAITING
                        - waiting on <0x5a679233> (a java.util.concurrent.CountDownLatch$Sync)
                        - locked <0x5a679233> (a java.util.concurrent.CountDownLatch$Sync)
                        at java.base@21/jdk.internal.misc.Unsafe.park(Native Method)
                        at com.acme.Feed.next(Feed.java:12)
                    """))
            .getFirst();
    assertEquals(Thread.State.WAITING, waiter.state());
    assertEquals("java.util.concurrent.CountDownLatch$Sync@5a679233", waiter.parkBlocker());
    assertNull(waiter.waitingOn());
    assertEquals(List.of(), waiter.monitorsOwned());
  }

  @Test
  void the_response_of_jolokia_has_the_threads() throws Exception {
    String threads = shape("actuator.json").replaceFirst("(?s)^\\s*\\{\\s*\"threads\"\\s*:", "");
    String array = threads.substring(0, threads.lastIndexOf('}'));
    String response = "{\"request\": {\"type\": \"exec\"}, \"value\": %s, \"status\": 200}";
    assertEquals(threads(read(shape("actuator.json"))), threads(read(response.formatted(array))));
    assertEquals(
        threads(read(shape("actuator.json"))),
        threads(read("[" + response.formatted("[]") + "," + response.formatted(array) + "]")));
  }

  @Test
  void a_mounted_virtual_thread_has_a_stack_of_its_own() throws Exception {
    DumpData dump =
        read(
            """
            "ForkJoinPool-1-worker-1" #23 [15179] daemon prio=5 os_prio=0 tid=0x00007fb8c00d5200  [0x00007fb8c4776000]
               Carrying virtual thread #40
            \tat jdk.internal.vm.Continuation.run(java.base@25/Continuation.java:251)
               Mounted virtual thread #40
            \tat com.acme.Search.query(Search.java:5)
            \tat java.lang.VirtualThread.run(java.base@25/VirtualThread.java:460)
            """);
    assertEquals(2, threads(dump).size());
    DumpedThread mounted = thread(dump, "com.acme.Search.query(");
    assertTrue(mounted.virtual());
    assertEquals(40, mounted.id());
    assertEquals(23, mounted.carrier());
    assertEquals("java.base", mounted.stack().getLast().getModuleName());
  }

  @Test
  void the_owner_of_a_lock_is_found_by_its_list_of_synchronizers() throws Exception {
    DumpData dump =
        read(
            """
            "waiter" #30 prio=5 os_prio=0 tid=0x1 nid=0x1 waiting on condition [0x0]
               java.lang.Thread.State: WAITING (parking)
            \tat jdk.internal.misc.Unsafe.park(java.base@21/Native Method)
            \t- parking to wait for  <0x00000006d2324de8> (a java.util.concurrent.locks.ReentrantLock$NonfairSync)
            \tat com.acme.A.wait(A.java:1)

               Locked ownable synchronizers:
            \t- None

            "owner" #31 prio=5 os_prio=0 tid=0x1 nid=0x1 runnable [0x0]
               java.lang.Thread.State: RUNNABLE
            \tat com.acme.A.hold(A.java:2)

               Locked ownable synchronizers:
            \t- <0x00000006d2324de8> (a java.util.concurrent.locks.ReentrantLock$NonfairSync)
            """);
    assertEquals(31, thread(dump, "A.wait(").parkBlockerOwner());
  }

  @Test
  void a_thread_in_wait_does_not_own_the_monitor() throws Exception {
    DumpData dump =
        read(
            """
            "w" #30 prio=5 os_prio=0 tid=0x1 nid=0x1 in Object.wait() [0x0]
               java.lang.Thread.State: WAITING (on object monitor)
            \tat java.lang.Object.wait0(java.base@21/Native Method)
            \t- waiting on <0x1f> (a java.lang.Object)
            \tat com.acme.A.wait(A.java:1)
            \t- locked <0x1f> (a java.lang.Object)
            \t- locked <0x2f> (a com.acme.A)
            """);
    assertEquals("java.lang.Object@1f", threads(dump).getFirst().waitingOn());
    assertEquals(List.of("com.acme.A@2f"), threads(dump).getFirst().monitorsOwned());
  }

  @Nested
  class Encodings {

    private void isRead(byte[] bytes) throws Exception {
      assertEquals(threads(read(shape("jstack-17.txt"))), threads(read(bytes).getLast()));
    }

    @Test
    void gzip_is_decompressed() throws Exception {
      var bytes = new ByteArrayOutputStream();
      try (var gzip = new GZIPOutputStream(bytes)) {
        gzip.write(shape("jstack-17.txt").getBytes(StandardCharsets.UTF_8));
      }
      isRead(bytes.toByteArray());
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-8", "UTF-16LE", "UTF-16BE"})
    void unicode_is_decoded_with_and_without_a_mark(String charset) throws Exception {
      String text = shape("jstack-17.txt");
      isRead(text.getBytes(Charset.forName(charset)));
      isRead(("\uFEFF" + text).getBytes(Charset.forName(charset)));
    }

    @Test
    void lines_may_end_with_carriage_return() throws Exception {
      isRead(shape("jstack-17.txt").replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void bytes_that_are_no_text_are_replaced() throws Exception {
      isRead(("caf\u00e9\n" + shape("jstack-17.txt")).getBytes(StandardCharsets.ISO_8859_1));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"hello\n", "{\"a\": 1}", "[{\"message\": \"started\"}]", "[INFO] started"})
  void a_file_without_a_dump_is_refused(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    var thrown =
        assertThrows(DumpException.class, () -> DumpReader.read(new ByteArrayInputStream(bytes)));
    assertTrue(thrown.getMessage().startsWith("has no thread dump"), thrown.getMessage());
    assertEquals(1, thrown.getMessage().lines().count());
  }

  @Test
  void an_endless_line_does_not_fill_the_heap() {
    var endless =
        new InputStream() {
          private long left = 200_000_000;

          @Override
          public int read() {
            return left-- > 0 ? 'x' : -1;
          }

          @Override
          public int read(byte[] buffer, int from, int length) {
            int count = (int) Math.min(left, length);
            left -= count;
            java.util.Arrays.fill(buffer, from, from + count, (byte) 'x');
            return count == 0 ? -1 : count;
          }
        };
    assertThrows(DumpException.class, () -> DumpReader.read(endless));
  }
}
