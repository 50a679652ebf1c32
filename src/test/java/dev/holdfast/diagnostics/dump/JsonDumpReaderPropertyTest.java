package dev.holdfast.diagnostics.dump;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.diagnostics.DumpedThread;
import dev.holdfast.diagnostics.dump.data.DumpData;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class JsonDumpReaderPropertyTest {

  private static final StackTraceElement VIRTUAL_RUN =
      new StackTraceElement(
          null, "java.base", null, "java.lang.VirtualThread", "run", "VirtualThread.java", 329);

  private static Arbitrary<StackTraceElement> frames() {
    Arbitrary<String> loaders = Arbitraries.of("app", "my loader").injectNull(0.6);
    Arbitrary<String> modules = Arbitraries.of("java.base", "m").injectNull(0.4);
    Arbitrary<String> types =
        Arbitraries.of(
            "Main", "a.b.C$D", "a.Proxy$$Lambda/0x0000000801003000", "a.Hidden/0x1f", "ünï.Cödé");
    Arbitrary<String> methods = Arbitraries.of("run", "<init>", "lambda$main$3", "a b (c)", "x/y");
    Arbitrary<String> files = Arbitraries.of("C.java", "/usr/a.rb", "C:\\a.rb").injectNull(0.2);
    Arbitrary<Integer> lines = Arbitraries.integers().between(0, 99_999);
    return Combinators.combine(loaders, modules, types, methods, files, lines)
        .as((loader, module, type, method, file, line) -> {
          // Text cannot distinguish a class loader without a module from a module, nor a method
          // with a slash from a hidden class. Such methods do not occur in practice.
          String tidy = method.replace('/', '_');
          int at = file == null ? -1 - line % 2 : line;
          return new StackTraceElement(
              module == null ? null : loader, module, null, type, tidy, file, at);
        });
  }

  private static Arbitrary<String> texts() {
    return Arbitraries.oneOf(
        Arbitraries.of("", "main", "scope/task", "a \"quoted\" \\ name\n"),
        Arbitraries.strings().ofMaxLength(12).filter(s -> s.chars().noneMatch(c -> isHalf(c))));
  }

  private static boolean isHalf(int c) {
    return Character.isSurrogate((char) c);
  }

  private static Arbitrary<Long> ids() {
    return Arbitraries.longs().between(1, Long.MAX_VALUE);
  }

  private static Arbitrary<DumpedThread> threads(DumpText format) {
    boolean old = format == DumpText.JDK_21;
    double absent = old ? 1 : 0.5;
    Arbitrary<String> objects =
        Arbitraries.of("java.lang.Object@1abca4d1", "a.B$C@0").injectNull(absent);
    Arbitrary<Thread.State> states = Arbitraries.of(Thread.State.class).injectNull(old ? 1 : 0.1);
    Arbitrary<List<String>> owned = Arbitraries.of("a.B@1", "a.B@2").list().ofMaxSize(old ? 0 : 3);
    return Combinators.combine(
            ids(),
            texts(),
            Arbitraries.of(true, false),
            states,
            frames().list().ofMaxSize(6),
            objects.array(String[].class).ofSize(3),
            ids().injectNull(absent).tuple2(),
            owned)
        .as((id, name, virtual, state, stack, blockers, numbers, monitors) -> {
          List<StackTraceElement> all = new java.util.ArrayList<>(stack);
          if (virtual) {
            all.add(VIRTUAL_RUN);
          }
          return new DumpedThread(
              id,
              name,
              virtual,
              state,
              all,
              blockers[0],
              blockers[1],
              blockers[2],
              blockers[2] == null ? null : numbers.get1(),
              monitors,
              numbers.get2());
        });
  }

  private static Arbitrary<DumpData> dumps(DumpText format) {
    Arbitrary<DumpData.Container> containers =
        Combinators.combine(
                texts(),
                texts().injectNull(0.3),
                ids().injectNull(0.5),
                threads(format).list().ofMaxSize(4))
            .as(DumpData.Container::new);
    return Combinators.combine(ids(), ids(), texts(), containers.list().ofMaxSize(4))
        .as((pid, millis, version, list) ->
            new DumpData(pid, Instant.ofEpochMilli(millis >>> 24), version, list, 0));
  }

  private static DumpData read(String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return DumpReader.read(new ByteArrayInputStream(bytes)).getFirst();
  }

  record Written(DumpText format, DumpData dump, String text) {}

  @Provide
  Arbitrary<Written> written() {
    return Arbitraries.of(DumpText.values())
        .flatMap(
            format -> dumps(format).map(dump -> new Written(format, dump, format.write(dump))));
  }

  @Property(tries = 500)
  void every_version_of_the_format_is_read(@ForAll("written") Written written) throws Exception {
    DumpData read = read(written.text);
    assertEquals(written.dump.pid(), read.pid());
    assertEquals(written.dump.time(), read.time());
    assertEquals(written.dump.runtimeVersion(), read.runtimeVersion());
    assertEquals(written.dump.containers(), read.containers());
  }

  @Property(tries = 500)
  void a_dump_that_was_cut_short_is_refused(
      @ForAll("written") Written written, @ForAll double fraction) {
    String whole = written.text.stripTrailing();
    int end = (int) (Math.abs(fraction % 1) * whole.length());
    var thrown = assertThrows(DumpException.class, () -> read(whole.substring(0, end)));
    assertTrue(thrown.getMessage().startsWith("was cut short"), thrown.getMessage());
  }

  @Property(tries = 1000)
  void one_wrong_character_is_read_or_refused_in_one_line(
      @ForAll("written") Written written, @ForAll int where, @ForAll char wrong) throws Exception {
    var text = new StringBuilder(written.text);
    text.setCharAt(Math.floorMod(where, text.length()), wrong);
    try {
      read(text.toString());
    } catch (DumpException e) {
      assertFalse(e.getMessage().lines().count() > 1, e.getMessage());
    }
  }
}
