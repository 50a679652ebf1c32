package dev.holdfast.internal.scope;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.testing.ClassPath;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class OutOfMemoryTest {

  @Test
  @Timeout(300)
  void a_scope_that_runs_out_of_memory_ends_and_leaves_nothing(@TempDir Path dir) throws Exception {
    Path said = dir.resolve("said.txt");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx10m",
                "-XX:+UseSerialGC",
                "-XX:-UseTLAB",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                ClassPath.ofTests(),
                OutOfMemoryMain.class.getName())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    boolean ended = process.waitFor(240, TimeUnit.SECONDS);
    process.destroyForcibly();
    String text = Files.readString(said);
    assertTrue(ended, () -> "the program hangs with its heap full " + text);
    assertEquals(0, process.exitValue(), text);
  }
}
