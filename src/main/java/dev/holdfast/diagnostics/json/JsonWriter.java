package dev.holdfast.diagnostics.json;

import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes maps, iterables, numbers, booleans and nulls as JSON, and all other objects as strings.
 */
public final class JsonWriter {

  private final StringBuilder text = new StringBuilder();

  private JsonWriter() {}

  public static String of(@Nullable Object value) {
    var json = new JsonWriter();
    json.value(value, "\n");
    return json.text.append('\n').toString();
  }

  private void value(@Nullable Object value, String newLine) {
    if (value == null || value instanceof Number || value instanceof Boolean) {
      text.append(value);
    } else if (value instanceof Map<?, ?> map) {
      Iterator<? extends Map.Entry<?, ?>> entries = map.entrySet().iterator();
      text.append('{');
      while (entries.hasNext()) {
        Map.Entry<?, ?> entry = entries.next();
        text.append(newLine).append("  ");
        string(String.valueOf(entry.getKey()));
        text.append(": ");
        value(entry.getValue(), newLine + "  ");
        text.append(entries.hasNext() ? "," : newLine);
      }
      text.append('}');
    } else if (value instanceof Iterable<?> list) {
      Iterator<?> values = list.iterator();
      text.append('[');
      while (values.hasNext()) {
        text.append(newLine).append("  ");
        value(values.next(), newLine + "  ");
        text.append(values.hasNext() ? "," : newLine);
      }
      text.append(']');
    } else {
      string(value.toString());
    }
  }

  private void string(String string) {
    text.append('"');
    for (int i = 0; i < string.length(); i++) {
      char c = string.charAt(i);
      if (c == '"' || c == '\\') {
        text.append('\\').append(c);
      } else if (c < ' ' || Character.isSurrogate(c)) { // it may be half of a surrogate pair
        text.append("\\u%04x".formatted((int) c));
      } else {
        text.append(c);
      }
    }
    text.append('"');
  }
}
