package dev.holdfast.doc;

import dev.holdfast.Inspect;
import dev.holdfast.Scopes;
import dev.holdfast.diagnostics.ScopeTree;
import dev.holdfast.diagnostics.Watch;
import java.nio.file.Files;
import java.nio.file.Path;

/** The examples of diagnostics in the documentation. */
final class DiagnosticsPatterns {

  private DiagnosticsPatterns() {}

  /** A service that runs until it is stopped. */
  interface Service {
    void serve() throws Exception;
  }

  static void watched(Service service) throws Exception {
    // @start region="watch"
    Scopes.named("service")
        .run(scope -> {
          Watch.in(scope); // ends with the scope
          service.serve();
        });
    // @end
  }

  static void tree(Path file) throws Exception {
    // @start region="tree"
    ScopeTree tree = ScopeTree.snapshot();
    System.out.println(tree); // for people
    Files.writeString(file, tree.toJson()); // for tools
    // @end
  }

  static Inspect.Listening reports(Pager pager) {
    // @start region="reports"
    Inspect.recordForkSites(true);
    return Inspect.onReport(report -> pager.page(report.kind() + ": " + report.text()));
    // @end
  }

  /** Wakes people up. */
  interface Pager {
    void page(String text);
  }
}
