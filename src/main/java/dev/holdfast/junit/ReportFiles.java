package dev.holdfast.junit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The directory to which reports go: two files for each test that fails. */
final class ReportFiles {

  private static final String PARAMETER = "holdfast.leakfree.directory";
  private static final int LONGEST_NAME = 200;

  private final Path directory;

  /** Whether there may be reports of an earlier run. */
  private final boolean old;

  private ReportFiles(Path directory) {
    this.directory = directory;
    this.old = Files.isDirectory(directory);
  }

  static ReportFiles of(ExtensionContext root) {
    return new ReportFiles(
        Path.of(root.getConfigurationParameter(PARAMETER).orElse("target/holdfast")));
  }

  /** {@return the text for the failure} */
  String write(String of, Duration linger, Found found) {
    String where;
    try {
      Files.createDirectories(directory);
      Files.writeString(file(of, ".txt"), LeakText.full(of, linger, found));
      Files.writeString(file(of, ".json"), LeakJson.of(of, linger, found));
      where = "All of it is in " + file(of, ".txt") + " and .json.";
    } catch (IOException e) {
      where = "It could not be written to " + directory + ": " + e;
    }
    return LeakText.brief(of, linger, found)
        + "\n"
        + "End what a test starts before it ends: close, shut down, interrupt or join it, or start"
        + " it in a scope. What is meant to stay is for the rules of @LeakFree. "
        + where;
  }

  /** Deletes what an earlier run has left of a test that passes now. */
  void delete(String of) {
    if (old) {
      try {
        Files.deleteIfExists(file(of, ".txt"));
        Files.deleteIfExists(file(of, ".json"));
      } catch (IOException e) {
        // it is no reason to fail the test; it tells its age
      }
    }
  }

  private Path file(String of, String ending) {
    String name = of.replaceAll("[^\\w.$#-]", "_");
    return directory.resolve(name.substring(0, Math.min(name.length(), LONGEST_NAME)) + ending);
  }
}
