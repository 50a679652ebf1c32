package dev.holdfast.diagnostics.json;

import dev.holdfast.internal.util.Printable;
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
        text.append(Printable.json(String.valueOf(entry.getKey()))).append(": ");
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
      text.append(Printable.json(value.toString()));
    }
  }
}
