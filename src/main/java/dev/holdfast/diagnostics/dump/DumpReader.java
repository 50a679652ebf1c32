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
  private final TextDumpReader text = new TextDumpReader(stacks);
  private final LogLines log = new LogLines(text);
  private final List<DumpData> dumps = new ArrayList<>();

  private DumpReader() {}

  /**
   * Reads dumps.
   *
   * @param bytes the bytes of a file, which may be compressed with gzip
   * @return the dumps in file order, at least one
   * @throws DumpException if there is no dump; its message continues "The file ..."
   */
  public static List<DumpData> read(InputStream bytes) throws IOException {
    return new DumpReader().dumps(new BufferedReader(DumpInput.open(bytes), 1 << 14));
  }

  private List<DumpData> dumps(Reader in) throws IOException {
    IOException damage = null;
    try {
      if (beginsAsJson(in)) {
        documents(new JsonReader(in));
      } else {
        lines(new LineReader(in));
      }
    } catch (JsonException e) {
      throw new DumpException(String.valueOf(e.getMessage()), e);
    } catch (EOFException | ZipException e) {
      text.skip();
      damage = e;
    }
    log.finish();
    dumps.addAll(text.finish());
    if (dumps.isEmpty() && damage != null) {
      throw new DumpException(
          "is damaged: its compressed data ends too early or is wrong. Copy it again.", damage);
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

  private void lines(LineReader lines) throws IOException {
    for (String line = lines.next(); line != null; line = lines.next()) {
      log.line(line);
    }
  }

  /** Reads one document, or log entries with lines of text among them. */
  private void documents(JsonReader json) throws IOException {
    document(json);
    while (json.hasMore()) {
      if (json.isObject()) {
        try {
          document(json);
        } catch (JsonException e) {
          json.readLine(); // a line of text that begins with a brace
        }
      } else {
        log.line(json.readLine());
      }
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
    if (value instanceof Map<?, ?> map && map.containsKey("threadName")) {
      ActuatorThread.read(map, threads, stacks);
    } else if (value instanceof Map<?, ?> map && map.get("threads") instanceof List<?> list) {
      var dump = new DumpBuilder(stacks);
      list.forEach(thread -> ActuatorThread.read(thread, dump, stacks));
      if (dump.hasThreads()) {
        dumps.add(dump.build());
      }
    } else {
      log.entry(value);
    }
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
      } else {
        entry.put(name, json.nextValue());
      }
    }
    log.entry(entry);
  }
}
