package dev.holdfast.diagnostics.export;

import dev.holdfast.diagnostics.DumpedThread;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Builds threads with stacks for tests of exports. */
final class Stacks {

  private Stacks() {}

  /** {@return threads with a stack of methods such as {@code com.acme.A.a}, outermost first} */
  static List<DumpedThread> threads(int count, String... methods) {
    List<StackTraceElement> stack =
        Arrays.stream(methods)
            .map(m -> {
              int dot = m.lastIndexOf('.');
              return new StackTraceElement(
                  m.substring(0, dot), m.substring(dot + 1), "A.java", m.length());
            })
            .toList()
            .reversed();
    var threads = new ArrayList<DumpedThread>();
    for (int i = 0; i < count; i++) {
      threads.add(thread("worker-" + i, stack));
    }
    return threads;
  }

  static DumpedThread thread(String name, List<StackTraceElement> stack) {
    return new DumpedThread(1, name, true, null, stack, null, null, null, null, List.of(), null);
  }

  @SafeVarargs
  static StackCounts counts(List<DumpedThread>... threads) {
    var all = new ArrayList<DumpedThread>();
    for (List<DumpedThread> some : threads) {
      all.addAll(some);
    }
    return StackCounts.of(all);
  }
}
