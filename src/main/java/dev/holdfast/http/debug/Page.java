package dev.holdfast.http.debug;

import dev.holdfast.diagnostics.Census;
import dev.holdfast.diagnostics.DumpedThread;
import dev.holdfast.diagnostics.census.Trend;
import dev.holdfast.http.debug.Observation.Point;
import dev.holdfast.inspect.GuardInfo;
import dev.holdfast.internal.util.Printable;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** The page that shows everything. Without JavaScript, it lacks only the flame graph. */
final class Page {

  static final String HEAD =
      """
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <link rel="icon" href="data:,">
      <link rel="stylesheet" href="page.css">
      <script src="d3-flame-graph.js" defer></script>
      <script src="flame.js" defer></script>
      <script src="page.js" defer></script>
      """;

  private static final int REFRESH_SECONDS = 10;
  private static final int GROUPS = 30;
  private static final int FRAMES = 30;

  private final Observation seen;
  private final Observer.Live live;
  private final List<ReportLog.Entry> reports;
  private final boolean still;
  private final StringBuilder html = new StringBuilder();

  Page(Observation seen, Observer.Live live, List<ReportLog.Entry> reports, boolean still) {
    this.seen = seen;
    this.live = live;
    this.reports = reports;
    this.still = still;
  }

  String html() {
    html.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n").append(HEAD);
    if (!still) {
      html.append("<noscript><meta http-equiv=\"refresh\" content=\"");
      html.append(REFRESH_SECONDS).append("\"></noscript>\n");
    }
    html.append("<title>Holdfast: scopes and threads</title>\n</head>\n<body data-refresh=\"");
    html.append(still ? 0 : REFRESH_SECONDS).append("\">\n");
    section("top", this::top);
    section("reports", this::reports);
    section("scopes", () -> html.append(new ScopeSection(live.tree().scopes()).tree()));
    section("channels", () -> html.append(new ScopeSection(live.tree().scopes()).channels()));
    section("guards", this::guards);
    section("census", this::census);
    section("trend", this::trend);
    html.append("<section id=\"flames\">\n<h2>Flame graph</h2>\n");
    html.append(seen.flame()).append("</section>\n");
    return html.append("</body>\n</html>\n").toString();
  }

  /** A part that the script replaces when it refreshes the page. */
  private void section(String id, Runnable content) {
    html.append("<section id=\"").append(id).append("\" data-live>\n");
    content.run();
    html.append("</section>\n");
  }

  private void top() {
    Census census = seen.census();
    html.append("<h1>Scopes and threads</h1>\n<p class=\"dim\">");
    html.append(
        "Process %d, JDK %s. %s at %s; census of %s.</p>\n"
            .formatted(
                ProcessHandle.current().pid(),
                Printable.html(census.dump().runtimeVersion()),
                count(live.tree().tasks(), "task"),
                live.time().truncatedTo(ChronoUnit.SECONDS),
                seen.now().time().truncatedTo(ChronoUnit.SECONDS)));
    html.append("<nav aria-label=\"Formats\"><p>");
    link("threads?debug=1", "stacks");
    link("threads?debug=2", "threads");
    link("threads?format=json", "census as JSON");
    link("threads?format=pprof", "pprof");
    link("threads?format=collapsed", "collapsed stacks");
    link("scopes", "scopes");
    link("scopes?format=json", "scopes as JSON");
    link("scopes?format=mermaid", "scopes for Mermaid");
    link("leaks", "proven leaks");
    link("diff?since=10m", "change in 10 minutes");
    link("diff?since=1h&amp;format=flame", "change in an hour as flame graph");
    if (still) {
      link("./", "refresh every " + REFRESH_SECONDS + " s");
    } else {
      link("?refresh=off", "stop refreshing");
    }
    html.append("</p></nav>\n");
    if (!seen.missing().isEmpty()) {
      html.append("<p class=\"warn\">").append(Printable.html(seen.missing())).append("</p>\n");
    }
  }

  private void link(String target, String text) {
    html.append("<a href=\"").append(target).append("\">").append(text).append("</a>\n");
  }

  private void reports() {
    html.append("<h2>Stuck tasks, stalls and lost roots</h2>\n");
    if (reports.isEmpty()) {
      html.append("<p class=\"dim\">No reports. A <code>Watch</code> finds tasks that wait for");
      html.append(" each other.</p>\n");
    }
    for (ReportLog.Entry entry : reports) {
      String text =
          entry.report().text().lines().map(Printable::html).collect(Collectors.joining("\n"));
      html.append("<details data-key=\"report ").append(entry.time()).append("\"><summary");
      html.append(" class=\"warn\">").append(entry.report().kind()).append(" in scope '");
      html.append(Printable.html(entry.report().scope())).append("' at ");
      html.append(entry.time().truncatedTo(ChronoUnit.SECONDS));
      html.append("</summary><pre>").append(text).append("</pre></details>\n");
    }
  }

  private void guards() {
    html.append("<h2>Guards</h2>\n");
    if (live.guards().isEmpty()) {
      html.append("<p class=\"dim\">No guard has been used twice.</p>\n");
      return;
    }
    html.append("<div class=\"scroll\"><table><thead><tr><th>guard<th class=\"n\">running");
    html.append("<th class=\"n\">places<th class=\"n\">waiting<th class=\"n\">rejected");
    html.append("</thead><tbody>\n");
    for (GuardInfo guard : live.guards()) {
      html.append("<tr><td>").append(Printable.html(guard.name()));
      number(guard.inside());
      number(guard.places());
      number(guard.waiting());
      number(guard.refused());
      html.append('\n');
    }
    html.append("</tbody></table></div>\n");
  }

  private void number(long number) {
    html.append("<td class=\"n\">").append(number);
  }

  private void census() {
    Census census = seen.census();
    int all = census.dump().threads().size();
    html.append("<h2>Census</h2>\n<p>");
    html.append(
        "%s: %d platform, %d virtual; %d belong to the JVM and are not grouped.</p>\n"
            .formatted(
                count(all, "thread"),
                census.platformThreads(),
                census.virtualThreads(),
                all - census.groupedThreads()));
    for (String finding : census.findings()) {
      html.append("<p class=\"warn\">").append(Printable.html(finding)).append("</p>\n");
    }
    html.append("<div class=\"scroll\"><table><thead><tr><th class=\"n\">threads");
    html.append("<th class=\"n\">share<th>what and where</thead><tbody>\n");
    List<Census.Group> groups = census.groups();
    for (Census.Group group : groups.subList(0, Math.min(GROUPS, groups.size()))) {
      html.append("<tr>");
      number(group.count());
      html.append("<td class=\"n\">")
          .append(tenths(10 * census.percent(group.count())))
          .append(" %");
      html.append("<td class=\"where\"><details data-key=\"group ");
      html.append(Printable.html(group.label())).append("\"><summary>");
      html.append(Printable.html(group.label())).append("</summary>");
      html.append("<p>").append(Printable.html(group.activity().probableCause())).append("</p>");
      html.append("<pre>").append(stack(group)).append("</pre></details>\n");
    }
    html.append("</tbody></table></div>\n");
    if (groups.size() > GROUPS) {
      html.append("<p class=\"dim\">").append(groups.size() - GROUPS);
      html.append(" more groups are in the <a href=\"threads?format=json\">JSON</a>.</p>\n");
    }
  }

  /** {@return an example of the threads of a group, with all frames} */
  private String stack(Census.Group group) {
    long id = group.oldest();
    return seen.census().dump().threads().stream()
        .filter(thread -> thread.id() == id)
        .map(DumpedThread::stack)
        .findFirst()
        .orElse(List.of())
        .stream()
        .limit(FRAMES)
        .map(frame -> Printable.html(frame.toString()))
        .collect(Collectors.joining("\n", "#" + id + "\n", ""));
  }

  private void trend() {
    List<Point> points = seen.history();
    html.append("<h2>Trend</h2>\n");
    Duration span = Duration.between(points.getFirst().time(), points.getLast().time());
    html.append("<p class=\"dim\">");
    html.append(
        points.size() == 1
            ? "There is one census so far."
            : points.size() + " censuses in " + ScopeSection.time(span) + ", at most an hour.");
    html.append("</p>\n");
    html.append("<div class=\"scroll\"><table><thead><tr><th>trend<th class=\"n\">least");
    html.append("<th class=\"n\">most<th class=\"n\">now<th>verdict<th>what and where</thead>");
    html.append("<tbody>\n");
    for (String label : labels(points)) {
      List<Integer> counts = points.stream().map(p -> p.groups().getOrDefault(label, 0)).toList();
      int most = counts.stream().mapToInt(Integer::intValue).max().orElse(0);
      html.append("<tr><td>").append(sparkline(points, counts, Math.max(1, most)));
      number(counts.stream().mapToInt(Integer::intValue).min().orElse(0));
      number(most);
      number(counts.getLast());
      Trend.Verdict verdict = Trend.verdict(counts);
      html.append(verdict == Trend.Verdict.GROWING ? "<td class=\"warn\">" : "<td>");
      html.append(verdict.name().toLowerCase(Locale.ROOT));
      html.append("<td class=\"where\">").append(Printable.html(label)).append('\n');
    }
    html.append("</tbody></table></div>\n");
  }

  /** {@return the largest current groups, and the largest earlier ones} */
  private static Set<String> labels(List<Point> points) {
    Set<String> labels = new LinkedHashSet<>();
    points.getLast().groups().keySet().stream().limit(GROUPS).forEach(labels::add);
    for (Point point : points) {
      point.groups().keySet().stream().limit(5).forEach(labels::add);
      if (labels.size() > GROUPS) {
        break;
      }
    }
    return labels;
  }

  private static String sparkline(List<Point> points, List<Integer> counts, int most) {
    long from = points.getFirst().time().toEpochMilli();
    long span = Math.max(1, points.getLast().time().toEpochMilli() - from);
    var line = new StringBuilder();
    for (int i = 0; i < counts.size(); i++) {
      double x = 1_000.0 * (points.get(i).time().toEpochMilli() - from) / span;
      double y = 190 - 180.0 * counts.get(i) / most;
      line.append(tenths(x)).append(',').append(tenths(y)).append(' ');
    }
    return "<svg class=\"trend\" viewBox=\"0 0 100 20\" preserveAspectRatio=\"none\" role=\"img\""
        + " aria-label=\"from "
        + counts.getFirst()
        + " to "
        + counts.getLast()
        + "\"><polyline points=\""
        + line.toString().strip()
        + "\"/></svg>";
  }

  /** {@return a number of tenths as text, because formatting thousands of them takes long} */
  static String tenths(double tenths) {
    long rounded = Math.round(tenths);
    return rounded / 10 + "." + rounded % 10;
  }

  static String count(long count, String what) {
    return count + " " + what + (count == 1 ? "" : "s");
  }
}
