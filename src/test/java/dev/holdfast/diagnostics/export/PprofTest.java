package dev.holdfast.diagnostics.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.testing.ChildProcess;
import dev.holdfast.testing.HostileNames;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests {@code Protobuf} as well. */
@Timeout(400)
class PprofTest {

  private static final Instant TIME = Instant.parse("2026-11-21T12:00:00.000000007Z");

  @TempDir Path directory;

  /** The fields of a message: numbers, or the bytes of texts and messages. */
  private record Message(Map<Integer, List<Object>> fields) {

    static Message read(ByteBuffer in) {
      var fields = new TreeMap<Integer, List<Object>>();
      while (in.hasRemaining()) {
        long key = varint(in);
        Object value;
        if ((key & 7) == 0) {
          value = varint(in);
        } else {
          assertEquals(2, key & 7);
          int length = (int) varint(in);
          value = in.slice(in.position(), length);
          in.position(in.position() + length);
        }
        fields.computeIfAbsent((int) (key >>> 3), f -> new ArrayList<>()).add(value);
      }
      return new Message(fields);
    }

    private static long varint(ByteBuffer in) {
      long value = 0;
      for (int shift = 0; ; shift += 7) {
        byte b = in.get();
        value |= (long) (b & 0x7f) << shift;
        if (b >= 0) {
          return value;
        }
      }
    }

    List<Object> all(int field) {
      return fields.getOrDefault(field, List.of());
    }

    long number(int field) {
      return all(field).isEmpty() ? 0 : (Long) all(field).getFirst();
    }

    List<Message> messages(int field) {
      return all(field).stream().map(b -> read(((ByteBuffer) b).duplicate())).toList();
    }

    List<String> texts(int field) {
      return all(field).stream()
          .map(b -> StandardCharsets.UTF_8.decode(((ByteBuffer) b).duplicate()).toString())
          .toList();
    }
  }

  private static Message read(byte[] profile) throws IOException {
    try (var in = new GZIPInputStream(new ByteArrayInputStream(profile))) {
      return Message.read(ByteBuffer.wrap(in.readAllBytes()));
    }
  }

  /** {@return the samples as the innermost function, the number of frames, and the value} */
  private static List<String> samples(Message profile) {
    List<String> texts = profile.texts(6);
    var functions = new TreeMap<Long, String>();
    profile
        .messages(5)
        .forEach(f -> functions.put(f.number(1), texts.get(Math.toIntExact(f.number(2)))));
    var locations = new TreeMap<Long, String>();
    for (Message location : profile.messages(4)) {
      Message line = location.messages(4).getFirst();
      locations.put(location.number(1), functions.get(line.number(1)) + ":" + line.number(2));
    }
    return profile.messages(2).stream()
        .map(s -> s.all(1).stream().map(l -> locations.get((Long) l)).toList() + " " + s.number(2))
        .toList();
  }

  private static final StackCounts COUNTS =
      Stacks.counts(
          Stacks.threads(300, "com.acme.A.a", "java.lang.Thread.sleep"),
          Stacks.threads(2, "com.acme.B.bb"));

  @Test
  void samples_are_numbers_of_threads_innermost_frame_first() throws Exception {
    Message profile = read(Pprof.of(COUNTS, TIME));
    assertEquals("", profile.texts(6).getFirst());
    List<String> texts = profile.texts(6);
    Message type = profile.messages(1).getFirst();
    assertEquals("threads", texts.get((int) type.number(1)));
    assertEquals("count", texts.get((int) type.number(2)));
    assertEquals(1_795_262_400_000_000_007L, profile.number(9));
    assertEquals(
        List.of("[java.lang.Thread.sleep:22, com.acme.A.a:12] 300", "[com.acme.B.bb:13] 2"),
        samples(profile));
  }

  @Test
  void a_diff_has_negative_numbers() throws Exception {
    StackCounts after =
        Stacks.counts(
            Stacks.threads(100, "com.acme.A.a", "java.lang.Thread.sleep"),
            Stacks.threads(2, "com.acme.B.bb"),
            Stacks.threads(1, "com.acme.C.c"));
    assertEquals(
        List.of("[java.lang.Thread.sleep:22, com.acme.A.a:12] -200", "[com.acme.C.c:12] 1"),
        samples(read(Pprof.ofDiff(COUNTS, after, TIME))));
  }

  @Test
  void hostile_names_are_printable() throws Exception {
    for (String name : HostileNames.ALL) {
      var frame = new StackTraceElement("com.acme." + name, name, name, 1);
      var counts =
          StackCounts.of(
              List.of(Stacks.thread("a", List.of(frame)), Stacks.thread(name, List.of())));
      for (String text : read(Pprof.of(counts, TIME)).texts(6)) {
        assertFalse(HostileNames.isActive(text) || text.contains("\n"), text);
      }
    }
  }

  @Test
  void the_real_pprof_reads_it() throws Exception {
    assumeTrue(hasGo(), "there is no go here");
    Path file = Files.write(directory.resolve("a.pb.gz"), Pprof.of(COUNTS, TIME));
    // Since Go 1.25 the first call compiles the tool.
    String top =
        ChildProcess.run(Duration.ofMinutes(4), "go", "tool", "pprof", "-top", file.toString())
            .succeeded();
    assertTrue(top.contains("Type: threads"), top);
    assertTrue(top.matches("(?s).*\\s300 .*java\\.lang\\.Thread\\.sleep\n.*"), top);
    assertTrue(top.contains("of 302 total"), top);
  }

  private static boolean hasGo() throws InterruptedException {
    try {
      return ChildProcess.run(ChildProcess.PLENTY, "go", "version").code() == 0;
    } catch (IOException absent) {
      return false;
    }
  }
}
