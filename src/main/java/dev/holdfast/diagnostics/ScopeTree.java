package dev.holdfast.diagnostics;

import dev.holdfast.Inspect;
import dev.holdfast.inspect.Snapshot;
import dev.holdfast.inspect.WaitInfo;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/**
 * A picture of every live scope and task of this JVM, for people and for tools.
 *
 * <p>It is taken without stopping or locking anybody: what lived all the time is in it, what began
 * or ended meanwhile may be. Each scope and task tells its name, its age, what it waits for and for
 * how long, and where it was forked if that {@linkplain Inspect#recordForkSites is recorded}.
 *
 * {@snippet class="dev.holdfast.doc.DiagnosticsPatterns" region="tree"}
 *
 * @param scopes the outermost scopes, one for each thread that is in a scope and not a task itself
 * @since 0.1
 */
public record ScopeTree(List<Snapshot> scopes) {

  /**
   * Makes one.
   *
   * @throws NullPointerException if {@code scopes} is {@code null}
   */
  public ScopeTree {
    scopes = List.copyOf(scopes);
  }

  /** {@return a picture of this moment} */
  public static ScopeTree snapshot() {
    return new ScopeTree(Inspect.live());
  }

  /** {@return how many tasks there are} */
  public int tasks() {
    int[] count = {0};
    forEach((path, live) -> count[0] += live.kind() == Snapshot.Kind.SCOPE ? 0 : 1);
    return count[0];
  }

  /**
   * Passes each scope and task with its path to {@code action}: the names from the outermost scope
   * on, with {@code /} between them, those of tasks without the name of their scope.
   *
   * @param action what to do with the path, and the scope or task
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

  /** {@return the trees, a line for each scope and task} */
  @Override
  public String toString() {
    return scopes.stream().map(Snapshot::toString).collect(Collectors.joining("\n"));
  }

  /**
   * {@return the trees as JSON: an array of objects with kind, name, state, ageMillis, and where it
   * applies cancelled, thread, waitsFor, forkedAt, channels, resources, timers and inside}
   */
  public String toJson() {
    return JsonText.of(scopes.stream().map(ScopeTree::object).toList());
  }

  private static Map<String, Object> object(Snapshot live) {
    var object = new LinkedHashMap<String, Object>();
    object.put("kind", live.kind());
    object.put("name", live.name());
    object.put("state", live.state());
    object.put("ageMillis", live.age().toMillis());
    if (live.cancelled() != null) {
      object.put("cancelled", live.cancelled());
    }
    Thread thread = live.thread();
    if (thread != null) {
      object.put("thread", object(thread));
    }
    if (live.waitsFor() != null) {
      object.put("waitsFor", object(live.waitsFor()));
    }
    if (!live.forkedAt().isEmpty()) {
      object.put("forkedAt", live.forkedAt());
    }
    if (!live.channels().isEmpty()) {
      object.put("channels", live.channels());
    }
    if (!live.resources().isEmpty()) {
      object.put("resources", live.resources());
    }
    if (live.timers() > 0) {
      object.put("timers", live.timers());
    }
    if (!live.inside().isEmpty()) {
      object.put("inside", live.inside().stream().map(ScopeTree::object).toList());
    }
    return object;
  }

  private static Map<String, Object> object(Thread thread) {
    var object = new LinkedHashMap<String, Object>();
    object.put("id", thread.threadId());
    object.put("name", thread.getName());
    object.put("virtual", thread.isVirtual());
    return object;
  }

  private static Map<String, Object> object(WaitInfo waits) {
    var object = new LinkedHashMap<String, Object>();
    object.put("operation", waits.operation());
    object.put("on", waits.on());
    object.put("ageMillis", waits.age().toMillis());
    object.put("timed", waits.timed());
    return object;
  }

  /** {@return the trees as a Mermaid flowchart, as Markdown pages show it} */
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

  /** Entities, of which Mermaid knows those that are numbers. */
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
