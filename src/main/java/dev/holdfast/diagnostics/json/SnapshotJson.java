package dev.holdfast.diagnostics.json;

import dev.holdfast.inspect.Snapshot;
import dev.holdfast.inspect.WaitInfo;
import java.util.LinkedHashMap;
import java.util.Map;

/** Snapshots as JSON. */
public final class SnapshotJson {

  private SnapshotJson() {}

  /** {@return a scope or task, and everything in it, as a map for {@link JsonWriter}} */
  public static Map<String, Object> of(Snapshot live) {
    var object = new LinkedHashMap<String, Object>();
    object.put("kind", live.kind());
    object.put("name", live.name());
    object.put("state", live.state());
    object.put("ageMillis", live.age().toMillis());
    if (live.cancelled() != null) {
      object.put("cancelled", live.cancelled());
    }
    Thread thread = live.thread();
    if (thread != null) {
      object.put("thread", object(thread));
    }
    if (live.waitsFor() != null) {
      object.put("waitsFor", object(live.waitsFor()));
    }
    if (!live.forkedAt().isEmpty()) {
      object.put("forkedAt", live.forkedAt());
    }
    if (!live.channels().isEmpty()) {
      object.put("channels", live.channels());
    }
    if (!live.resources().isEmpty()) {
      object.put("resources", live.resources());
    }
    if (live.timers() > 0) {
      object.put("timers", live.timers());
    }
    if (!live.inside().isEmpty()) {
      object.put("inside", live.inside().stream().map(SnapshotJson::of).toList());
    }
    return object;
  }

  private static Map<String, Object> object(Thread thread) {
    var object = new LinkedHashMap<String, Object>();
    object.put("id", thread.threadId());
    object.put("name", thread.getName());
    object.put("virtual", thread.isVirtual());
    return object;
  }

  private static Map<String, Object> object(WaitInfo waits) {
    var object = new LinkedHashMap<String, Object>();
    object.put("operation", waits.operation());
    object.put("on", waits.on());
    object.put("ageMillis", waits.age().toMillis());
    object.put("timed", waits.timed());
    return object;
  }
}
