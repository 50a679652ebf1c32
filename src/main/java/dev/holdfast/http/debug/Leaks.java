package dev.holdfast.http.debug;

import dev.holdfast.diagnostics.DumpedThread;
import dev.holdfast.diagnostics.census.LockGraph;
import dev.holdfast.diagnostics.json.JsonWriter;
import dev.holdfast.inspect.Report;
import dev.holdfast.internal.util.Printable;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * What is proven to be leaked: deadlocks in the census, and those reports that show that nothing
 * can end a task or a root. A task that does not stop may still end, so it proves nothing.
 *
 * @param time the time of the census
 * @param deadlocks the threads of each deadlock, in the order in which they wait
 * @param reports the reports, the latest first
 */
record Leaks(Instant time, List<List<DumpedThread>> deadlocks, List<ReportLog.Entry> reports) {

  static Leaks of(Observation seen, List<ReportLog.Entry> reports) {
    return new Leaks(
        seen.now().time(),
        new LockGraph(seen.census().dump().threads())
            .deadlocks().stream().filter(Leaks::isForEver).toList(),
        reports.stream().filter(entry -> entry.report().kind() != Report.Kind.STUCK).toList());
  }

  private static boolean isForEver(List<DumpedThread> deadlock) {
    return deadlock.stream().noneMatch(thread -> thread.state() == Thread.State.TIMED_WAITING);
  }

  String text() {
    var text = new StringBuilder();
    text.append(Page.count(deadlocks.size() + reports.size(), "proven leak"));
    text.append(" at ").append(time).append("\n\n");
    for (List<DumpedThread> deadlock : deadlocks) {
      text.append("DEADLOCK\n").append(LockGraph.text(deadlock)).append("\n\n");
    }
    for (ReportLog.Entry entry : reports) {
      text.append(entry.report().kind()).append(", reported at ").append(entry.time());
      text.append('\n').append(Printable.lines(entry.report().text())).append("\n\n");
    }
    return text.append("Other leaks cannot be proven; see threads?debug=1 and diff?since=1h.\n")
        .toString();
  }

  String json() {
    var json = new LinkedHashMap<String, Object>();
    json.put("time", time);
    json.put("deadlocks", deadlocks.stream().map(Leaks::waits).toList());
    json.put("reports", reports.stream().map(Leaks::report).toList());
    return JsonWriter.of(json);
  }

  private static List<Object> waits(List<DumpedThread> deadlock) {
    return deadlock.stream()
        .<Object>map(thread -> {
          var object = new LinkedHashMap<String, Object>();
          object.put("thread", thread.id());
          object.put("name", thread.name());
          object.put("waitsFor", String.valueOf(LockGraph.lock(thread)));
          return object;
        })
        .toList();
  }

  private static Object report(ReportLog.Entry entry) {
    var object = new LinkedHashMap<String, Object>();
    object.put("kind", entry.report().kind().name());
    object.put("time", entry.time());
    object.put("scope", entry.report().scope());
    object.put("tasks", entry.report().tasks());
    object.put("text", entry.report().text());
    return object;
  }
}
