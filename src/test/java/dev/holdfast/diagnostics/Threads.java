package dev.holdfast.diagnostics;

import dev.holdfast.diagnostics.dump.data.DumpData;
import dev.holdfast.diagnostics.dump.data.FrameParser;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Builds threads and dumps for tests. */
final class Threads {

  static final String PARK = "java.base/java.lang.VirtualThread.park(VirtualThread.java:596)";
  static final String RUN = "java.base/java.lang.VirtualThread.run(VirtualThread.java:329)";

  private Threads() {}

  static DumpedThread of(long id, String name, Thread.@Nullable State state, String... stack) {
    List<StackTraceElement> frames =
        Arrays.stream(stack).map(f -> Objects.requireNonNull(FrameParser.parse(f), f)).toList();
    return new DumpedThread(
        id, name, false, state, frames, null, null, null, null, List.of(), null);
  }

  /** A virtual thread that is parked in a call. */
  static DumpedThread parked(long id, String call, String... stack) {
    String[] all = new String[stack.length + 3];
    all[0] = PARK;
    all[1] = call;
    System.arraycopy(stack, 0, all, 2, stack.length);
    all[all.length - 1] = RUN;
    return of(id, "", null, all);
  }

  static List<DumpedThread> parked(int from, int count, String call, String... stack) {
    return IntStream.range(from, from + count).mapToObj(id -> parked(id, call, stack)).toList();
  }

  static DumpData data(List<DumpedThread> threads) {
    return new DumpData(
        7,
        Instant.parse("2026-11-21T12:00:00Z"),
        "25.0.1",
        List.of(new DumpData.Container("<root>", null, null, threads)),
        0);
  }

  static ThreadDump dump(List<DumpedThread> threads) {
    return new ThreadDump(
        7,
        Instant.parse("2026-11-21T12:00:00Z"),
        "25.0.1",
        List.of(new ThreadDump.Container("<root>", null, null, threads)),
        0);
  }

  @SafeVarargs
  static Census census(List<DumpedThread>... threads) {
    var all = new ArrayList<DumpedThread>();
    for (List<DumpedThread> some : threads) {
      all.addAll(some);
    }
    return Census.of(dump(all));
  }
}
