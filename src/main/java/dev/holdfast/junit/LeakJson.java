package dev.holdfast.junit;

import dev.holdfast.inspect.Snapshot;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What was left, as JSON for tools. */
final class LeakJson {

  private final StringBuilder text = new StringBuilder();

  private LeakJson() {}

  static String of(String of, Duration linger, Found found) {
    var json = new LeakJson();
    json.write(
        object(
            "of", of,
            "lingerMillis", linger.toMillis(),
            "count", found.size(),
            "groups", found.groups().stream().map(LeakJson::group).toList(),
            "scopes", found.scopes().stream().map(LeakJson::live).toList()));
    return json.text.append('\n').toString();
  }

  private static Map<String, @Nullable Object> group(List<Leftover> group) {
    Leftover first = group.getFirst();
    return object(
        "kind", first.kind().word,
        "count", group.size(),
        "names", group.stream().map(Leftover::name).toList(),
        "threads", group.stream().map(Leftover::thread).filter(id -> id != 0).toList(),
        "stack", first.stack(),
        "startedBy", first.created());
  }

  private static Map<String, @Nullable Object> live(Snapshot live) {
    Thread thread = live.thread();
    return object(
        "kind", live.kind(),
        "name", live.name(),
        "state", live.state(),
        "ageMillis", live.age().toMillis(),
        "cancelled", live.cancelled(),
        "thread", thread == null ? null : thread.threadId(),
        "waitsFor", live.waitsFor(),
        "channels", live.channels(),
        "resources", live.resources(),
        "timers", live.timers(),
        "inside", live.inside().stream().map(LeakJson::live).toList());
  }

  private static Map<String, @Nullable Object> object(@Nullable Object... namesAndValues) {
    var object = new LinkedHashMap<String, @Nullable Object>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      object.put(String.valueOf(namesAndValues[i]), namesAndValues[i + 1]);
    }
    return object;
  }

  private void write(@Nullable Object value) {
    switch (value) {
      case null -> text.append("null");
      case Number number -> text.append(number);
      case Map<?, ?> map -> {
        String before = "{";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          text.append(before);
          string(entry.getKey().toString());
          text.append(": ");
          write(entry.getValue());
          before = ",\n";
        }
        text.append('}');
      }
      case Collection<?> list -> {
        text.append('[');
        String before = "";
        for (Object element : list) {
          text.append(before);
          write(element);
          before = ", ";
        }
        text.append(']');
      }
      default -> string(value.toString());
    }
  }

  private void string(String value) {
    text.append('"');
    value
        .chars()
        .forEach(c -> {
          if (c == '"' || c == '\\') {
            text.append('\\').append((char) c);
          } else if (c < ' ' || Character.isSurrogate((char) c)) {
            text.append("\\u%04x".formatted(c)); // an unpaired surrogate is no UTF-8
          } else {
            text.append((char) c);
          }
        });
    text.append('"');
  }
}
