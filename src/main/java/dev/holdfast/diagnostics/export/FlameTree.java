package dev.holdfast.diagnostics.export;

import dev.holdfast.internal.util.Printable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The frames of a flame graph: stacks with the same outermost frames share those frames.
 *
 * <p>It has the {@value #STACKS} most frequent stacks, and all other stacks in one frame. Very deep
 * stacks lose frames in the middle.
 */
final class FlameTree {

  private static final int STACKS = 2_000;
  private static final int DEPTH = 400;

  private final String name;
  private final Map<String, FlameTree> children = new LinkedHashMap<>();
  private long width;
  private long before;
  private long after;

  private FlameTree(String name) {
    this.name = name;
  }

  static FlameTree of(StackCounts counts) {
    return of(counts.byName(), counts.byName());
  }

  /** The width of a frame that has vanished shows how many threads it had. */
  static FlameTree ofDiff(StackCounts before, StackCounts after) {
    return of(before.byName(), after.byName());
  }

  private static FlameTree of(Map<List<String>, Integer> before, Map<List<String>, Integer> after) {
    var root = new FlameTree("all threads");
    Set<List<String>> all = new HashSet<>(before.keySet());
    all.addAll(after.keySet());
    List<List<String>> largest =
        all.stream()
            .sorted(
                Comparator.comparingInt((List<String> s) ->
                        Math.max(before.getOrDefault(s, 0), after.getOrDefault(s, 0)))
                    .reversed()
                    .thenComparing(s -> String.join(";", s)))
            .toList();
    for (int i = 0; i < largest.size(); i++) {
      List<String> stack = largest.get(i);
      root.add(
          i < STACKS ? cut(stack) : List.of("other stacks"),
          before.getOrDefault(stack, 0),
          after.getOrDefault(stack, 0));
    }
    return root;
  }

  private static List<String> cut(List<String> stack) {
    int size = stack.size();
    if (size <= DEPTH) {
      return stack;
    }
    var cut = new ArrayList<>(stack.subList(0, DEPTH / 2));
    cut.add((size - DEPTH) + " frames left out");
    cut.addAll(stack.subList(size - DEPTH / 2, size));
    return cut;
  }

  private void add(List<String> stack, int from, int to) {
    FlameTree at = this;
    at.count(from, to);
    for (String frame : stack) {
      at = at.children.computeIfAbsent(frame, FlameTree::new);
      at.count(from, to);
    }
  }

  private void count(int from, int to) {
    before += from;
    after += to;
    width += Math.max(from, to);
  }

  /** {@return JSON as d3-flame-graph reads it: name, value, delta and children} */
  String toJson() {
    var json = new StringBuilder();
    write(json);
    return json.toString();
  }

  private void write(StringBuilder json) {
    json.append("{\"n\":").append(Printable.json(Printable.of(name)));
    json.append(",\"v\":").append(width);
    json.append(",\"a\":").append(after);
    json.append(",\"d\":").append(after - before);
    if (!children.isEmpty()) {
      json.append(",\"c\":");
      char next = '[';
      for (FlameTree child : children.values()) {
        json.append(next);
        child.write(json);
        next = ',';
      }
      json.append(']');
    }
    json.append('}');
  }
}
