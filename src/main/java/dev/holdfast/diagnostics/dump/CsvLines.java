package dev.holdfast.diagnostics.dump;

import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Extracts the lines of a dump from one column of a table that log servers export, with commas,
 * semicolons or tabs. The name of a column, or the first field that begins a dump, shows which
 * column it is.
 */
final class CsvLines {

  private static final Pattern NAME = Pattern.compile("\"?[@_\\w][\\w@. \\[\\]()/-]{0,60}\"?");
  private static final Pattern ONE_NAME = Pattern.compile("[@_]\\w+|\"[@_\\w.]+\"|textPayload");
  private static final int UNKNOWN = -1;

  private final char separator;
  private final Consumer<String> lines;
  private int column;

  private int field;
  private boolean quoted;
  private final StringBuilder text = new StringBuilder();

  private CsvLines(char separator, int column, Consumer<String> lines) {
    this.separator = separator;
    this.column = column;
    this.lines = lines;
  }

  /** {@return a reader for the lines below this one, or null if this is not the head of a table} */
  static @Nullable CsvLines below(String head, Consumer<String> lines) {
    for (char separator : new char[] {',', ';', '\t'}) {
      String[] names = head.split(Pattern.quote(String.valueOf(separator)), -1);
      int column = UNKNOWN;
      boolean words = true;
      boolean spaces = false;
      for (int i = 0; i < names.length; i++) {
        words &= NAME.matcher(names[i]).matches();
        spaces |= names[i].indexOf(' ') >= 0 && !names[i].startsWith("\"");
        if (column == UNKNOWN && LogEntry.isText(names[i])) {
          column = i;
        }
      }
      boolean table =
          names.length == 1 ? ONE_NAME.matcher(head).matches() : words && (!spaces || column >= 0);
      if (table && (names.length > 1 || column >= 0)) {
        return new CsvLines(separator, column, lines);
      }
    }
    return null;
  }

  /** Reads a line, which may be a part of a record. */
  void line(String line) {
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      char next = i + 1 < line.length() ? line.charAt(i + 1) : separator;
      if (c == '"' && text.isEmpty() && !quoted) {
        quoted = true;
      } else if (c == '"' && quoted && next == '"') {
        text.append(c);
        i++;
      } else if (c == '"' && quoted && next == separator) {
        quoted = false;
      } else if (c == '"' && quoted) { // its quotes were not doubled
        quoted = false;
        text.insert(0, c).append(c);
      } else if (c == separator && !quoted) {
        endLine();
        field++;
      } else {
        text.append(c);
      }
    }
    endLine();
    field = quoted ? field : 0;
  }

  private void endLine() {
    String line = text.toString();
    text.setLength(0);
    if (column == UNKNOWN && LogPrefix.isBeginOfDump(line)) {
      column = field;
    }
    if (field == column) {
      lines.accept(line);
    }
  }
}
