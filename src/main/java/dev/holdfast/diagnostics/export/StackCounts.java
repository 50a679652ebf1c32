package dev.holdfast.diagnostics.export;

import dev.holdfast.diagnostics.DumpedThread;
import dev.holdfast.diagnostics.census.FrameNames;
import dev.holdfast.diagnostics.census.JvmThreads;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How many threads have each stack, without the internal threads of the JVM.
 *
 * <p>A thread without frames is counted by its name, without the numbers in it.
 */
public final class StackCounts {

  private final Map<List<String>, Integer> byName;
  private final Map<List<StackTraceElement>, Integer> byLine;

  private StackCounts(
      Map<List<String>, Integer> byName, Map<List<StackTraceElement>, Integer> byLine) {
    this.byName = byName;
    this.byLine = byLine;
  }

  /** Counts threads. */
  public static StackCounts of(List<DumpedThread> threads) {
    var byName = new LinkedHashMap<List<String>, Integer>();
    var byLine = new LinkedHashMap<List<StackTraceElement>, Integer>();
    // A dump has few distinct stacks and frames, but many copies of each.
    var known = new IdentityHashMap<List<StackTraceElement>, Integer>();
    var inOrder = new ArrayList<List<StackTraceElement>>(); // so that equal dumps give equal files
    for (DumpedThread thread : threads) {
      if (JvmThreads.isInternal(thread)) {
        continue;
      }
      if (thread.stack().isEmpty()) {
        String place = FrameNames.place(thread.name());
        byName.merge(List.of(place), 1, Integer::sum);
        byLine.merge(List.of(new StackTraceElement("", place, null, -1)), 1, Integer::sum);
      } else {
        if (known.merge(thread.stack(), 1, Integer::sum) == 1) {
          inOrder.add(thread.stack());
        }
      }
    }
    var names = new IdentityHashMap<StackTraceElement, String>();
    inOrder.forEach(stack -> {
      int count = known.getOrDefault(stack, 0);
      byLine.merge(stack, count, Integer::sum);
      byName.merge(names(stack, names), count, Integer::sum);
    });
    return new StackCounts(byName, byLine);
  }

  /** Counts by method, without line numbers, for {@link Collapsed} and {@link FlamePage}. */
  public static StackCounts ofNames(Map<List<String>, Integer> byName) {
    return new StackCounts(byName, Map.of());
  }

  private static List<String> names(
      List<StackTraceElement> stack, Map<StackTraceElement, String> known) {
    var names = new ArrayList<String>(stack.size());
    for (StackTraceElement frame : stack.reversed()) {
      names.add(known.computeIfAbsent(frame, FrameNames::name));
    }
    return List.copyOf(names);
  }

  /** {@return the number of threads by the methods on their stacks, outermost first} */
  public Map<List<String>, Integer> byName() {
    return byName;
  }

  /** {@return the number of threads by stack, with line numbers, innermost first} */
  public Map<List<StackTraceElement>, Integer> byLine() {
    return byLine;
  }

  /** {@return the number of threads} */
  public int threads() {
    return byName.values().stream().mapToInt(Integer::intValue).sum();
  }
}
