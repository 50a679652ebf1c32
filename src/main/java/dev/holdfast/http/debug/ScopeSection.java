package dev.holdfast.http.debug;

import dev.holdfast.channel.Channel;
import dev.holdfast.channel.ChannelStats;
import dev.holdfast.inspect.Snapshot;
import dev.holdfast.inspect.WaitInfo;
import dev.holdfast.internal.util.Printable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** Writes the scopes and their tasks as an expandable tree, and their channels. */
final class ScopeSection {

  /** The largest number of scopes and tasks shown: in total, and inside one of them. */
  private static final int SHOWN = 1_000;

  private static final int SHOWN_OF_ONE = 100;
  private static final int DEPTH = 60;
  private static final int OPEN_DEPTH = 3;

  private final List<Snapshot> scopes;
  private final StringBuilder html = new StringBuilder();
  private int shown;

  ScopeSection(List<Snapshot> scopes) {
    this.scopes = scopes;
  }

  String tree() {
    html.append("<h2>Scopes</h2>\n");
    if (scopes.isEmpty()) {
      html.append("<p class=\"dim\">No scope is open.</p>\n");
    } else {
      list(scopes, 0, "tree");
    }
    return html.toString();
  }

  private void list(List<Snapshot> all, int depth, String path) {
    html.append(depth == 0 ? "<ul class=\"tree\">\n" : "<ul>\n");
    int written = 0;
    while (written < Math.min(SHOWN_OF_ONE, all.size()) && shown < SHOWN) {
      shown++;
      node(all.get(written), depth, path);
      written++;
    }
    if (written < all.size()) {
      html.append("<li class=\"dim\">").append(all.size() - written);
      html.append(" more are in the <a href=\"scopes\">text</a>\n");
    }
    html.append("</ul>\n");
  }

  private void node(Snapshot live, int depth, String path) {
    boolean leaf = live.inside().isEmpty() || depth >= DEPTH;
    String key = path + "/" + System.identityHashCode(live.identity());
    html.append("<li>");
    if (leaf) {
      html.append("<span class=\"leaf mono\">");
      line(live);
      html.append("</span>\n");
    } else {
      html.append("<details data-key=\"").append(key).append('"');
      html.append(depth < OPEN_DEPTH && live.inside().size() <= 20 ? " open>" : ">");
      html.append("<summary>");
      line(live);
      html.append(" <span class=\"dim\">(").append(live.inside().size()).append(" inside)</span>");
      html.append("</summary>\n");
      list(live.inside(), depth + 1, key);
      html.append("</details>\n");
    }
  }

  private void line(Snapshot live) {
    html.append(live.kind().name().toLowerCase(Locale.ROOT)).append(" <b>");
    html.append(Printable.html(live.name())).append("</b> <span class=\"dim\">");
    html.append(time(live.age()));
    if (live.state() != Snapshot.State.RUNNING) {
      html.append(", ").append(live.state().name().toLowerCase(Locale.ROOT));
    }
    html.append("</span>");
    if (live.cancelled() != null) {
      String reason = live.cancelled().lines().findFirst().orElse("");
      html.append(", <span class=\"warn\">cancelled: ").append(Printable.html(reason));
      html.append("</span>");
    }
    WaitInfo waits = live.waitsFor();
    if (waits != null) {
      html.append(", ").append(Printable.html(waits.toString()));
      if (waits.timed()) {
        html.append(", with a timeout");
      }
    }
    if (!live.resources().isEmpty()) {
      html.append(", will close ").append(Printable.html(String.join(", ", live.resources())));
    }
    if (live.timers() > 0) {
      html.append(", ").append(Page.count(live.timers(), "timer"));
    }
    if (!live.forkedAt().isEmpty()) {
      html.append(", forked at ").append(Printable.html(live.forkedAt().getFirst().toString()));
    }
  }

  String channels() {
    html.append("<h2>Channels</h2>\n");
    var found = new ArrayList<Owned>();
    scopes.forEach(scope -> find(scope, found));
    if (found.isEmpty()) {
      html.append("<p class=\"dim\">No channel is open.</p>\n");
      return html.toString();
    }
    html.append("<div class=\"scroll\"><table><thead><tr><th>channel<th>scope");
    html.append("<th class=\"n\">elements<th class=\"n\">capacity<th class=\"n\">peak");
    html.append("<th class=\"n\">senders waiting<th class=\"n\">receivers waiting");
    html.append("<th class=\"n\">sent<th class=\"n\">received</thead><tbody>\n");
    for (Owned owned : found.subList(0, Math.min(SHOWN_OF_ONE, found.size()))) {
      ChannelStats stats = owned.channel.stats();
      String name = Objects.requireNonNullElse(owned.channel.name(), "(no name)");
      html.append("<tr><td>").append(Printable.html(name));
      html.append("<td>").append(Printable.html(owned.scope));
      number(stats.size());
      number(owned.channel.capacity());
      number(stats.peak());
      number(stats.waitingSenders());
      number(stats.waitingReceivers());
      number(stats.sent());
      number(stats.received());
      html.append('\n');
    }
    html.append("</tbody></table></div>\n");
    if (found.size() > SHOWN_OF_ONE) {
      html.append("<p class=\"dim\">").append(found.size() - SHOWN_OF_ONE);
      html.append(" more are in the <a href=\"scopes?format=json\">JSON</a>.</p>\n");
    }
    return html.toString();
  }

  private record Owned(Channel<?> channel, String scope) {}

  private static void find(Snapshot live, List<Owned> found) {
    live.channels().forEach(channel -> found.add(new Owned(channel, live.name())));
    live.inside().forEach(inside -> find(inside, found));
  }

  private void number(long number) {
    html.append("<td class=\"n\">").append(number);
  }

  static String time(Duration time) {
    long seconds = time.toSeconds();
    if (seconds < 1) {
      return time.toMillis() + " ms";
    }
    if (seconds < 120) {
      return Page.tenths(time.toMillis() / 100.0) + " s";
    }
    return seconds < 7_200 ? seconds / 60 + " min" : seconds / 3_600 + " h";
  }
}
