package dev.holdfast.diagnostics.dump;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds the text in JSON log entries, including those in the responses of log servers. */
final class LogEntry {

  /** The names that loggers and container runtimes use, the likeliest first. */
  private static final List<String> NAMES =
      List.of(
          "log",
          "message",
          "msg",
          "textPayload",
          "MESSAGE",
          "body",
          "text",
          "line",
          "original",
          "_raw");

  private LogEntry() {}

  /** {@return the texts of all entries in a JSON value, in their order} */
  static List<String> texts(@Nullable Object json) {
    var texts = new ArrayList<String>();
    find(json, texts);
    return texts;
  }

  private static void find(@Nullable Object json, List<String> texts) {
    if (json instanceof Map<?, ?> map) {
      for (String name : NAMES) {
        if (own(map.get(name), texts)) {
          return;
        }
      }
      map.values().forEach(value -> find(value, texts));
    } else if (json instanceof List<?> list) {
      if (list.size() == 2 && list.getFirst() instanceof String && own(list.getLast(), texts)) {
        return; // Loki: time and line
      }
      list.forEach(value -> find(value, texts));
    }
  }

  /** Adds the text from a value whose name usually marks it; {@return whether there was text} */
  private static boolean own(@Nullable Object value, List<String> texts) {
    if (value instanceof String text) {
      return texts.add(text);
    }
    if (value instanceof List<?> bytes && !bytes.isEmpty() && bytes.getFirst() instanceof Long) {
      return texts.add(decoded(bytes)); // journald, for a line with a tab
    }
    int before = texts.size();
    find(value, texts);
    return texts.size() > before;
  }

  private static String decoded(List<?> numbers) {
    byte[] bytes = new byte[numbers.size()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = numbers.get(i) instanceof Long number ? number.byteValue() : (byte) '?';
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
