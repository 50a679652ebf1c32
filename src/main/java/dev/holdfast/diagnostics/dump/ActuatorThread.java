package dev.holdfast.diagnostics.dump;

import dev.holdfast.diagnostics.dump.data.DumpBuilder;
import dev.holdfast.diagnostics.dump.data.Stacks;
import dev.holdfast.diagnostics.dump.data.ThreadBuilder;
import dev.holdfast.diagnostics.json.JsonException;
import dev.holdfast.diagnostics.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** Reads a thread as Spring's actuator and JMX tools write it: a {@code ThreadInfo} as JSON. */
final class ActuatorThread {

  private ActuatorThread() {}

  /** Adds a thread to a dump, or counts it as skipped if it is damaged. */
  static void read(@Nullable Object value, DumpBuilder dump, Stacks stacks) {
    try {
      dump.add(thread(new JsonObject("", value), dump, stacks));
    } catch (JsonException e) {
      dump.skipped++;
    }
  }

  private static ThreadBuilder thread(JsonObject json, DumpBuilder dump, Stacks stacks)
      throws JsonException {
    String name = json.optionalString("threadName");
    var thread = new ThreadBuilder(json.number("threadId"), name == null ? "" : name);
    thread.virtual = json.isTrue("virtual");
    thread.setState(json.optionalString("threadState"));
    for (JsonObject element : json.optionalObjects("stackTrace")) {
      StackTraceElement frame = stacks.frame(text(element));
      if (frame == null) {
        dump.skipped++;
      } else {
        thread.stack.add(frame);
      }
    }
    String lock = json.optionalString("lockName");
    if (lock != null) {
      thread.waitsFor(lock);
    }
    Long owner = json.optionalNumber("lockOwnerId");
    thread.lockOwner = owner == null || owner < 0 ? null : owner;
    for (JsonObject monitor : json.optionalObjects("lockedMonitors")) {
      thread.owns(object(monitor));
    }
    for (JsonObject lockOwned : json.optionalObjects("lockedSynchronizers")) {
      dump.ownsLock(thread, object(lockOwned));
    }
    return thread;
  }

  private static String object(JsonObject lock) throws JsonException {
    Long hash = lock.optionalNumber("identityHashCode");
    return lock.string("className") + "@" + (hash == null ? "0" : Long.toHexString(hash));
  }

  private static String text(JsonObject element) throws JsonException {
    String module = element.optionalString("moduleName");
    String file = element.optionalString("fileName");
    Long line = element.optionalNumber("lineNumber");
    return (module == null ? "" : module + "/")
        + element.string("className")
        + "."
        + element.string("methodName")
        + "("
        + (element.isTrue("nativeMethod")
            ? "Native Method"
            : file == null ? "Unknown Source" : line == null || line < 0 ? file : file + ":" + line)
        + ")";
  }
}
