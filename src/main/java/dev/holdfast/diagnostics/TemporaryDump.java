package dev.holdfast.diagnostics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** JVMs write thread dumps to files only: this one is read and deleted. */
final class TemporaryDump {

  private TemporaryDump() {}

  interface Writer<X extends Exception> {
    /** The file is not there yet, and alone in its directory, which only this user can enter. */
    void write(Path file) throws IOException, X;
  }

  static <X extends Exception> ThreadDump of(Writer<X> writer) throws IOException, X {
    Path directory = Files.createTempDirectory("holdfast-");
    try {
      Path file = directory.resolve("threads.json").toAbsolutePath();
      writer.write(file);
      return ThreadDump.read(file);
    } finally {
      delete(directory);
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }
}
