package dev.holdfast.http.debug;

import dev.holdfast.diagnostics.export.Collapsed;
import dev.holdfast.diagnostics.export.FlamePage;
import dev.holdfast.diagnostics.export.Pprof;
import dev.holdfast.diagnostics.export.Resources;
import dev.holdfast.internal.util.Printable;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Maps paths to pages. */
public final class Routes {

  private static final Body BUSY =
      new Body(503, "text/plain", "Another request is taking a census. Try again.\n");

  private static final Body NOT_FOUND =
      new Body(
          404,
          "text/plain",
          "There is no such page. There are threads?debug=1, threads?debug=2,"
              + " threads?format=json|pprof|collapsed|flame, scopes?format=text|json|mermaid,"
              + " diff?since=10m and leaks?format=text|json.\n");

  private static final Map<String, Body> ASSETS = assets();

  private final Observer observer;

  public Routes(Observer observer) {
    this.observer = observer;
  }

  /**
   * {@return the response to a request}
   *
   * @param path the path below that of the pages, without a slash at its beginning
   * @param query the query, or null
   */
  public Body get(String path, @Nullable String query) {
    Query parameters = Query.of(query);
    return switch (path) {
      case "" -> page(parameters);
      case "threads" -> threads(parameters);
      case "scopes" -> scopes(parameters);
      case "diff" -> diff(parameters);
      case "leaks" -> leaks(parameters);
      default -> ASSETS.getOrDefault(path, NOT_FOUND);
    };
  }

  private static Map<String, Body> assets() {
    var assets = new HashMap<String, Body>();
    for (Resources resource : Resources.values()) {
      String type = resource.file().endsWith(".css") ? "text/css" : "text/javascript";
      assets.put(resource.file(), new Body(200, type, resource.text()));
    }
    return assets;
  }

  private Body page(Query query) {
    Observation seen = observer.threads();
    Observer.Live live = observer.live();
    if (seen == null || live == null) {
      return BUSY;
    }
    boolean still = query.get("refresh", "").equals("off");
    return live.body(
        still ? "still" : "page",
        () -> Body.html(new Page(seen, live, observer.reports(), still).html()));
  }

  private Body threads(Query query) {
    Observation seen = observer.threads();
    if (seen == null) {
      return BUSY;
    }
    String format = query.get("format", "debug=" + query.get("debug", "1"));
    return switch (format) {
      case "debug=1", "text" -> seen.body("1", () -> Body.text(ThreadsText.stacks(seen)));
      case "debug=2" -> seen.body("2", () -> Body.text(ThreadsText.threads(seen)));
      case "json" -> seen.body(format, () -> Body.json(seen.census().toJson()));
      case "collapsed" -> seen.body(format, () -> Body.text(Collapsed.of(seen.stacks())));
      case "pprof" ->
          seen.body(
              format,
              () ->
                  new Body(
                      200, "application/octet-stream", Pprof.of(seen.stacks(), seen.now().time())));
      case "flame" ->
          seen.body(
              format,
              () -> flame("Threads", "at " + seen.now().time(), FlamePage.of(seen.stacks())));
      default -> bad("threads takes debug=1, debug=2 or format=json|pprof|collapsed|flame.\n");
    };
  }

  private Body scopes(Query query) {
    Observer.Live live = observer.live();
    if (live == null) {
      return BUSY;
    }
    String format = query.get("format", "text");
    return switch (format) {
      case "text" -> live.body(format, () -> Body.text(live.tree() + "\n"));
      case "json" -> live.body(format, () -> Body.json(live.tree().toJson()));
      case "mermaid" -> live.body(format, () -> Body.text(live.tree().toMermaid() + "\n"));
      default -> bad("scopes takes format=text|json|mermaid.\n");
    };
  }

  private Body diff(Query query) {
    Observation seen = observer.threads();
    if (seen == null) {
      return BUSY;
    }
    Diff diff = Diff.since(query.get("since", "start"), seen.history());
    if (diff == null) {
      return bad("diff takes since=start, or a time such as since=30s, 10m or 1h.\n");
    }
    String format = query.get("format", "text");
    String key = "diff " + format + " " + diff.before().time();
    return switch (format) {
      case "text" -> seen.body(key, () -> Body.text(diff.text()));
      case "json" -> seen.body(key, () -> Body.json(diff.json()));
      case "collapsed" -> seen.body(key, () -> Body.text(diff.collapsed()));
      case "flame" ->
          seen.body(
              key,
              () ->
                  flame(
                      "Change of threads",
                      diff.summary(),
                      FlamePage.ofDiff(Diff.stacks(diff.before()), Diff.stacks(diff.after()))));
      default -> bad("diff takes format=text|json|collapsed|flame.\n");
    };
  }

  private Body leaks(Query query) {
    Observation seen = observer.threads();
    if (seen == null) {
      return BUSY;
    }
    Leaks leaks = Leaks.of(seen, observer.reports());
    return switch (query.get("format", "text")) {
      case "text" -> Body.text(leaks.text());
      case "json" -> Body.json(leaks.json());
      default -> bad("leaks takes format=text|json.\n");
    };
  }

  private static Body bad(String usage) {
    return new Body(400, "text/plain", usage);
  }

  private static Body flame(String title, String summary, FlamePage flame) {
    return Body.html(
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>%s<title>%s</title></head>
        <body>
        <h1>%s</h1>
        <p class="dim">%s. <a href="./">All pages</a></p>
        %s</body>
        </html>
        """
            .formatted(
                Page.HEAD,
                Printable.html(title),
                Printable.html(title),
                Printable.html(summary),
                flame.part()));
  }
}
