package dev.holdfast.diagnostics;

import dev.holdfast.Inspect;
import dev.holdfast.diagnostics.json.JsonWriter;
import dev.holdfast.diagnostics.json.SnapshotJson;
import dev.holdfast.inspect.Snapshot;
import dev.holdfast.inspect.WaitInfo;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/**
 * A snapshot of every live scope and task of this JVM, as a tree.
 *
 * <p>Taking a snapshot stops no thread and takes no lock. It contains every scope and task that was
 * alive throughout, and may contain those that began or ended during that time. Each has its name,
 * its age, what it waits for and for how long, and where it was forked if that {@linkplain
 * Inspect#recordForkSites is recorded}.
 *
 * {@snippet class="dev.holdfast.doc.DiagnosticsPatterns" region="tree"}
 *
 * @param scopes the outermost scopes, one for each thread that is in a scope and runs no task
 * @since 0.1
 */
public record ScopeTree(List<Snapshot> scopes) {

  /**
   * Creates a tree.
   *
   * @throws NullPointerException if {@code scopes} is {@code null}
   */
  public ScopeTree {
    scopes = List.copyOf(scopes);
  }

  /** {@return a snapshot of this moment} */
  public static ScopeTree snapshot() {
    return new ScopeTree(Inspect.live());
  }

  /** {@return the number of tasks} */
  public int tasks() {
    int[] count = {0};
    forEach((path, live) -> count[0] += live.kind() == Snapshot.Kind.SCOPE ? 0 : 1);
    return count[0];
  }

  /**
   * Passes each scope and task with its path to an action. The path consists of the names from the
   * outermost scope inwards, separated by {@code /}; the name of a task omits that of its scope.
   *
   * @param action receives the path, and the scope or task
   * @throws NullPointerException if {@code action} is {@code null}
   */
  public void forEach(BiConsumer<? super String, ? super Snapshot> action) {
    scopes.forEach(scope -> forEach("", scope, action));
  }

  private static void forEach(
      String around, Snapshot live, BiConsumer<? super String, ? super Snapshot> action) {
    String path = around.isEmpty() ? live.name() : around + "/" + last(live.name());
    action.accept(path, live);
    live.inside().forEach(inside -> forEach(path, inside, action));
  }

  private static String last(String name) {
    return name.substring(name.lastIndexOf('/') + 1);
  }

  /** {@return the trees, one line for each scope and task} */
  @Override
  public String toString() {
    return scopes.stream().map(Snapshot::toString).collect(Collectors.joining("\n"));
  }

  /**
   * {@return the trees as JSON: an array of objects with kind, name, state, ageMillis, and, where
   * they apply, cancelled, thread, waitsFor, forkedAt, channels, resources, timers and inside}
   */
  public String toJson() {
    return JsonWriter.of(scopes.stream().map(SnapshotJson::of).toList());
  }

  /** {@return the trees as a Mermaid flowchart, which Markdown pages can show} */
  public String toMermaid() {
    var chart = new StringBuilder("flowchart TD");
    int[] number = {0};
    scopes.forEach(scope -> node(-1, scope, chart, number));
    return chart.toString();
  }

  private static void node(int around, Snapshot live, StringBuilder chart, int[] number) {
    int own = number[0]++;
    boolean scope = live.kind() == Snapshot.Kind.SCOPE;
    chart.append("\n  n").append(own).append(scope ? "[[\"" : "[\"");
    chart.append(escaped(live.name()));
    WaitInfo waits = live.waitsFor();
    if (waits != null) {
      chart.append("<br>").append(escaped(waits.toString()));
    }
    chart.append(scope ? "\"]]" : "\"]");
    if (around >= 0) {
      chart.append("\n  n").append(around).append(" --> n").append(own);
    }
    live.inside().forEach(inside -> node(own, inside, chart, number));
  }

  /** Numeric entities, the only ones that Mermaid supports. */
  private static String escaped(String text) {
    var escaped = new StringBuilder();
    text.codePoints()
        .forEach(c -> {
          if (Character.isLetterOrDigit(c) || " .,:/'-_()".indexOf(c) >= 0) {
            escaped.appendCodePoint(c);
          } else {
            escaped.append('#').append(c).append(';');
          }
        });
    return escaped.toString();
  }
}
