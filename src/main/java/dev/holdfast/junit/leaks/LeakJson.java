package dev.holdfast.junit.leaks;

import dev.holdfast.diagnostics.json.JsonWriter;
import dev.holdfast.diagnostics.json.SnapshotJson;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes leaks as JSON. */
final class LeakJson {

  private LeakJson() {}

  static String of(String test, Duration linger, Leaks leaks) {
    var json = new LinkedHashMap<String, Object>();
    json.put("of", test);
    json.put("lingerMillis", linger.toMillis());
    json.put("count", leaks.size());
    json.put("groups", leaks.groups().stream().map(LeakJson::group).toList());
    json.put("scopes", leaks.scopes().stream().map(SnapshotJson::of).toList());
    return JsonWriter.of(json);
  }

  private static Map<String, Object> group(List<Leak> group) {
    Leak first = group.getFirst();
    var json = new LinkedHashMap<String, Object>();
    json.put("kind", first.kind().word);
    json.put("count", group.size());
    json.put("names", group.stream().map(Leak::name).toList());
    json.put("threads", group.stream().map(Leak::thread).filter(id -> id != 0).toList());
    json.put("stack", first.stack());
    json.put("createdBy", first.createdFrom());
    json.put("candidates", first.candidates());
    return json;
  }
}
