package dev.holdfast.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs programs in processes of their own, with their output in a file. */
public final class ChildProcess {

  /** How long a small program may take on a busy machine; a test needs a longer timeout. */
  public static final Duration PLENTY = Duration.ofSeconds(100);

  private ChildProcess() {}

  /**
   * How a program ended.
   *
   * @param code its exit code
   * @param output what it wrote to standard output and standard error
   */
  public record Result(int code, String output) {

    /** {@return the output; fails with its first lines if the exit code is not 0} */
    public String succeeded() {
      assertEquals(
          0,
          code,
          () -> output.lines().filter(line -> !line.startsWith("\tat")).limit(40).toList() + "");
      return output;
    }
  }

  /** {@return the path of a tool of the JDK that runs the tests} */
  public static String tool(String name) {
    return Path.of(System.getProperty("java.home"), "bin", name).toString();
  }

  /**
   * Runs a JVM with the library and its tests on the class path.
   *
   * @param options options of the JVM, the main class and its arguments
   */
  public static Result java(Duration limit, String... options)
      throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of(tool("java"), "-cp", ClassPath.ofTests()));
    command.addAll(List.of(options));
    return run(limit, command.toArray(new String[0]));
  }

  /** Runs a command until its end; fails when that takes longer than the limit. */
  public static Result run(Duration limit, String... command)
      throws IOException, InterruptedException {
    Path file = Files.createTempFile("output", ".txt");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(file.toFile())
              .start();
      try {
        process.getOutputStream().close();
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
          fail(List.of(command) + " hangs\n" + Files.readString(file));
        }
        return new Result(process.exitValue(), Files.readString(file));
      } finally {
        process.destroyForcibly();
      }
    } finally {
      Files.delete(file);
    }
  }
}
