package dev.holdfast.diagnostics;

import dev.holdfast.diagnostics.census.JvmThreads;
import dev.holdfast.diagnostics.census.ThreadSummarizer;
import dev.holdfast.diagnostics.census.ThreadSummary;
import dev.holdfast.internal.util.Printable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes the scopes of a dump as a tree: Holdfast scopes and every StructuredTaskScope. */
final class DumpedScopes {

  private static final String SCOPE = "/jdk.internal.misc.ThreadFlock$";
  private static final String HOUSEKEEPER = "holdfast-housekeeper";

  /** How many threads and scopes are shown per scope, and how many levels below a root. */
  private static final int SHOWN = 10;

  private final StringBuilder text = new StringBuilder();
  private final Map<@Nullable String, List<ThreadDump.Container>> children;
  private final ThreadSummarizer summarizer;

  private DumpedScopes(Census census) {
    var scopes = new LinkedHashMap<@Nullable String, List<ThreadDump.Container>>();
    for (ThreadDump.Container container : census.dump().containers()) {
      if (container.name().contains(SCOPE) && !container.name().startsWith(HOUSEKEEPER)) {
        scopes.computeIfAbsent(container.parent(), p -> new ArrayList<>()).add(container);
      }
    }
    this.children = scopes;
    this.summarizer = new ThreadSummarizer(census.own());
  }

  /** {@return the tree; empty if the dump has no scope} */
  static String text(Census census) {
    var scopes = new DumpedScopes(census);
    List<ThreadDump.Container> roots = scopes.roots();
    if (roots.isEmpty()) {
      return "";
    }
    scopes.text.append("\nScopes and their tasks:\n");
    scopes.all(roots, "  ", 0);
    return scopes.text.toString();
  }

  private List<ThreadDump.Container> roots() {
    return children.entrySet().stream()
        .filter(e -> e.getKey() == null || !e.getKey().contains(SCOPE))
        .flatMap(e -> e.getValue().stream())
        .toList();
  }

  private void all(List<ThreadDump.Container> scopes, String indent, int level) {
    for (ThreadDump.Container scope : scopes.subList(0, Math.min(SHOWN, scopes.size()))) {
      scope(scope, indent, level);
    }
    more(scopes.size(), "scopes", indent);
  }

  private void more(int count, String what, String indent) {
    if (count > SHOWN) {
      text.append(indent).append(count - SHOWN).append(" more ").append(what).append('\n');
    }
  }

  private void scope(ThreadDump.Container scope, String indent, int level) {
    String name = scope.name().substring(0, scope.name().indexOf(SCOPE));
    text.append(indent).append(Printable.of(name));
    if (scope.owner() != null) {
      text.append(" of #").append(scope.owner());
    }
    text.append(", tasks: ").append(scope.threads().size()).append('\n');
    String below = indent + "  ";
    List<DumpedThread> threads =
        scope.threads().stream().sorted(Comparator.comparingLong(DumpedThread::id)).toList();
    for (DumpedThread thread : threads.subList(0, Math.min(SHOWN, threads.size()))) {
      text.append(below)
          .append('#')
          .append(thread.id())
          .append(' ')
          .append(Printable.of(thread.name()));
      if (!JvmThreads.isInternal(thread)) {
        ThreadSummary summary = summarizer.summarize(thread);
        text.append(": ").append(summary.activity()).append(' ').append(summary.operation());
      }
      text.append('\n');
    }
    more(threads.size(), "tasks", below);
    List<ThreadDump.Container> inner = children.getOrDefault(scope.name(), List.of());
    if (level < SHOWN) {
      all(inner, below, level + 1);
    } else {
      more(inner.size() + SHOWN, "scopes", below);
    }
  }
}
