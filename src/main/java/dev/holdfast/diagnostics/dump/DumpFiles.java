package dev.holdfast.diagnostics.dump;

import dev.holdfast.diagnostics.dump.data.DumpData;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Reads the thread dumps in a file, or in the files of a folder. */
public final class DumpFiles {

  private DumpFiles() {}

  /**
   * Reads all dumps.
   *
   * @param path a file or a folder
   * @return the dumps, at least one: those of a file in their order, those of a folder by their
   *     time
   */
  public static List<DumpData> read(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      return file(path);
    }
    List<Path> files;
    try (Stream<Path> entries = Files.list(path)) {
      files = entries.filter(Files::isRegularFile).sorted().toList();
    }
    var dumps = new ArrayList<DumpData>();
    DumpException last = null;
    for (Path file : files) {
      try {
        dumps.addAll(file(file));
      } catch (DumpException e) {
        last = e; // a folder may have other files, too
      }
    }
    if (dumps.isEmpty()) {
      throw new DumpException(path + " has no file with a thread dump", last);
    }
    dumps.sort(Comparator.comparing(DumpData::time));
    return dumps;
  }

  private static List<DumpData> file(Path file) throws IOException {
    try {
      Instant modified = Files.getLastModifiedTime(file).toInstant();
      return dumps(file).stream().map(dump -> dump.orAt(modified)).toList();
    } catch (DumpException e) {
      throw new DumpException(file + " " + e.getMessage(), e);
    } catch (NoSuchFileException e) {
      throw new DumpException("There is no file " + file, e);
    }
  }

  private static List<DumpData> dumps(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return DumpReader.read(in);
    } catch (DumpException.NewestFirst e) {
      try (InputStream in = Files.newInputStream(file)) {
        return DumpReader.readNewestFirst(in);
      }
    }
  }
}
