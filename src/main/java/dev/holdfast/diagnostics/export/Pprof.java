package dev.holdfast.diagnostics.export;

import dev.holdfast.diagnostics.census.FrameNames;
import dev.holdfast.internal.util.Printable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/**
 * Writes the profiles that {@code go tool pprof} reads: a compressed message of {@code
 * profile.proto}, whose samples are numbers of threads.
 *
 * <p>The numbers of the fields are those of github.com/google/pprof/proto/profile.proto.
 */
public final class Pprof {

  private final Protobuf profile = new Protobuf();
  private final Map<String, Integer> strings = new LinkedHashMap<>();
  private final Map<List<String>, Integer> functions = new HashMap<>();
  private final Map<StackTraceElement, Integer> locations = new HashMap<>();

  private Pprof() {
    string(""); // the first string must be empty
  }

  /** {@return the profile of a dump} */
  public static byte[] of(StackCounts counts, Instant time) {
    return new Pprof().write(counts.byLine(), time);
  }

  /**
   * {@return a profile of what has changed, with negative numbers for stacks with fewer threads}
   */
  public static byte[] ofDiff(StackCounts before, StackCounts after, Instant time) {
    var changes = new LinkedHashMap<>(after.byLine());
    before.byLine().forEach((stack, count) -> changes.merge(stack, -count, Integer::sum));
    changes.values().removeIf(count -> count == 0);
    return new Pprof().write(changes, time);
  }

  private byte[] write(Map<List<StackTraceElement>, Integer> counts, Instant time) {
    int threads = string("threads");
    int count = string("count");
    profile.add(1, valueType(threads, count));
    counts.forEach((stack, number) -> {
      var sample = new Protobuf();
      stack.forEach(frame -> sample.add(1, location(frame)));
      profile.add(2, sample.add(2, number));
    });
    profile.add(9, time.getEpochSecond() * 1_000_000_000L + time.getNano());
    profile.add(11, valueType(threads, count));
    profile.add(12, 1); // a sample stands for one thread
    profile.add(14, threads);
    strings.keySet().forEach(text -> profile.add(6, text));
    var out = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(out)) {
      gzip.write(profile.toBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static Protobuf valueType(int type, int unit) {
    return new Protobuf().add(1, type).add(2, unit);
  }

  private int location(StackTraceElement frame) {
    Integer known = locations.get(frame);
    if (known != null) {
      return known;
    }
    int id = locations.size() + 1;
    locations.put(frame, id);
    var line = new Protobuf().add(1, function(frame)).add(2, Math.max(0, frame.getLineNumber()));
    profile.add(4, new Protobuf().add(1, id).add(4, line));
    return id;
  }

  private int function(StackTraceElement frame) {
    String file = frame.getFileName() == null ? "" : Printable.of(frame.getFileName());
    String name = frame.getClassName().isEmpty() ? frame.getMethodName() : FrameNames.name(frame);
    List<String> key = List.of(name, file);
    Integer known = functions.get(key);
    if (known != null) {
      return known;
    }
    int id = functions.size() + 1;
    functions.put(key, id);
    int named = string(name);
    profile.add(5, new Protobuf().add(1, id).add(2, named).add(3, named).add(4, string(file)));
    return id;
  }

  private int string(String text) {
    Integer known = strings.get(text);
    if (known != null) {
      return known;
    }
    strings.put(text, strings.size());
    return strings.size() - 1;
  }
}
