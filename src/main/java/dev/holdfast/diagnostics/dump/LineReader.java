package dev.holdfast.diagnostics.dump;

import java.io.IOException;
import java.io.Reader;
import org.jspecify.annotations.Nullable;

/** Reads lines of bounded length, so that a file without line ends cannot fill the heap. */
final class LineReader {

  /** The rest of a longer line is skipped. No line of a dump is so long. */
  static final int MAX_LENGTH = 1 << 16;

  private final Reader in;
  private final char[] buffer = new char[1 << 13];
  private int at;
  private int limit;
  private final StringBuilder line = new StringBuilder();

  LineReader(Reader in) {
    this.in = in;
  }

  /** {@return the next line without its separator, or null at the end} */
  @Nullable String next() throws IOException {
    line.setLength(0);
    boolean any = false;
    while (at < limit || fill()) {
      any = true;
      int from = at;
      while (at < limit && buffer[at] != '\n') {
        at++;
      }
      line.append(buffer, from, Math.max(0, Math.min(at - from, MAX_LENGTH - line.length())));
      if (at < limit) {
        at++;
        break;
      }
    }
    int end = line.length();
    if (end > 0 && line.charAt(end - 1) == '\r') {
      line.setLength(end - 1);
    }
    return any ? line.toString() : null;
  }

  private boolean fill() throws IOException {
    at = 0;
    limit = Math.max(0, in.read(buffer));
    return limit > 0;
  }
}
