package dev.holdfast.diagnostics.export;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Writes the format of Brendan Gregg's {@code flamegraph.pl}, which speedscope, async-profiler's
 * converter and other viewers read too: a line for each stack, with the methods outermost first and
 * the number of threads.
 */
public final class Collapsed {

  private static final Comparator<List<String>> BY_METHODS =
      Comparator.comparing(stack -> String.join(";", stack));

  private Collapsed() {}

  /** {@return a line for each stack} */
  public static String of(StackCounts counts) {
    var sorted = new TreeMap<List<String>, Integer>(BY_METHODS);
    sorted.putAll(counts.byName());
    var text = new StringBuilder();
    sorted.forEach((stack, count) -> line(text, stack).append(count).append('\n'));
    return text.toString();
  }

  /** {@return a line for each stack with two counts, as {@code difffolded.pl} writes it} */
  public static String ofDiff(StackCounts before, StackCounts after) {
    var stacks = new TreeSet<>(BY_METHODS);
    stacks.addAll(before.byName().keySet());
    stacks.addAll(after.byName().keySet());
    var text = new StringBuilder();
    for (List<String> stack : stacks) {
      line(text, stack)
          .append(count(before.byName(), stack))
          .append(' ')
          .append(count(after.byName(), stack))
          .append('\n');
    }
    return text.toString();
  }

  private static int count(Map<List<String>, Integer> counts, List<String> stack) {
    return counts.getOrDefault(stack, 0);
  }

  private static StringBuilder line(StringBuilder text, List<String> stack) {
    for (int i = 0; i < stack.size(); i++) {
      text.append(i == 0 ? "" : ";").append(stack.get(i).replace(';', ','));
    }
    return text.append(' ');
  }
}
