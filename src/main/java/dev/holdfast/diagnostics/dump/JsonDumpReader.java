package dev.holdfast.diagnostics.dump;

import dev.holdfast.diagnostics.DumpedThread;
import dev.holdfast.diagnostics.json.JsonException;
import dev.holdfast.diagnostics.json.JsonObject;
import dev.holdfast.diagnostics.json.JsonReader;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the JSON that {@code jcmd PID Thread.dump_to_file -format=json} writes.
 *
 * <p>There are three versions of it. JDK 21 to 24 write the identifier, name and stack of a thread.
 * JDK 25 and 26 add its state and what it waits for. JDK 27 writes numbers instead of strings with
 * numbers, and calls this {@code formatVersion} 2. This reader takes both kinds of numbers.
 */
final class JsonDumpReader {

  static final String NO_DUMP =
      "is not a thread dump as jcmd PID Thread.dump_to_file -format=json writes it";

  private static final long LATEST = 2;

  /** Most frames are on many stacks: equal ones are one object. */
  private final Map<String, StackTraceElement> frames = new HashMap<>();

  private JsonDumpReader() {}

  /**
   * Reads a dump.
   *
   * @throws DumpException if the text is not a dump; its message continues "The file ..."
   */
  static DumpData read(String text) throws DumpException {
    if (!text.isBlank() && !text.stripLeading().startsWith("{")) {
      throw new DumpException(NO_DUMP + ": it does not begin with '{'");
    }
    Object json;
    try {
      json = JsonReader.parse(text);
    } catch (JsonException e) {
      throw new DumpException(String.valueOf(e.getMessage()), e);
    }
    try {
      return new JsonDumpReader().dump(new JsonObject("", json).object("threadDump"));
    } catch (JsonException e) {
      throw new DumpException(NO_DUMP + ": " + e.getMessage(), e);
    }
  }

  private DumpData dump(JsonObject dump) throws DumpException, JsonException {
    Long version = dump.optionalNumber("formatVersion");
    if (version != null && (version < 1 || version > LATEST)) {
      throw new DumpException(
          "is a thread dump of formatVersion "
              + version
              + ", and this release knows those up to "
              + LATEST
              + ", of JDK 21 to 27. Use a Holdfast release that knows it.");
    }
    var containers = new ArrayList<DumpData.Container>();
    for (JsonObject container : dump.objects("threadContainers")) {
      containers.add(container(container));
    }
    return new DumpData(
        dump.number("processId"),
        time(dump.string("time")),
        dump.string("runtimeVersion"),
        containers);
  }

  private static Instant time(String text) throws DumpException {
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      throw new DumpException(NO_DUMP + ": its time is '" + text + "'", e);
    }
  }

  private DumpData.Container container(JsonObject container) throws DumpException, JsonException {
    var threads = new ArrayList<DumpedThread>();
    for (JsonObject thread : container.objects("threads")) {
      threads.add(thread(thread));
    }
    return new DumpData.Container(
        container.string("container"),
        container.optionalString("parent"),
        container.optionalNumber("owner"),
        threads);
  }

  private DumpedThread thread(JsonObject thread) throws DumpException, JsonException {
    var stack = new ArrayList<StackTraceElement>();
    for (String frame : thread.strings("stack")) {
      stack.add(frame(frame));
    }
    JsonObject blocker = thread.optionalObject("parkBlocker");
    var monitors = new ArrayList<String>();
    for (JsonObject owned : thread.optionalObjects("monitorsOwned")) {
      monitors.addAll(owned.strings("locks"));
    }
    return new DumpedThread(
        thread.number("tid"),
        thread.string("name"),
        thread.isTrue("virtual") || endsInVirtualThread(stack),
        state(thread.optionalString("state")),
        stack,
        thread.optionalString("blockedOn"),
        thread.optionalString("waitingOn"),
        blocker == null ? null : blocker.optionalString("object"),
        blocker == null ? null : blocker.optionalNumber("owner"),
        monitors,
        thread.optionalNumber("carrier"));
  }

  private static boolean endsInVirtualThread(List<StackTraceElement> stack) {
    return !stack.isEmpty()
        && stack.getLast().getClassName().equals("java.lang.VirtualThread")
        && stack.getLast().getMethodName().equals("run");
  }

  private static Thread.@Nullable State state(@Nullable String name) {
    for (Thread.State state : Thread.State.values()) {
      if (state.name().equals(name)) {
        return state;
      }
    }
    return null;
  }

  private StackTraceElement frame(String text) throws DumpException {
    StackTraceElement known = frames.get(text);
    if (known == null) {
      known = FrameParser.parse(text);
      if (known == null) {
        throw new DumpException(NO_DUMP + ": '" + text + "' is no stack frame");
      }
      frames.put(text, known);
    }
    return known;
  }
}
