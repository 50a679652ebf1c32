package dev.holdfast.diagnostics.dump;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPInputStream;

/** Decodes the bytes of a dump: gzip, UTF-8 or UTF-16, with or without a byte order mark. */
final class DumpInput {

  private static final int BUFFER = 1 << 16;

  /** The maximum number of nested compressions of a file. */
  private static final int MAX_LEVELS = 3;

  private DumpInput() {}

  /** {@return the characters; bytes that are not text become replacement characters} */
  static Reader open(InputStream bytes) throws IOException {
    InputStream in = new BufferedInputStream(bytes, BUFFER);
    byte[] start = peek(in);
    for (int level = 0; begins(start, 0x1F, 0x8B) && level < MAX_LEVELS; level++) {
      in = new BufferedInputStream(new GZIPInputStream(in, BUFFER), BUFFER);
      start = peek(in);
    }
    refuse(start);
    Charset charset = charset(start);
    skipMark(in, start);
    return new InputStreamReader(in, charset);
  }

  /** Refuses binary files that may contain a dump, with a message that says what to do. */
  private static void refuse(byte[] start) throws DumpException {
    String begin = new String(start, StandardCharsets.ISO_8859_1);
    switch (begin) {
      case "" -> throw new DumpException("was cut short: it is empty. Dump again.");
      case "PK\3\4" -> throw new DumpException("is a zip archive. Unpack it first.");
      case "FLR\0" ->
          throw new DumpException(
              "is a flight recording. Print its dumps with: jfr print --events jdk.ThreadDump"
                  + " FILE");
      case "JAVA" ->
          throw new DumpException(
              "is a heap dump. Take a thread dump with: jcmd PID Thread.dump_to_file FILE");
      default -> {
        // may be text
      }
    }
  }

  private static byte[] peek(InputStream in) throws IOException {
    in.mark(4);
    byte[] start = in.readNBytes(4);
    in.reset();
    return start;
  }

  private static Charset charset(byte[] start) {
    if (begins(start, 0xFF, 0xFE) || (start.length > 1 && start[0] != 0 && start[1] == 0)) {
      return StandardCharsets.UTF_16LE;
    }
    if (begins(start, 0xFE, 0xFF) || (start.length > 1 && start[0] == 0 && start[1] != 0)) {
      return StandardCharsets.UTF_16BE;
    }
    return StandardCharsets.UTF_8;
  }

  private static void skipMark(InputStream in, byte[] start) throws IOException {
    if (begins(start, 0xFF, 0xFE) || begins(start, 0xFE, 0xFF)) {
      in.skipNBytes(2);
    } else if (begins(start, 0xEF, 0xBB, 0xBF)) {
      in.skipNBytes(3);
    }
  }

  private static boolean begins(byte[] bytes, int... wanted) {
    if (bytes.length < wanted.length) {
      return false;
    }
    for (int i = 0; i < wanted.length; i++) {
      if ((bytes[i] & 0xFF) != wanted[i]) {
        return false;
      }
    }
    return true;
  }
}
