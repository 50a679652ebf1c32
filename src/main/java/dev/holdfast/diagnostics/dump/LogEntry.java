package dev.holdfast.diagnostics.dump;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds the text in JSON log entries, including those in the responses of log servers.
 *
 * <p>Usually, the name of a member shows whether it contains the text. When a member with another
 * name begins a dump or a thread, this class remembers that name.
 */
final class LogEntry {

  /** The names that loggers, runtimes and log servers use, the most likely first. */
  private static final List<String> NAMES =
      List.of(
          "log",
          "message",
          "msg",
          "fullmessage",
          "textpayload",
          "logmessage",
          "logline",
          "logentry",
          "body",
          "text",
          "line",
          "original",
          "raw",
          "rawstring",
          "content",
          "stringvalue",
          "result",
          "event",
          "shortmessage");

  private @Nullable String learned;

  /** {@return whether a member or column with this name usually contains the text} */
  static boolean isText(String name) {
    return NAMES.contains(simple(name));
  }

  /** {@return the letters of a name, in lower case, without the names of the objects around it} */
  private static String simple(String name) {
    var simple = new StringBuilder();
    String last = name.substring(name.lastIndexOf('.') + 1);
    for (int i = 0; i < last.length(); i++) {
      if (Character.isLetter(last.charAt(i))) {
        simple.append(last.charAt(i));
      }
    }
    return simple.toString().toLowerCase(Locale.ROOT);
  }

  /** {@return the texts of all entries in a JSON value, in their order} */
  List<String> texts(@Nullable Object json) {
    var texts = new ArrayList<String>();
    find(json, texts);
    return texts;
  }

  private void find(@Nullable Object json, List<String> texts) {
    if (json instanceof Map<?, ?> map) {
      if (map.get("field") instanceof String name && map.containsKey("value")) { // CloudWatch
        if (isText(name)) {
          own(map.get("value"), texts);
        }
      } else if (!member(map, texts)) {
        map.values().forEach(value -> find(value, texts));
      }
    } else if (json instanceof List<?> list) {
      if (list.size() == 2 && list.getFirst() instanceof String && own(list.getLast(), texts)) {
        return; // Loki: time and line
      }
      list.forEach(value -> find(value, texts));
    }
  }

  /** Adds the text of one member; {@return whether one was found} */
  private boolean member(Map<?, ?> map, List<String> texts) {
    var ranked = new TreeMap<Integer, @Nullable Object>();
    for (Map.Entry<?, ?> member : map.entrySet()) {
      String name = String.valueOf(member.getKey());
      Object value = member.getValue();
      if (learned == null && value instanceof String text && LogPrefix.isBeginOfDump(text)) {
        learned = name;
      }
      int rank = name.equals(learned) ? -1 : NAMES.indexOf(simple(name));
      if (rank >= 0 || name.equals(learned)) {
        ranked.putIfAbsent(rank, value);
      }
    }
    for (Object value : ranked.values()) {
      if (own(value, texts)) {
        return true;
      }
    }
    return false;
  }

  /** Adds the text from a value whose name usually marks it; {@return whether there was text} */
  private boolean own(@Nullable Object value, List<String> texts) {
    if (value instanceof String text) {
      return texts.add(text);
    }
    if (value instanceof List<?> bytes && !bytes.isEmpty() && bytes.getFirst() instanceof Long) {
      return texts.add(decoded(bytes)); // journald, for a line with a tab
    }
    if (value instanceof List<?> list
        && list.size() == 1
        && list.getFirst() instanceof String text) {
      return texts.add(text); // the fields of Elasticsearch
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
