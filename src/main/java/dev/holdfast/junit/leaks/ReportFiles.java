package dev.holdfast.junit.leaks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** The directory with the reports: two files for each test that leaks. */
public final class ReportFiles {

  private static final int LONGEST_NAME = 200;

  private final Path directory;

  /** Whether there may be reports of an earlier run. */
  private final boolean existed;

  public ReportFiles(Path directory) {
    this.directory = directory;
    this.existed = Files.isDirectory(directory);
  }

  /** Writes a report; {@return the message of the failure} */
  public String write(String test, Duration linger, Leaks leaks) {
    String where;
    try {
      Files.createDirectories(directory);
      Files.writeString(file(test, ".txt"), LeakText.full(test, linger, leaks));
      Files.writeString(file(test, ".json"), LeakJson.of(test, linger, leaks));
      where = "The full report is in " + file(test, ".txt") + " and .json.";
    } catch (IOException e) {
      where = "The full report could not be written to " + directory + ": " + e;
    }
    return LeakText.brief(test, linger, leaks)
        + "\n"
        + "End what a test starts before the test ends: close it, shut it down, interrupt and join"
        + " it, or start it in a scope. To keep a thread running on purpose, add an ignore rule to"
        + " @LeakFree. "
        + where;
  }

  /** Deletes the report of an earlier run, because the test passes now. */
  public void delete(String test) {
    if (existed) {
      try {
        Files.deleteIfExists(file(test, ".txt"));
        Files.deleteIfExists(file(test, ".json"));
      } catch (IOException e) {
        // The test still passes. The date of the file shows that it is old.
      }
    }
  }

  private Path file(String test, String ending) {
    String name = test.replaceAll("[^\\w.$#-]", "_");
    return directory.resolve(name.substring(0, Math.min(name.length(), LONGEST_NAME)) + ending);
  }
}
