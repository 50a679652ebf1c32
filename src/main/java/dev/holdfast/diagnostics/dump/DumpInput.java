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

  private DumpInput() {}

  /** {@return the characters; bytes that are no text become replacement characters} */
  static Reader open(InputStream bytes) throws IOException {
    InputStream in = new BufferedInputStream(bytes, BUFFER);
    byte[] start = peek(in);
    if (start.length > 1 && start[0] == 0x1F && start[1] == (byte) 0x8B) {
      in = new BufferedInputStream(new GZIPInputStream(in, BUFFER), BUFFER);
      start = peek(in);
    }
    Charset charset = charset(start);
    skipMark(in, start);
    return new InputStreamReader(in, charset);
  }

  private static byte[] peek(InputStream in) throws IOException {
    in.mark(4);
    byte[] start = in.readNBytes(4);
    in.reset();
    return start;
  }

  private static Charset charset(byte[] start) {
    if (start.length < 2) {
      return StandardCharsets.UTF_8;
    }
    if (start[0] == (byte) 0xFF && start[1] == (byte) 0xFE || start[0] != 0 && start[1] == 0) {
      return StandardCharsets.UTF_16LE;
    }
    if (start[0] == (byte) 0xFE && start[1] == (byte) 0xFF || start[0] == 0 && start[1] != 0) {
      return StandardCharsets.UTF_16BE;
    }
    return StandardCharsets.UTF_8;
  }

  private static void skipMark(InputStream in, byte[] start) throws IOException {
    boolean utf16 =
        start.length > 1
            && (start[0] == (byte) 0xFF && start[1] == (byte) 0xFE
                || start[0] == (byte) 0xFE && start[1] == (byte) 0xFF);
    boolean utf8 =
        start.length > 2
            && start[0] == (byte) 0xEF
            && start[1] == (byte) 0xBB
            && start[2] == (byte) 0xBF;
    in.skipNBytes(utf16 ? 2 : utf8 ? 3 : 0);
  }
}
