package dev.holdfast.diagnostics.capture;

import dev.holdfast.diagnostics.dump.DumpException;
import dev.holdfast.diagnostics.dump.DumpFiles;
import dev.holdfast.diagnostics.dump.data.DumpData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** Reads a dump from a temporary file, because a JVM writes its dump to files only. */
final class TemporaryDump {

  private static final String PREFIX = "holdfast-";
  private static final Path SHARED_MEMORY = Path.of("/dev/shm");

  private TemporaryDump() {}

  /** The formats of {@code jcmd PID Thread.dump_to_file}. */
  enum Format {
    JSON("json"),
    TEXT("plain");

    final String option;

    Format(String option) {
      this.option = option;
    }
  }

  /** Writes a dump to a file. */
  interface Writer<X extends Exception> {
    /** The file does not exist yet. It is alone in a directory that only this user can enter. */
    void write(Path file, Format format) throws IOException, X;
  }

  /**
   * Takes a dump as JSON, or else as text: the JSON writer of the JDK fails if the name of a thread
   * has a control character.
   */
  static <X extends Exception> DumpData of(Writer<X> writer) throws IOException, X {
    try {
      return of(writer, Format.JSON);
    } catch (DumpException e) {
      try {
        return of(writer, Format.TEXT);
      } catch (DumpException again) {
        throw e; // both formats have failed for the same reason
      }
    }
  }

  private static <X extends Exception> DumpData of(Writer<X> writer, Format format)
      throws IOException, X {
    Path directory = directory();
    try {
      Path file = directory.resolve("threads").toAbsolutePath();
      writer.write(file, format);
      return DumpFiles.read(file).getLast();
    } finally {
      delete(directory);
    }
  }

  /** In a container with a read-only root, the shared memory is often the one writable place. */
  private static Path directory() throws IOException {
    try {
      return Files.createTempDirectory(PREFIX);
    } catch (IOException e) {
      if (!Files.isWritable(SHARED_MEMORY)) {
        throw e;
      }
      return Files.createTempDirectory(SHARED_MEMORY, PREFIX);
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
