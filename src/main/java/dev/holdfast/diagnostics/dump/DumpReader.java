package dev.holdfast.diagnostics.dump;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads thread dumps: of this JVM, of another process, from a file. */
public final class DumpReader {

  /** More characters than a string can have. */
  private static final long TOO_LARGE = Integer.MAX_VALUE - 64L;

  private DumpReader() {}

  /** Dumps the threads of this JVM. */
  public static DumpData ofThisJvm() throws IOException {
    return TemporaryDump.of(OwnJvm::dumpTo);
  }

  /** Dumps the threads of another JVM. */
  public static DumpData ofProcess(long pid) throws IOException, InterruptedException {
    return TemporaryDump.of(file -> Jcmd.dumpTo(file, pid));
  }

  /** Reads a dump from a file. */
  public static DumpData read(Path file) throws IOException {
    try {
      if (Files.size(file) > TOO_LARGE) {
        throw new DumpException("is larger than 2 GB, which cannot be read");
      }
      if (Files.isDirectory(file)) {
        throw new DumpException(JsonDumpReader.NO_DUMP + ": it is a directory");
      }
      return JsonDumpReader.read(Files.readString(file));
    } catch (DumpException e) {
      throw new DumpException(file + " " + e.getMessage(), e);
    } catch (NoSuchFileException e) {
      throw new DumpException("There is no file " + file, e);
    } catch (CharacterCodingException e) {
      throw new DumpException(file + " " + JsonDumpReader.NO_DUMP + ": it is not text", e);
    }
  }
}
