package dev.holdfast.diagnostics.capture;

import dev.holdfast.diagnostics.dump.DumpException;
import dev.holdfast.diagnostics.dump.DumpFiles;
import dev.holdfast.diagnostics.dump.data.DumpData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads a dump from a temporary file, because a JVM writes its dump only to files. */
final class TemporaryDump {

  static final String PREFIX = "holdfast-";
  private static final String FILE = "threads";
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

  /**
   * A directory for one dump, which no other user can read.
   *
   * @param here its path in this process
   * @param there its path in the process that writes the dump
   */
  record Directory(Path here, Path there) {

    Path file() {
      return here.resolve(FILE);
    }

    Path fileThere() {
      return there.resolve(FILE);
    }
  }

  /** Creates a directory. */
  interface Maker {
    Directory make() throws IOException;
  }

  /** Writes a dump to the file in a directory. */
  interface Writer<X extends Exception> {
    /** The file does not exist yet. */
    void write(Directory directory, Format format) throws IOException, X;
  }

  /**
   * Takes a dump as JSON, or else as text, because the JSON writer of the JDK fails if a thread
   * name has a control character.
   */
  static <X extends Exception> DumpData of(Maker maker, Writer<X> writer) throws IOException, X {
    try {
      return of(maker, writer, Format.JSON);
    } catch (DumpException e) {
      try {
        return of(maker, writer, Format.TEXT);
      } catch (DumpException again) {
        throw e; // both formats have failed for the same reason
      }
    }
  }

  private static <X extends Exception> DumpData of(Maker maker, Writer<X> writer, Format format)
      throws IOException, X {
    try (var cleanup = new Cleanup()) {
      Directory directory =
          cleanup.creating(() -> {
            Directory made = maker.make();
            cleanup.add(made.here());
            return made;
          });
      writer.write(directory, format);
      return DumpFiles.read(directory.file()).getLast();
    }
  }

  /** In a container with a read-only root, shared memory is often the only writable place. */
  static Directory own() throws IOException {
    Path path = ownPath().toAbsolutePath();
    return new Directory(path, path);
  }

  private static Path ownPath() throws IOException {
    try {
      return Files.createTempDirectory(PREFIX);
    } catch (IOException e) {
      if (!Files.isWritable(SHARED_MEMORY)) {
        throw e;
      }
      return Files.createTempDirectory(SHARED_MEMORY, PREFIX);
    }
  }
}
