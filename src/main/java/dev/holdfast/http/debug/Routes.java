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
          "There is no such page. The pages are threads?debug=1, threads?debug=2,"
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
    Documents documents = live.documents();
    boolean still = query.get("refresh", "").equals("off");
    return documents.get(
        still ? "still" : "page",
        () -> Body.html(new Page(seen, live, observer.reports(), still).html()));
  }

  private Body threads(Query query) {
    Observation seen = observer.threads();
    if (seen == null) {
      return BUSY;
    }
    Documents documents = seen.documents();
    String format = query.get("format", "debug=" + query.get("debug", "1"));
    return switch (format) {
      case "debug=1", "text" -> documents.get("1", () -> Body.text(ThreadsText.stacks(seen)));
      case "debug=2" -> documents.get("2", () -> Body.text(ThreadsText.threads(seen)));
      case "json" -> documents.get(format, () -> Body.json(seen.census().toJson()));
      case "collapsed" -> documents.get(format, () -> Body.text(Collapsed.of(seen.stacks())));
      case "pprof" ->
          documents.get(
              format,
              () ->
                  new Body(
                      200, "application/octet-stream", Pprof.of(seen.stacks(), seen.now().time())));
      case "flame" ->
          documents.get(
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
    Documents documents = live.documents();
    String format = query.get("format", "text");
    return switch (format) {
      case "text" -> documents.get(format, () -> Body.text(live.tree() + "\n"));
      case "json" -> documents.get(format, () -> Body.json(live.tree().toJson()));
      case "mermaid" -> documents.get(format, () -> Body.text(live.tree().toMermaid() + "\n"));
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
    Documents documents = seen.documents();
    String format = query.get("format", "text");
    String key = "diff " + format + " " + diff.before().time();
    return switch (format) {
      case "text" -> documents.get(key, () -> Body.text(diff.text()));
      case "json" -> documents.get(key, () -> Body.json(diff.json()));
      case "collapsed" -> documents.get(key, () -> Body.text(diff.collapsed()));
      case "flame" ->
          documents.get(
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
    Observer.Live live = observer.live(); // newer reports are shown before the next census
    if (seen == null || live == null) {
      return BUSY;
    }
    Documents documents = live.documents();
    return switch (query.get("format", "text")) {
      case "text" -> documents.get("leaks", () -> Body.text(leaks(seen).text()));
      case "json" -> documents.get("leaks json", () -> Body.json(leaks(seen).json()));
      default -> bad("leaks takes format=text|json.\n");
    };
  }

  private Leaks leaks(Observation seen) {
    return Leaks.of(seen, observer.reports());
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
