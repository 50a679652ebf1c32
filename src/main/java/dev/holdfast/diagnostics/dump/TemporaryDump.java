package dev.holdfast.diagnostics.dump;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Reads a dump from a temporary file, because a JVM writes its JSON dump to files only. */
final class TemporaryDump {

  private TemporaryDump() {}

  /** Writes a dump to a file. */
  interface Writer<X extends Exception> {
    /** The file does not exist yet. It is alone in a directory that only this user can enter. */
    void write(Path file) throws IOException, X;
  }

  static <X extends Exception> DumpData of(Writer<X> writer) throws IOException, X {
    Path directory = Files.createTempDirectory("holdfast-");
    try {
      Path file = directory.resolve("threads.json").toAbsolutePath();
      writer.write(file);
      return DumpReader.read(file);
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
