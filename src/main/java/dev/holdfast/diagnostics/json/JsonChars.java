package dev.holdfast.diagnostics.json;

import java.io.IOException;
import java.io.Reader;
import org.jspecify.annotations.Nullable;

/**
 * The characters of a JSON document, and the values made of them: strings, numbers, literals.
 *
 * <p>If a string equals a recent one, that object is used again, because a dump repeats most of its
 * strings.
 */
final class JsonChars {

  private static final int RECENT = 1 << 12;

  private final Reader in;
  private final char[] buffer = new char[1 << 13];
  private int at;
  private int limit;

  /** The offset of the buffer in the document. */
  private long base;

  private final StringBuilder string = new StringBuilder();
  private final @Nullable String[] recent = new @Nullable String[RECENT];

  JsonChars(Reader in) {
    this.in = in;
  }

  long offset() {
    return base + at;
  }

  /** {@return the next character, without reading past it; -1 at the end} */
  int peek() throws IOException {
    return at < limit || fill() ? buffer[at] : -1;
  }

  /** {@return the character after the next one; -1 at the end} */
  int peekSecond() throws IOException {
    return at + 1 < limit || (peek() >= 0 && (at + 1 < limit || fill())) ? buffer[at + 1] : -1;
  }

  /** Keeps the unread characters, and reads more. {@return whether there were any} */
  private boolean fill() throws IOException {
    System.arraycopy(buffer, at, buffer, 0, limit - at);
    base += at;
    limit -= at;
    at = 0;
    int read = Math.max(0, in.read(buffer, limit, buffer.length - limit));
    limit += read;
    return read > 0;
  }

  /**
   * {@return the rest of the line without its separator} Skips the part that exceeds the length.
   */
  String line(int maxLength) throws IOException {
    string.setLength(0);
    while (peek() >= 0) {
      int from = at;
      while (at < limit && buffer[at] != '\n' && buffer[at] != '\r') {
        at++;
      }
      string.append(buffer, from, Math.max(0, Math.min(at - from, maxLength - string.length())));
      if (at < limit) {
        endLine();
        break;
      }
    }
    return string.toString();
  }

  /**
   * Skips a line separator: LF, CR, or CR and LF. A program that copied the text may have doubled
   * the CR.
   */
  private void endLine() throws IOException {
    int c = next();
    while (c == '\r' && (peek() == '\r' || peek() == '\n')) {
      c = next();
    }
  }

  /** {@return the next character; -1 at the end} */
  int next() throws IOException {
    int c = peek();
    if (c >= 0) {
      at++;
    }
    return c;
  }

  /** Skips white space; {@return the next value of {@link #peek}} */
  int skipSpace() throws IOException {
    int c = peek();
    while (c == ' ' || c == '\n' || c == '\r' || c == '\t') {
      at++;
      c = peek();
    }
    return c;
  }

  JsonException wrong(String expected) throws IOException {
    int c = peek();
    return c < 0
        ? new JsonException(
            "was cut short: it ends at offset "
                + offset()
                + ", before "
                + expected
                + ". Dump again.")
        : wrongAt(offset(), (char) c, expected);
  }

  JsonException wrongAt(long offset, char c, String expected) {
    return new JsonException(
        "is not JSON: at offset "
            + offset
            + " there is "
            + (c > ' ' && c < 0x7F ? "'" + c + "'" : "U+%04X".formatted((int) c))
            + " instead of "
            + expected);
  }

  @Nullable Object literal(String name, @Nullable Object value) throws IOException {
    for (int i = 0; i < name.length(); i++) {
      if (peek() != name.charAt(i)) {
        throw wrong(name);
      }
      at++;
    }
    return value;
  }

  String string() throws IOException {
    next(); // the quote
    string.setLength(0);
    int hash = 0;
    for (int c = peek(); c != '"'; c = peek()) {
      if (c < ' ') { // or the end
        throw wrong("the end of a string");
      }
      at++;
      char read = c == '\\' ? escape() : (char) c;
      hash = 31 * hash + read;
      string.append(read);
    }
    at++;
    return shared(hash);
  }

  private String shared(int hash) {
    int slot = (hash ^ hash >>> 16) & RECENT - 1;
    String seen = recent[slot];
    if (seen == null || !seen.contentEquals(string)) {
      recent[slot] = seen = string.toString();
    }
    return seen;
  }

  private char escape() throws IOException {
    int c = peek();
    int simple = "\"\\/bfnrt".indexOf(c);
    if (simple >= 0) {
      at++;
      return "\"\\/\b\f\n\r\t".charAt(simple);
    }
    if (c != 'u') {
      throw wrong("an escape");
    }
    at++;
    int code = 0;
    for (int i = 0; i < 4; i++) {
      int hex = peek();
      int digit = hex >= 0 && hex < 0x7F ? Character.digit(hex, 16) : -1;
      if (digit < 0) {
        throw wrong("a hexadecimal digit");
      }
      at++;
      code = code << 4 | digit;
    }
    return (char) code;
  }

  Number number() throws IOException {
    string.setLength(0);
    boolean whole = true;
    skip('-');
    if (!skip('0')) {
      digits();
    }
    if (skip('.')) {
      whole = false;
      digits();
    }
    if (skip('e') || skip('E')) {
      whole = false;
      if (!skip('+')) {
        skip('-');
      }
      digits();
    }
    String digits = string.toString();
    if (whole) {
      try {
        return Long.valueOf(digits);
      } catch (NumberFormatException e) {
        // too large for a long
      }
    }
    return Double.valueOf(digits);
  }

  private boolean skip(char wanted) throws IOException {
    if (peek() != wanted) {
      return false;
    }
    at++;
    string.append(wanted);
    return true;
  }

  private void digits() throws IOException {
    int c = peek();
    if (c < '0' || c > '9') {
      throw wrong("a digit");
    }
    for (; c >= '0' && c <= '9'; c = peek()) {
      at++;
      string.append((char) c);
    }
  }
}
