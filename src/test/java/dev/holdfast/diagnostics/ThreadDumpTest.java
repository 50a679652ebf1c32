package dev.holdfast.diagnostics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Scopes;
import dev.holdfast.testing.ChildProcess;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.Poll;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests {@code TemporaryDump} and {@code ThisJvm} as well. */
@LeavesNothing
class ThreadDumpTest {

  private static final String MAIN = HereMain.class.getName();

  @TempDir Path directory;

  private static DumpedThread named(ThreadDump dump, String name) {
    List<DumpedThread> found = dump.threads().stream().filter(t -> t.name().equals(name)).toList();
    assertEquals(1, found.size(), () -> name + " in " + dump.threads());
    return found.getFirst();
  }

  @Test
  void a_dump_of_this_jvm_has_its_threads() throws Exception {
    var latch = new CountDownLatch(1);
    Thread virtual = Thread.ofVirtual().name("a virtual one").start(() -> await(latch));
    Thread platform = Thread.ofPlatform().name("a platform one").start(() -> await(latch));
    try {
      Poll.untilBlocked(virtual);
      Poll.untilBlocked(platform);
      ThreadDump dump = ThreadDump.here();
      assertEquals(ProcessHandle.current().pid(), dump.pid());
      assertTrue(
          Duration.between(dump.time(), Instant.now()).abs().toMinutes() < 5, dump::toString);
      assertEquals(System.getProperty("java.vm.version"), dump.runtimeVersion());
      for (Thread thread : List.of(virtual, platform)) {
        DumpedThread dumped = named(dump, thread.getName());
        assertEquals(thread.threadId(), dumped.id());
        assertEquals(thread.isVirtual(), dumped.virtual());
        assertTrue(
            dumped.stack().stream()
                .anyMatch(f ->
                    f.getClassName().equals(CountDownLatch.class.getName())
                        && f.getMethodName().equals("await")
                        && "java.base".equals(f.getModuleName())));
        if (Runtime.version().feature() >= 25) {
          assertEquals(Thread.State.WAITING, dumped.state());
          assertNotNull(dumped.parkBlocker());
          assertTrue(dumped.parkBlocker().startsWith("java.util.concurrent.CountDownLatch$Sync@"));
        } else {
          assertNull(dumped.state());
        }
      }
    } finally {
      latch.countDown();
      virtual.join();
      platform.join();
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void scopes_are_containers_with_an_owner() throws Exception {
    Scopes.named("outer")
        .run(outer -> {
          ThreadDump dump = outer.fork("fork", () -> ThreadDump.here()).join();
          var container =
              dump.containers().stream().filter(c -> c.name().startsWith("outer/")).findAny();
          assertTrue(container.isPresent(), () -> dump.containers().toString());
          assertEquals(Thread.currentThread().threadId(), container.get().owner());
          assertEquals("<root>", container.get().parent());
          assertEquals(
              List.of("fork"), container.get().threads().stream().map(DumpedThread::name).toList());
        });
  }

  @Test
  void the_own_pid_is_dumped_without_jcmd() throws Exception {
    assertEquals(ProcessHandle.current().pid(), ThreadDump.of(ProcessHandle.current().pid()).pid());
  }

  @Test
  void a_process_that_has_ended_is_refused() throws Exception {
    Process process =
        new ProcessBuilder(ChildProcess.tool("java"), "-version").redirectErrorStream(true).start();
    process.getInputStream().readAllBytes();
    process.waitFor();
    refused("There is no process " + process.pid(), () -> ThreadDump.of(process.pid()));
    refused("There is no process -1", () -> ThreadDump.of(-1));
  }

  private static void refused(String message, org.junit.jupiter.api.function.Executable call)
      throws Exception {
    var thrown = assertThrows(ThreadDumpException.class, call);
    assertTrue(thrown.getMessage().contains(message), thrown.getMessage());
    assertEquals(1, thrown.getMessage().lines().count(), thrown.getMessage());
  }

  private static String here(String... options) throws Exception {
    var arguments = new ArrayList<>(List.of(options));
    arguments.add(MAIN);
    return ChildProcess.java(ChildProcess.PLENTY, arguments.toArray(new String[0])).succeeded();
  }

  @Test
  void a_jvm_without_the_module_says_which_to_add() throws Exception {
    for (String modules : List.of("java.base", "java.base,java.management")) {
      String out = here("--limit-modules", modules);
      assertTrue(out.contains("--add-modules jdk.management"), out);
      assertEquals(1, out.lines().count(), out);
    }
  }

  @Test
  void a_control_character_in_a_name_does_not_break_the_dump() throws Exception {
    var end = new CountDownLatch(1);
    Thread thread = Thread.ofVirtual().name("a\u0001b").start(() -> await(end));
    try {
      Poll.untilBlocked(thread);
      DumpedThread dumped =
          ThreadDump.here().threads().stream()
              .filter(t -> t.id() == thread.threadId())
              .findAny()
              .orElseThrow();
      assertEquals("a\u0001b", dumped.name());
      assertTrue(dumped.virtual());
    } finally {
      end.countDown();
      thread.join();
    }
  }

  @Test
  void no_temporary_file_is_left() throws Exception {
    String place = "-Djava.io.tmpdir=" + directory;
    assertTrue(here(place).startsWith("ThreadDump["));
    assertTrue(here(place, "--limit-modules", "java.base").contains("--add-modules"));
    try (Stream<Path> files = Files.list(directory)) {
      assertEquals(List.of(), files.filter(f -> f.toString().contains("holdfast")).toList());
    }
  }

  private Path file(String content) throws Exception {
    return Files.writeString(directory.resolve("dump.json"), content);
  }

  @Test
  void files_that_are_no_dumps_are_refused() throws Exception {
    refused("There is no file", () -> ThreadDump.read(directory.resolve("missing.json")));
    refused("dump.json was cut short", () -> ThreadDump.read(file("")));
    refused("has no thread dump", () -> ThreadDump.read(file("12345\n2026-11-21\n")));
    refused("has no thread dump", () -> ThreadDump.read(file("{}")));
    refused("threadDump is not an object", () -> ThreadDump.read(file("{\"threadDump\": 1}")));
    Path binary = file("");
    Files.write(binary, "{\"é\":1}".getBytes(StandardCharsets.ISO_8859_1));
    refused("has no thread dump", () -> ThreadDump.read(binary));
    assertThrows(NullPointerException.class, () -> ThreadDump.read(null));
  }

  private static final String WHOLE =
      """
      {"threadDump": {"formatVersion": 2, "processId": 1, "time": "2026-11-21T12:11:50Z",
        "runtimeVersion": "27", "threadContainers": [{"container": "<root>", "parent": null,
        "threads": [{"tid": 3, "name": "main", "stack": ["Main.main(Main.java:3)"]}]}]}}
      """;

  @Test
  void a_wrong_field_is_named_by_its_path() throws Exception {
    assertEquals(3, ThreadDump.read(file(WHOLE)).threads().getFirst().id());
    wrong("\"formatVersion\": 2", "\"formatVersion\": 3", "formatVersion 3, but this release");
    wrong(
        "\"formatVersion\": 2",
        "\"formatVersion\": \"x\"",
        "threadDump.formatVersion is not a number");
    wrong("\"processId\": 1", "\"processId\": true", "threadDump.processId is not a number");
    wrong("2026-11-21T", "yesterday", "its time is 'yesterday12:11:50Z'");
    wrong("\"<root>\"", "5", "threadDump.threadContainers[0].container is not a string");
    wrong("\"threads\"", "\"tasks\"", "threadContainers[0].threads is not an array");
  }

  @Test
  void a_damaged_thread_or_frame_is_skipped_and_counted() throws Exception {
    skips("\"tid\"", "\"id\"", 0);
    skips("\"main\"", "5", 0);
    skips("\"Main.main(Main.java:3)\"", "1", 0);
    skips("[\"Main.main(Main.java:3)\"]", "{}", 0);
    skips("Main.main(Main.java:3)", "at Main", 1);
    skips("\"threads\": [", "\"threads\": [7, ", 1);
    assertEquals(0, ThreadDump.read(file(WHOLE)).skipped());
  }

  private void skips(String right, String wrong, int threads) throws Exception {
    assertTrue(WHOLE.contains(right), right);
    ThreadDump dump = ThreadDump.read(file(WHOLE.replace(right, wrong)));
    assertEquals(1, dump.skipped(), wrong);
    assertEquals(threads, dump.threads().size(), wrong);
  }

  private void wrong(String right, String wrong, String message) throws Exception {
    assertTrue(WHOLE.contains(right), right);
    Path file = file(WHOLE.replace(right, wrong));
    refused(message, () -> ThreadDump.read(file));
  }

  @Test
  void the_format_is_recognized_by_the_content() throws Exception {
    for (String version : List.of("", "\"formatVersion\": 1,", "\"formatVersion\": \"2\",")) {
      Path file = file(WHOLE.replace("\"formatVersion\": 2,", version));
      assertFalse(ThreadDump.read(file).threads().isEmpty(), version);
    }
  }
}
