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

  /** {@return JSON on one line, which ends with a line separator} */
  public static String line(@Nullable Object value) {
    var json = new JsonWriter();
    json.value(value, null);
    return json.text.append('\n').toString();
  }

  private void value(@Nullable Object value, @Nullable String newLine) {
    String inner = newLine == null ? null : newLine + "  ";
    if (value == null || value instanceof Number || value instanceof Boolean) {
      text.append(value);
    } else if (value instanceof Map<?, ?> map) {
      Iterator<? extends Map.Entry<?, ?>> entries = map.entrySet().iterator();
      text.append('{');
      while (entries.hasNext()) {
        Map.Entry<?, ?> entry = entries.next();
        indent(newLine);
        text.append(Printable.json(String.valueOf(entry.getKey()))).append(": ");
        value(entry.getValue(), inner);
        end(entries.hasNext(), newLine);
      }
      text.append('}');
    } else if (value instanceof Iterable<?> list) {
      Iterator<?> values = list.iterator();
      text.append('[');
      while (values.hasNext()) {
        indent(newLine);
        value(values.next(), inner);
        end(values.hasNext(), newLine);
      }
      text.append(']');
    } else {
      text.append(Printable.json(value.toString()));
    }
  }

  private void indent(@Nullable String newLine) {
    if (newLine != null) {
      text.append(newLine).append("  ");
    }
  }

  private void end(boolean more, @Nullable String newLine) {
    if (more) {
      text.append(newLine == null ? ", " : ",");
    } else if (newLine != null) {
      text.append(newLine);
    }
  }
}
