package dev.holdfast.diagnostics.dump;

import dev.holdfast.diagnostics.json.JsonException;
import dev.holdfast.diagnostics.json.JsonReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Unwraps the lines of a dump: removes the prefix that a log has added, joins lines that a
 * container runtime has split, and takes text out of JSON and HTML.
 */
final class LogLines {

  private static final Pattern ENTITY = Pattern.compile("&(?:quot|lt|gt|amp|nbsp|#0?3[49]|#160);");
  private static final Pattern TAGS = Pattern.compile("^(?:<[^<>]*>)+");

  /** The end of a dump line that a logger has escaped. */
  private static final Pattern ESCAPED_FRAME = Pattern.compile("\\\\n(?:\\\\t| +)at ");

  private static final Pattern BREAK = Pattern.compile("<br ?/?>");

  /** A tab, as rsyslog writes it. */
  private static final String RSYSLOG_TAB = "#011";

  private final TextDumpReader text;
  private final LogPrefix prefix = new LogPrefix();
  private final LogEntry entry = new LogEntry();

  /** The beginning of a line that continues in the next line or entry of the log. */
  private String part = "";

  /** Whether log entries contain line ends, so that an entry without one is part of a line. */
  private boolean entriesHaveEnds;

  /** The lines so far of a log that lists the newest line first; null for any other log. */
  private final @Nullable List<String> newestFirst;

  LogLines(TextDumpReader text, boolean newestFirst) {
    this.text = text;
    this.newestFirst = newestFirst ? new ArrayList<>() : null;
  }

  /** {@return the reader that gets the lines} */
  TextDumpReader text() {
    return text;
  }

  /** Reads a line, without its line separator. */
  void line(String raw) {
    if (newestFirst == null) {
      wrapped(raw);
    } else {
      newestFirst.add(raw);
    }
  }

  private void wrapped(String raw) {
    if (part.isEmpty() && hasJson(raw)) {
      return;
    }
    if (prefix.isPart(raw)) {
      append(prefix.stripKnown(raw));
      return;
    }
    String line = part.isEmpty() ? prefix.strip(raw) : part + prefix.stripKnown(raw);
    part = "";
    boolean escapedTab = line.startsWith(RSYSLOG_TAB);
    whole((escapedTab ? "\t" + line.substring(RSYSLOG_TAB.length()) : line).stripTrailing());
  }

  private void append(String piece) {
    if (part.length() < JsonReader.MAX_LINE) {
      part += piece;
    }
  }

  private void whole(String line) {
    if (line.startsWith("{") && line.endsWith("}") && isJson(line)) {
      return;
    }
    if (ESCAPED_FRAME.matcher(line).find()) {
      line.replace("\\t", "\t")
          .replace("\\\"", "\"")
          .replace("\\n", "\n")
          .lines()
          .forEach(text::line);
      return;
    }
    if (line.contains("<br")) {
      BREAK.splitAsStream(line).map(LogLines::withoutMarkup).forEach(text::line);
    } else {
      text.line(line.indexOf('&') >= 0 ? withoutMarkup(line) : line);
    }
  }

  private static String withoutMarkup(String line) {
    Matcher entity = ENTITY.matcher(line);
    if (!entity.find()) {
      return line;
    }
    return ENTITY
        .matcher(TAGS.matcher(line).replaceFirst(""))
        .replaceAll(found ->
            switch (found.group()) {
              case "&lt;" -> "<";
              case "&gt;" -> ">";
              case "&amp;" -> "&";
              case "&nbsp;", "&#160;" -> " ";
              case "&#39;", "&#039;" -> "'";
              default -> "\"";
            });
  }

  /** Reads a log entry in JSON after a time or a tag. {@return whether there is such an entry} */
  private boolean hasJson(String line) {
    int begin = line.indexOf("{\"");
    int end = line.lastIndexOf('}') + 1;
    if (begin <= 0 || end < line.length() - 1) {
      return false;
    }
    String json = line.substring(begin, end);
    return isJson(json) || (json.contains("\"=>") && isJson(json.replace("\"=>", "\": ")));
  }

  private boolean isJson(String line) {
    try {
      entry(JsonReader.parse(line));
      return true;
    } catch (JsonException e) {
      return false;
    }
  }

  /** Reads the entries of a log, or of the response of a log server. */
  void entry(@Nullable Object json) {
    boolean mayBePart = json instanceof Map<?, ?> map && map.containsKey("log");
    for (String text : entry.texts(json)) {
      boolean ended = text.endsWith("\n");
      entriesHaveEnds |= mayBePart && ended;
      if (mayBePart && !ended && entriesHaveEnds) {
        append(text);
      } else {
        text.lines().forEach(this::line);
      }
    }
  }

  /** Reads the lines that are left, and the last one if the log ends within a line. */
  void finish() {
    if (newestFirst != null) {
      newestFirst.reversed().forEach(this::wrapped);
    }
    if (!part.isEmpty()) {
      wrapped("");
    }
  }
}
