package dev.holdfast.junit.leaks;

import dev.holdfast.inspect.Snapshot;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The leaks that a search has found. */
public final class Leaks {

  private final List<Leak> leaks = new ArrayList<>();
  private final List<Snapshot> scopes = new ArrayList<>();
  private final Set<Long> settled = new HashSet<>();
  private final Set<Long> workers = new HashSet<>();

  void add(Leak leak) {
    leaks.add(leak);
    settle(leak.thread());
  }

  /** Adds a worker of an older pool, which is a leak because of the task it runs. */
  void addWork(Leak leak) {
    leaks.add(leak);
    workers.add(leak.thread());
  }

  void add(Snapshot scope) {
    scopes.add(scope);
  }

  /** Records that no later search must report a thread, because it is reported now or ignored. */
  void settle(long thread) {
    settled.add(thread);
  }

  public boolean isEmpty() {
    return leaks.isEmpty();
  }

  int size() {
    return leaks.size();
  }

  /** {@return the leaked scopes, with everything in them} */
  List<Snapshot> scopes() {
    return scopes;
  }

  /** {@return the threads that were reported or ignored} */
  public Set<Long> settled() {
    return settled;
  }

  /** {@return the workers of older pools that were reported because of the tasks they run} */
  public Set<Long> workers() {
    return workers;
  }

  /** {@return whether the JVM may end all of them when it collects garbage} */
  public boolean areCollectable() {
    return leaks.stream().allMatch(leak -> HttpClientThreads.isOne(leak.name()));
  }

  /** {@return the leaks, grouped by stack} */
  List<List<Leak>> groups() {
    Map<Object, List<Leak>> groups = new LinkedHashMap<>();
    leaks.stream()
        .sorted((a, b) -> a.kind().compareTo(b.kind()))
        .forEach(leak -> groups.computeIfAbsent(leak.group(), g -> new ArrayList<>()).add(leak));
    return List.copyOf(groups.values());
  }

  /** {@return how many of each kind, as "2 tasks and 1 channel"} */
  String count() {
    Map<Leak.Kind, Long> counts =
        leaks.stream()
            .collect(Collectors.groupingBy(Leak::kind, TreeMap::new, Collectors.counting()));
    var words = new ArrayList<String>();
    counts.forEach((kind, count) -> words.add(kind.count(Math.toIntExact(count))));
    if (words.size() < 2) {
      return String.join("", words);
    }
    String last = words.removeLast();
    return String.join(", ", words) + " and " + last;
  }
}
