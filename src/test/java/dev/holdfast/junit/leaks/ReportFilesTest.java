package dev.holdfast.junit.leaks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportFilesTest {

  private static final Duration LINGER = Duration.ofMillis(500);

  @TempDir private Path temporary;

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void a_leak_has_two_files_and_the_message_names_them() throws Exception {
    Path directory = temporary.resolve("reports/holdfast");
    String message = new ReportFiles(directory).write("a.Test.leaks", LINGER, new Leaks());
    assertEquals(List.of("a.Test.leaks.json", "a.Test.leaks.txt"), names(directory));
    assertTrue(message.contains(directory.resolve("a.Test.leaks.txt").toString()), message);
    assertTrue(message.contains("add an ignore rule to @LeakFree"), message);
  }

  @Test
  void a_name_becomes_that_of_a_file() throws Exception {
    var files = new ReportFiles(temporary);
    files.write("Test.of(int)/[1] ../x", LINGER, new Leaks());
    files.write("a".repeat(1_000), LINGER, new Leaks());
    assertEquals(
        List.of(
            "Test.of_int___1__.._x.json",
            "Test.of_int___1__.._x.txt",
            "a".repeat(200) + ".json",
            "a".repeat(200) + ".txt"),
        names(temporary));
  }

  @Test
  void a_directory_that_cannot_be_made_is_named_instead_of_failing() throws Exception {
    Path file = Files.createFile(temporary.resolve("file"));
    String message = new ReportFiles(file).write("test", LINGER, new Leaks());
    assertTrue(message.contains("could not be written to " + file), message);
  }

  @Test
  void a_test_that_passes_deletes_the_report_of_an_earlier_run_only() throws Exception {
    Path directory = temporary.resolve("holdfast");
    new ReportFiles(directory).write("test", LINGER, new Leaks());
    new ReportFiles(directory).write("other", LINGER, new Leaks());
    var later = new ReportFiles(directory);
    later.delete("test");
    later.delete("never reported");
    assertEquals(List.of("other.json", "other.txt"), names(directory));
    var first = new ReportFiles(temporary.resolve("new"));
    first.delete("test");
    assertFalse(Files.exists(temporary.resolve("new")));
  }
}
