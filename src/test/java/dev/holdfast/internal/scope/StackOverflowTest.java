package dev.holdfast.internal.scope;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.testing.ClassPath;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests {@code DeepParking} as well. */
class StackOverflowTest {

  @ParameterizedTest
  @ValueSource(strings = {"virtual", "platform"})
  @Timeout(150)
  void a_scope_that_ends_on_a_full_stack_leaves_nothing(String owner, @TempDir Path dir)
      throws Exception {
    Path said = dir.resolve("said.txt");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xss256k",
                // Compiled, it would take less of the stack, at an unknown moment.
                "-XX:CompileCommand=quiet",
                "-XX:CompileCommand=exclude,*.StackOverflowMain::descend",
                "-cp",
                ClassPath.ofTests(),
                StackOverflowMain.class.getName(),
                owner)
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    boolean ended = process.waitFor(120, TimeUnit.SECONDS);
    process.destroyForcibly();
    String text = Files.readString(said);
    assertTrue(ended, () -> "it hangs\n" + text);
    assertEquals(
        0,
        process.exitValue(),
        () -> text.lines().filter(l -> !l.startsWith("\tat")).limit(40).toList().toString());
  }
}
