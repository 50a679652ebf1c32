package dev.holdfast.diagnostics.export;

import dev.holdfast.internal.util.Printable;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** Writes a flame graph as a self-contained page, or as a part of a page. */
public final class FlamePage {

  private final FlameTree tree;
  private final boolean diff;

  private FlamePage(FlameTree tree, boolean diff) {
    this.tree = tree;
    this.diff = diff;
  }

  /** The graph of a dump. */
  public static FlamePage of(StackCounts counts) {
    return new FlamePage(FlameTree.of(counts), false);
  }

  /** The graph of what has changed: frames with more threads are red, those with fewer are blue. */
  public static FlamePage ofDiff(StackCounts before, StackCounts after) {
    return new FlamePage(FlameTree.ofDiff(before, after), true);
  }

  /**
   * {@return a page that contains its scripts}
   *
   * @param title the title of the page, in plain text
   * @param summary a line below the title, in plain text
   */
  public String toHtml(String title, String summary) {
    String library = Resources.LIBRARY.text();
    String script = Resources.FLAME.text();
    return """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta http-equiv="Content-Security-Policy" content="%s">
    <title>%s</title>
    <style>
    %s</style>
    </head>
    <body>
    <h1>%s</h1>
    <p class="dim">%s</p>
    %s<script>%s</script>
    <script>%s</script>
    </body>
    </html>
    """
        .formatted(
            "default-src 'none'; style-src 'unsafe-inline'; script-src "
                + hash(library)
                + " "
                + hash(script),
            Printable.html(title),
            Resources.STYLE.text(),
            Printable.html(title),
            Printable.html(summary),
            part(),
            library,
            script);
  }

  /** {@return the elements that {@link Resources#FLAME} needs, for a page that loads it} */
  public String part() {
    return """
    <form class="flame"><label for="flame-search">Search</label>
    <input id="flame-search" type="search" autocomplete="off">
    <button id="flame-all" type="button">Show all</button></form>
    <div id="flame" data-kind="%s"></div>
    <p id="flame-details" class="mono" aria-live="polite"></p>
    <p class="dim">The width of a frame is its number of threads%s.
    To zoom in, click a frame or press Enter.</p>
    <noscript><p>The flame graph needs JavaScript.</p></noscript>
    <script id="flame-data" type="application/json">%s</script>
    """
        .formatted(
            diff ? "diff" : "census",
            diff ? "; red frames have more threads than before, blue ones have fewer" : "",
            Printable.script(tree.toJson()));
  }

  private static String hash(String script) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(script.getBytes(StandardCharsets.UTF_8));
      return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
