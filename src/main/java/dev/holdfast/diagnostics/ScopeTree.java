package dev.holdfast.diagnostics;

import dev.holdfast.Inspect;
import dev.holdfast.Live;
import dev.holdfast.Wait;
import java.util.List;
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
public record ScopeTree(List<Live> scopes) {

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
    forEach((path, live) -> count[0] += live.kind() == Live.Kind.SCOPE ? 0 : 1);
    return count[0];
  }

  /**
   * Passes each scope and task with its path to {@code action}: the names from the outermost scope
   * on, with {@code /} between them, those of tasks without the name of their scope.
   *
   * @param action what to do with the path, and the scope or task
   * @throws NullPointerException if {@code action} is {@code null}
   */
  public void forEach(BiConsumer<? super String, ? super Live> action) {
    scopes.forEach(scope -> forEach("", scope, action));
  }

  private static void forEach(
      String around, Live live, BiConsumer<? super String, ? super Live> action) {
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
    return scopes.stream().map(Live::toString).collect(Collectors.joining("\n"));
  }

  /**
   * {@return the trees as JSON: an array of objects with kind, name, state, ageMillis, and where it
   * applies cancelled, thread, waitsFor, forkedAt, channels, timers and inside}
   */
  public String toJson() {
    var json = new StringBuilder();
    array(scopes, json);
    return json.toString();
  }

  private static void array(List<Live> all, StringBuilder json) {
    json.append('[');
    for (Live live : all) {
      json.append(json.charAt(json.length() - 1) == '[' ? "" : ",");
      object(live, json);
    }
    json.append(']');
  }

  private static void object(Live live, StringBuilder json) {
    json.append("{\"kind\":").append(quoted(live.kind().name()));
    json.append(",\"name\":").append(quoted(live.name()));
    json.append(",\"state\":").append(quoted(live.state().name()));
    json.append(",\"ageMillis\":").append(live.age().toMillis());
    if (live.cancelled() != null) {
      json.append(",\"cancelled\":").append(quoted(live.cancelled()));
    }
    Thread thread = live.thread();
    if (thread != null) {
      json.append(",\"thread\":{\"id\":").append(thread.threadId());
      json.append(",\"name\":").append(quoted(thread.getName()));
      json.append(",\"virtual\":").append(thread.isVirtual()).append('}');
    }
    Wait waits = live.waitsFor();
    if (waits != null) {
      json.append(",\"waitsFor\":{\"operation\":").append(quoted(waits.operation().name()));
      json.append(",\"on\":").append(quoted(waits.on()));
      json.append(",\"ageMillis\":").append(waits.age().toMillis());
      json.append(",\"timed\":").append(waits.timed()).append('}');
    }
    if (!live.forkedAt().isEmpty()) {
      json.append(",\"forkedAt\":");
      json.append(live.forkedAt().stream().map(call -> quoted(call.toString())).toList());
    }
    if (!live.channels().isEmpty()) {
      json.append(",\"channels\":");
      json.append(live.channels().stream().map(channel -> quoted(channel.toString())).toList());
    }
    if (live.timers() > 0) {
      json.append(",\"timers\":").append(live.timers());
    }
    if (!live.inside().isEmpty()) {
      json.append(",\"inside\":");
      array(live.inside(), json);
    }
    json.append('}');
  }

  private static String quoted(String text) {
    var quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c < ' ' || Character.isSurrogate(c)) {
        quoted.append(String.format("\\u%04x", (int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }

  /** {@return the trees as a Mermaid flowchart, as Markdown pages show it} */
  public String toMermaid() {
    var chart = new StringBuilder("flowchart TD");
    int[] number = {0};
    scopes.forEach(scope -> node(-1, scope, chart, number));
    return chart.toString();
  }

  private static void node(int around, Live live, StringBuilder chart, int[] number) {
    int own = number[0]++;
    boolean scope = live.kind() == Live.Kind.SCOPE;
    chart.append("\n  n").append(own).append(scope ? "[[\"" : "[\"");
    chart.append(escaped(live.name()));
    Wait waits = live.waitsFor();
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
