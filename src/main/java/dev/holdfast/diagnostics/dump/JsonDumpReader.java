package dev.holdfast.diagnostics.dump;

import dev.holdfast.diagnostics.DumpedThread;
import dev.holdfast.diagnostics.dump.data.DumpData;
import dev.holdfast.diagnostics.dump.data.Stacks;
import dev.holdfast.diagnostics.dump.data.ThreadBuilder;
import dev.holdfast.diagnostics.json.JsonException;
import dev.holdfast.diagnostics.json.JsonObject;
import dev.holdfast.diagnostics.json.JsonReader;
import java.io.IOException;
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
 * <p>This JSON has three versions. JDK 21 to 24 write the identifier, name and stack of a thread.
 * JDK 25 and 26 add its state and what it waits for. JDK 27 writes numbers instead of strings that
 * contain numbers, and gives its {@code formatVersion} as 2. This reader accepts both kinds of
 * numbers.
 */
final class JsonDumpReader {

  private static final String PATH = "threadDump";
  private static final long LATEST = 2;

  private final JsonReader json;
  private final Stacks stacks;

  /** The members of the dump except the containers. */
  private final Map<String, @Nullable Object> head = new HashMap<>();

  private final List<DumpData.Container> containers = new ArrayList<>();
  private boolean hasContainers;
  private int skipped;

  private JsonDumpReader(JsonReader json, Stacks stacks) {
    this.json = json;
    this.stacks = stacks;
  }

  /** Reads the value of {@code threadDump}. */
  static DumpData read(JsonReader json, Stacks stacks) throws IOException {
    return new JsonDumpReader(json, stacks).dump();
  }

  private DumpData dump() throws IOException {
    if (!json.isObject()) {
      json.nextValue(); // fails if the document was cut short here
      throw wrong(PATH + " is not an object");
    }
    json.beginObject();
    for (String name = json.nextName(); name != null; name = json.nextName()) {
      if (name.equals("threadContainers") && json.isArray()) {
        hasContainers = true;
        containers();
      } else {
        head.put(name, json.nextValue());
      }
    }
    try {
      return dump(new JsonObject(PATH, head));
    } catch (JsonException e) {
      throw wrong(String.valueOf(e.getMessage()));
    }
  }

  private static DumpException wrong(String what) {
    return new DumpException(DumpReader.NO_DUMP + ": " + what);
  }

  private DumpData dump(JsonObject dump) throws IOException {
    Long version = dump.optionalNumber("formatVersion");
    if (version != null && (version < 1 || version > LATEST)) {
      throw new DumpException(
          "is a thread dump of formatVersion "
              + version
              + ", but this release of Holdfast reads versions up to "
              + LATEST
              + " (JDK 21 to 27). Use a newer release.");
    }
    if (!hasContainers) {
      throw wrong(PATH + ".threadContainers is not an array");
    }
    return new DumpData(
        dump.number("processId"),
        time(dump.string("time")),
        dump.string("runtimeVersion"),
        containers,
        skipped);
  }

  private static Instant time(String text) throws DumpException {
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      throw wrong("its time is '" + text + "'");
    }
  }

  private void containers() throws IOException {
    json.beginArray();
    while (json.nextElement()) {
      String path = PATH + ".threadContainers[" + containers.size() + "]";
      if (!json.isObject()) {
        json.nextValue(); // fails if the document was cut short here
        throw wrong(path + " is not an object");
      }
      container(path);
    }
  }

  private void container(String path) throws IOException {
    var members = new HashMap<String, @Nullable Object>();
    List<DumpedThread> threads = null;
    json.beginObject();
    for (String name = json.nextName(); name != null; name = json.nextName()) {
      if (name.equals("threads") && json.isArray()) {
        threads = threads();
      } else {
        members.put(name, json.nextValue());
      }
    }
    if (threads == null) {
      throw wrong(path + ".threads is not an array");
    }
    try {
      var container = new JsonObject(path, members);
      containers.add(
          new DumpData.Container(
              container.string("container"),
              container.optionalString("parent"),
              container.optionalNumber("owner"),
              threads));
    } catch (JsonException e) {
      throw wrong(String.valueOf(e.getMessage()));
    }
  }

  private List<DumpedThread> threads() throws IOException {
    var threads = new ArrayList<DumpedThread>();
    json.beginArray();
    while (json.nextElement()) {
      Object value = json.nextValue();
      try {
        threads.add(thread(new JsonObject("", value)).build(stacks));
      } catch (JsonException e) {
        skipped++;
      }
    }
    return threads;
  }

  private ThreadBuilder thread(JsonObject json) throws JsonException {
    var thread = new ThreadBuilder(json.number("tid"), json.string("name"));
    thread.virtual = json.isTrue("virtual");
    thread.setState(json.optionalString("state"));
    for (String text : json.strings("stack")) {
      StackTraceElement frame = stacks.frame(text);
      if (frame == null) {
        skipped++;
      } else {
        thread.stack.add(frame);
      }
    }
    thread.blockedOn = json.optionalString("blockedOn");
    thread.waitingOn = json.optionalString("waitingOn");
    JsonObject blocker = json.optionalObject("parkBlocker");
    if (blocker != null) {
      thread.parkBlocker = blocker.optionalString("object");
      thread.lockOwner = blocker.optionalNumber("owner");
    }
    for (JsonObject owned : json.optionalObjects("monitorsOwned")) {
      thread.monitorsOwned.addAll(owned.strings("locks"));
    }
    thread.carrier = json.optionalNumber("carrier");
    return thread;
  }
}
