package dev.holdfast.diagnostics.dump;

import dev.holdfast.diagnostics.dump.data.DumpBuilder;
import dev.holdfast.diagnostics.dump.data.DumpData;
import dev.holdfast.diagnostics.dump.data.Stacks;
import dev.holdfast.diagnostics.json.JsonException;
import dev.holdfast.diagnostics.json.JsonReader;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/** Reads the thread dumps in a file of any known format, as a stream. */
public final class DumpReader {

  static final String NO_DUMP = "has no thread dump in a known format";

  private static final String FIX =
      ". Take one with: jcmd PID Thread.dump_to_file -format=json FILE";

  private final Stacks stacks = new Stacks();
  private final LogSources log;
  private final List<DumpData> dumps = new ArrayList<>();

  /** Why the last document could not be read to its end. */
  private @Nullable JsonException cut;

  private DumpReader(boolean newestFirst) {
    log = new LogSources(stacks, newestFirst);
  }

  /**
   * Reads dumps.
   *
   * @param bytes the bytes of a file, which may be compressed with gzip
   * @return the dumps in file order, at least one
   * @throws DumpException if there is no dump; its message continues "The file ..."
   */
  public static List<DumpData> read(InputStream bytes) throws IOException {
    return new DumpReader(false).dumps(bytes);
  }

  /** Reads dumps from an export that lists the newest line first. */
  static List<DumpData> readNewestFirst(InputStream bytes) throws IOException {
    return new DumpReader(true).dumps(bytes);
  }

  private List<DumpData> dumps(InputStream bytes) throws IOException {
    var in = new BufferedReader(DumpInput.open(bytes), 1 << 14);
    IOException damage = null;
    try {
      var json = new JsonReader(in);
      if (beginsAsJson(in)) {
        document(json);
        json.hasMore(); // skips the end of its line
      }
      lines(json);
    } catch (JsonException e) {
      throw new DumpException(String.valueOf(e.getMessage()), e);
    } catch (EOFException | ZipException e) {
      log.skip();
      damage = e;
    }
    dumps.addAll(log.finish());
    if (log.isReversed()) {
      throw new DumpException.NewestFirst();
    }
    if (dumps.isEmpty() && damage != null) {
      throw new DumpException(
          "is damaged: its compressed data ends too early or is wrong. Copy it again.", damage);
    }
    if (dumps.isEmpty() && cut != null) {
      throw new DumpException(String.valueOf(cut.getMessage()), cut);
    }
    if (dumps.isEmpty() && log.hasLostStacks()) {
      throw new DumpException("has threads, but their stacks are in no known format" + FIX);
    }
    if (dumps.isEmpty()) {
      throw new DumpException(NO_DUMP + FIX);
    }
    return dumps;
  }

  /**
   * {@return whether a text begins like a JSON object or array of objects; a log may begin with
   * "["}
   */
  private static boolean beginsAsJson(Reader in) throws IOException {
    in.mark(1 << 12);
    int c = skipSpace(in);
    boolean json = c < 0 || c == '{' || (c == '[' && skipSpace(in) == '{');
    in.reset();
    return json;
  }

  private static int skipSpace(Reader in) throws IOException {
    int c = in.read();
    for (int i = 0; i < 1_000 && Character.isWhitespace(c); i++) {
      c = in.read();
    }
    return c;
  }

  /** Reads lines of text, which may include JSON documents. */
  private void lines(JsonReader in) throws IOException {
    CsvLines table = null;
    boolean first = true;
    while (!in.isAtEnd()) {
      if (table == null && in.isDocument()) {
        tryDocument(in);
        continue;
      }
      String line = in.readLine();
      if (first && !line.isBlank()) {
        table = CsvLines.below(line, log::line);
        first = false;
      }
      if (table == null) {
        log.line(line);
      } else {
        table.line(line);
      }
    }
  }

  private void tryDocument(JsonReader in) throws IOException {
    try {
      document(in);
      in.hasMore(); // skips the end of its line
    } catch (JsonException e) {
      cut = in.isAtEnd() ? e : cut;
      in.readLine();
    }
  }

  private void document(JsonReader json) throws IOException {
    var threads = new DumpBuilder(stacks);
    if (json.isArray()) {
      json.beginArray();
      while (json.nextElement()) {
        threadOrEntry(json.nextValue(), threads);
      }
    } else {
      object(json, threads);
    }
    if (threads.hasThreads()) {
      dumps.add(threads.build());
    }
  }

  private void threadOrEntry(@Nullable Object value, DumpBuilder threads) {
    List<?> list = value instanceof Map<?, ?> response ? threads(response) : null;
    if (value instanceof Map<?, ?> map && map.containsKey("threadName")) {
      ActuatorThread.read(map, threads, stacks);
    } else if (list != null) {
      var dump = new DumpBuilder(stacks);
      list.forEach(thread -> ActuatorThread.read(thread, dump, stacks));
      if (dump.hasThreads()) {
        dumps.add(dump.build());
      }
    } else {
      log.entry(value);
    }
  }

  /** {@return the threads in a response of Spring's actuator or of Jolokia, or null} */
  private static @Nullable List<?> threads(Map<?, ?> response) {
    if (response.get("threads") instanceof List<?> threads) {
      return threads;
    }
    return response.get("value") instanceof List<?> list
            && !list.isEmpty()
            && list.getFirst() instanceof Map<?, ?> map
            && map.containsKey("threadName")
        ? list
        : null;
  }

  private void object(JsonReader json, DumpBuilder threads) throws IOException {
    var entry = new LinkedHashMap<String, @Nullable Object>();
    json.beginObject();
    for (String name = json.nextName(); name != null; name = json.nextName()) {
      if (name.equals("threadDump")) {
        dumps.add(JsonDumpReader.read(json, stacks));
      } else if (name.equals("threads") && json.isArray()) {
        json.beginArray();
        while (json.nextElement()) {
          ActuatorThread.read(json.nextValue(), threads, stacks);
        }
      } else if (name.equals("value") && json.isArray()) { // Jolokia
        json.beginArray();
        while (json.nextElement()) {
          threadOrEntry(json.nextValue(), threads);
        }
      } else {
        entry.put(name, json.nextValue());
      }
    }
    log.entry(entry);
  }
}
