package dev.holdfast.junit;

import dev.holdfast.inspect.Snapshot;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What a look at the JVM has found. */
final class Found {

  private final List<Leftover> left = new ArrayList<>();
  private final List<Snapshot> scopes = new ArrayList<>();
  private final Set<Long> seen = new HashSet<>();

  void add(Leftover leftover) {
    left.add(leftover);
    saw(leftover.thread());
  }

  void add(Snapshot scope) {
    scopes.add(scope);
  }

  /** Notes that nobody has to tell of a thread again, whether it is told now or ignored. */
  void saw(long thread) {
    seen.add(thread);
  }

  boolean isEmpty() {
    return left.isEmpty();
  }

  int size() {
    return left.size();
  }

  List<Snapshot> scopes() {
    return scopes;
  }

  Set<Long> seen() {
    return seen;
  }

  /** {@return what was left, in groups of the same stack} */
  List<List<Leftover>> groups() {
    Map<Object, List<Leftover>> groups = new LinkedHashMap<>();
    left.stream()
        .sorted((a, b) -> a.kind().compareTo(b.kind()))
        .forEach(one -> groups.computeIfAbsent(one.group(), g -> new ArrayList<>()).add(one));
    return List.copyOf(groups.values());
  }

  /** {@return how many of what, in words} */
  String count() {
    Map<Leftover.Kind, Long> counts =
        left.stream()
            .collect(Collectors.groupingBy(Leftover::kind, TreeMap::new, Collectors.counting()));
    var words = new ArrayList<String>();
    counts.forEach((kind, count) -> words.add(kind.count(Math.toIntExact(count))));
    if (words.size() < 2) {
      return String.join("", words);
    }
    String last = words.removeLast();
    return String.join(", ", words) + " and " + last;
  }
}
