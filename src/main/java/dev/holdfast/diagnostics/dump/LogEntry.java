package dev.holdfast.diagnostics.dump;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds the text in a log entry that is a JSON object. */
final class LogEntry {

  /** The names that loggers and container runtimes use, the likeliest first. */
  private static final List<String> NAMES =
      List.of(
          "log", "message", "msg", "textPayload", "MESSAGE", "jsonPayload", "body", "text", "line");

  private LogEntry() {}

  /** {@return the text of an entry, or null if it has none} */
  static @Nullable String text(Map<?, ?> entry) {
    for (String name : NAMES) {
      Object value = entry.get(name);
      if (value instanceof String text) {
        return text;
      }
      if (value instanceof Map<?, ?> inner) {
        return text(inner);
      }
    }
    return null;
  }
}
