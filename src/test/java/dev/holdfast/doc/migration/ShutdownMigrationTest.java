package dev.holdfast.doc.migration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.testing.ChildProcess;
import dev.holdfast.testing.ClassPath;
import java.io.BufferedReader;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Runs the migration of SIGTERM in separate JVMs. */
class ShutdownMigrationTest {

  /** {@return what a server prints between a SIGTERM and its end} */
  private static List<String> lastWords(String how, int millisToSave) throws Exception {
    Process process =
        new ProcessBuilder(
                ChildProcess.tool("java"),
                "-cp",
                ClassPath.ofTests(),
                Shutdown.class.getName(),
                how,
                Integer.toString(millisToSave))
            .redirectErrorStream(true)
            .start();
    try (BufferedReader said = process.inputReader()) {
      List<String> first = new ArrayList<>();
      while (!first.contains("started")) {
        String line = said.readLine();
        assertNotNull(line, () -> "the server did not start; it printed " + first);
        first.add(line);
      }
      Assumptions.assumeTrue(process.supportsNormalTermination(), "there is no SIGTERM here");
      process.toHandle().destroy(); // Process.destroy would also close its output
      List<String> words = said.lines().toList();
      assertTrue(
          process.waitFor(60, TimeUnit.SECONDS), "the server did not end within 60 s of SIGTERM");
      return words;
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void the_jvm_does_not_wait_for_a_pool() throws Exception {
    assertEquals(List.of(), lastWords("before", 60_000));
  }

  @Test
  void a_scope_ends_before_the_jvm_does() throws Exception {
    assertEquals(List.of("saved"), lastWords("after", 300));
  }
}
