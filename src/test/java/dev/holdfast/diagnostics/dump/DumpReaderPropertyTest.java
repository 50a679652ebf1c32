package dev.holdfast.diagnostics.dump;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

class DumpReaderPropertyTest {

  @Provide
  Arbitrary<byte[]> dumps() throws IOException {
    List<byte[]> dumps = new ArrayList<>();
    for (String shape : DumpReaderTest.shapes()) {
      dumps.add(Files.readAllBytes(Path.of("src/test/resources/dumps/shapes", shape)));
    }
    return Arbitraries.of(dumps).map(byte[]::clone);
  }

  /** Reading either succeeds or fails with one line: no other exception, no endless loop. */
  private static void read(byte[] bytes) throws IOException {
    try {
      DumpReader.read(new ByteArrayInputStream(bytes));
    } catch (DumpException e) {
      assertEquals(1, e.getMessage().lines().count(), e.getMessage());
    }
  }

  @Property(tries = 2_000)
  void changed_bytes_are_read_or_refused(
      @ForAll("dumps") byte[] dump,
      @ForAll @Size(max = 20) List<Integer> places,
      @ForAll @Size(20) List<Byte> values)
      throws IOException {
    for (int i = 0; i < places.size(); i++) {
      dump[Math.floorMod(places.get(i), dump.length)] = values.get(i);
    }
    read(dump);
  }

  @Property(tries = 1_000)
  void a_part_of_a_dump_is_read_or_refused(
      @ForAll("dumps") byte[] dump, @ForAll int from, @ForAll int length) throws IOException {
    int start = Math.floorMod(from, dump.length);
    int end = start + Math.floorMod(length, dump.length - start + 1);
    read(java.util.Arrays.copyOfRange(dump, start, end));
  }
}
