package dev.holdfast.internal.root;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.testing.ChildProcess;
import dev.holdfast.testing.ClassPath;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.Poll;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of roots when their JVM exits, each in a JVM of its own. */
@LeavesNothing
class ShutdownHookTest {

  @TempDir private Path dir;

  private Process start(String way) throws IOException {
    String java = ChildProcess.tool("java");
    String classes = ClassPath.ofTests();
    return new ProcessBuilder(java, "-cp", classes, ShutdownHookMain.class.getName(), way)
        .redirectErrorStream(true)
        .redirectOutput(dir.resolve(way).toFile())
        .start();
  }

  private String said(String way) {
    try {
      return Files.readString(dir.resolve(way));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String end(Process process, String way) throws InterruptedException {
    boolean ended = process.waitFor(50, TimeUnit.SECONDS);
    process.destroyForcibly();
    assertTrue(ended, () -> "it hangs\n" + said(way));
    return said(way);
  }

  @ParameterizedTest
  @ValueSource(strings = {"exit", "return", "slow", "default"})
  void the_root_ends_before_the_jvm(String way) throws Exception {
    String said = end(start(way), way);
    assertEquals("up\nstopped\n", said.replace("\r", ""));
  }

  @Test
  void a_signal_ends_it_and_join_returns() throws Exception {
    Process process = start("signal");
    Poll.until(() -> said("signal").contains("up"));
    process.destroy();
    assertEquals("up\nstopped\n", end(process, "signal").replace("\r", ""));
  }

  @Test
  void a_task_that_does_not_stop_is_named_and_left() throws Exception {
    Process process = start("stubborn");
    String said = end(process, "stubborn");
    assertTrue(said.contains("Scope 'service' did not end within PT0.2S of the exit"), said);
    assertTrue(said.contains("Worker 'stuck'"), said);
    assertTrue(said.contains("ignoresEverything"), said);
  }

  @Test
  void after_a_second_it_prints_what_the_exit_waits_for() throws Exception {
    String said = end(start("waits"), "waits");
    assertTrue(
        said.contains("Scope 'service' has been closing for a second and still waits"), said);
    assertTrue(said.contains("Task 'slow' of Scope 'service'"), said);
    assertTrue(said.contains("stopped"), "it was cancelled: " + said);
  }

  @Test
  void a_task_that_exits_the_jvm_does_not_hang_it() throws Exception {
    String said = end(start("self"), "self");
    assertTrue(said.contains("Worker 'suicidal'"), said);
    assertTrue(said.contains("System.exit") || said.contains("Runtime.exit"), said);
  }

  @Test
  void a_failure_is_printed_when_loggers_are_closed() throws Exception {
    String said = end(start("fails"), "fails");
    assertTrue(said.contains("Scope 'service' has failed"), said);
    assertTrue(said.contains("disk full"), said);
  }
}
