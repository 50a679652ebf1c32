package dev.holdfast.diagnostics;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Thread dumps as the JVM writes them.
 *
 * <p>There are three generations. JDK 21 to 24 tell identifier, name and stack. JDK 25 and 26 add
 * the state and what the thread waits for. JDK 27 calls this {@code formatVersion} 2, and writes
 * numbers as numbers instead of strings; here either will do.
 */
final class DumpReader {

  static final String NO_DUMP =
      "is not a thread dump as jcmd PID Thread.dump_to_file -format=json writes it";

  private static final long LATEST = 2;

  /** Most frames are seen in many threads. */
  private final Map<String, StackTraceElement> frames = new HashMap<>();

  private DumpReader() {}

  /** Reads a dump; what is wrong is said of a file yet to be named. */
  static ThreadDump read(String text) throws ThreadDumpException {
    if (!text.isBlank() && !text.stripLeading().startsWith("{")) {
      throw new ThreadDumpException(NO_DUMP + ": it does not begin with '{'");
    }
    return new DumpReader().dump(new Fields("", Json.parse(text)).object("threadDump"));
  }

  private ThreadDump dump(Fields dump) throws ThreadDumpException {
    Long version = dump.optionalNumber("formatVersion");
    if (version != null && (version < 1 || version > LATEST)) {
      throw new ThreadDumpException(
          "is a thread dump of formatVersion "
              + version
              + ", and this release knows those up to "
              + LATEST
              + ", of JDK 21 to 27. Use a Holdfast release that knows it.");
    }
    var containers = new ArrayList<ThreadDump.Container>();
    for (Fields container : dump.objects("threadContainers")) {
      containers.add(container(container));
    }
    return new ThreadDump(
        dump.number("processId"),
        time(dump.string("time")),
        dump.string("runtimeVersion"),
        containers);
  }

  private static Instant time(String text) throws ThreadDumpException {
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      throw new ThreadDumpException(NO_DUMP + ": its time is '" + text + "'", e);
    }
  }

  private ThreadDump.Container container(Fields container) throws ThreadDumpException {
    var threads = new ArrayList<DumpedThread>();
    for (Fields thread : container.objects("threads")) {
      threads.add(thread(thread));
    }
    return new ThreadDump.Container(
        container.string("container"),
        container.optionalString("parent"),
        container.optionalNumber("owner"),
        threads);
  }

  private DumpedThread thread(Fields thread) throws ThreadDumpException {
    var stack = new ArrayList<StackTraceElement>();
    for (String frame : thread.strings("stack")) {
      stack.add(frame(frame));
    }
    Fields blocker = thread.optionalObject("parkBlocker");
    var monitors = new ArrayList<String>();
    for (Fields owned : thread.optionalObjects("monitorsOwned")) {
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

  private StackTraceElement frame(String text) throws ThreadDumpException {
    StackTraceElement known = frames.get(text);
    if (known == null) {
      known = Frames.parse(text);
      if (known == null) {
        throw new ThreadDumpException(NO_DUMP + ": '" + text + "' is no stack frame");
      }
      frames.put(text, known);
    }
    return known;
  }
}
