package dev.holdfast.bench;

import dev.holdfast.diagnostics.json.JsonReader;
import dev.holdfast.internal.util.Printable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Draws the results of the channel benchmarks as bars, in SVG: for each row Holdfast, the fastest
 * queue of the JDK, jox, Kotlin and the floor.
 *
 * <p>Each has two bars, one below the other, for two carriers and for one. The bars of a row share
 * a scale that begins at 0; the longest fills the width.
 */
public final class BenchmarkPicture {

  private static final String US = "holdfast";
  private static final List<String> NAMED = List.of(US, "holdfast-in-order", "Jox", "Kotlin");
  private static final List<String> FLOORS = List.of("park and unpark", "JCTools");

  private static final int WIDTH = 480;
  private static final int LEFT = 166;
  private static final int LONGEST = 210;
  private static final int LINE = 22;
  private static final int HEAD = 24;
  private static final int GAP = 12;

  private static final String STYLE =
      """
      .paper { fill: #fff }
      text { font: 13px system-ui, sans-serif; fill: #1f2328 }
      .row { font-weight: 600; font-size: 14px }
      .peer { text-anchor: end }
      .two, .one { fill: #8c959f }
      .one { fill-opacity: .55 }
      .us .two, .us .one { fill: #0969da }
      .us text { font-weight: 600 }
      .floor .two, .floor .one { fill: none; stroke: #57606a; stroke-dasharray: 3 2 }
      @media screen and (prefers-color-scheme: dark) {
        .paper { fill: #0d1117 }
        text { fill: #e6edf3 }
        .two, .one { fill: #6e7681 }
        .us .two, .us .one { fill: #4493f8 }
        .floor .two, .floor .one { stroke: #9198a1 }
      }
      @media print { svg { print-color-adjust: exact; -webkit-print-color-adjust: exact } }
      """;

  /** A row; a missing figure is null. */
  private record Row(String title, Map<?, ?> figures) {

    Double figure(String peer, int carriers) {
      return figures.get(peer) instanceof List<?> both && both.get(2 - carriers) instanceof Number n
          ? Double.valueOf(n.doubleValue())
          : null;
    }

    double longest(List<String> peers) {
      double longest = 1;
      for (String peer : peers) {
        for (int carriers = 1; carriers <= 2; carriers++) {
          Double figure = figure(peer, carriers);
          longest = figure == null ? longest : Math.max(longest, figure);
        }
      }
      return longest;
    }

    /** Ours, the fastest queue of the JDK, jox, Kotlin, the floor: those that there are. */
    List<String> peers() {
      List<String> peers = new ArrayList<>();
      String queue = null;
      for (Object name : figures.keySet()) {
        String peer = (String) name;
        Double nanos = figure(peer, 2);
        if (nanos != null
            && !NAMED.contains(peer)
            && !FLOORS.contains(peer)
            && (queue == null || nanos < figure(queue, 2))) {
          queue = peer;
        }
      }
      addIfMeasured(peers, US);
      addIfMeasured(peers, queue);
      addIfMeasured(peers, "Jox");
      addIfMeasured(peers, "Kotlin");
      FLOORS.forEach(floor -> addIfMeasured(peers, floor));
      return peers;
    }

    private void addIfMeasured(List<String> peers, String peer) {
      if (peer != null && (figure(peer, 1) != null || figure(peer, 2) != null)) {
        peers.add(peer);
      }
    }
  }

  private final String about;
  private final List<Row> rows = new ArrayList<>();

  /**
   * Reads results.
   *
   * @param json {@code about}: where and when, and {@code rows}: {@code title}, and {@code figures}
   *     by peer, each two numbers or null: with two carriers and with one
   */
  public BenchmarkPicture(String json) throws IOException {
    var results = (Map<?, ?>) JsonReader.parse(json);
    about = (String) results.get("about");
    for (Object element : (List<?>) results.get("rows")) {
      var row = (Map<?, ?>) element;
      rows.add(new Row((String) row.get("title"), (Map<?, ?>) row.get("figures")));
    }
  }

  /** {@return one picture of some rows} */
  public String svg(List<String> titles) {
    return svg(rows.stream().filter(row -> titles.contains(row.title)).toList(), true);
  }

  /** {@return a page with a picture for each row} */
  public String html() {
    var pictures = new StringBuilder();
    rows.forEach(row -> pictures.append(svg(List.of(row), false)));
    return """
    <!DOCTYPE html>
    <html lang="en">
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Benchmarks of channels</title>
    <style>
    body { margin: 1rem; font: 15px system-ui, sans-serif; color: #1f2328; background: #fff }
    main { display: grid; gap: 1.5rem; grid-template-columns: repeat(auto-fill, minmax(min(100%%, 23rem), 1fr)) }
    svg { width: 100%%; max-width: 30rem; break-inside: avoid }
    @media screen and (prefers-color-scheme: dark) { body { color: #e6edf3; background: #0d1117 } }
    %s</style>
    <h1>Benchmarks of channels</h1>
    <p>%s</p>
    <p>Nanoseconds for each element: shorter is better. The upper bar and the first figure are for two carriers, the
    lower bar and the second figure for one. Each row has a scale of its own. A dashed bar is a floor: what the work
    costs without a channel.</p>
    <main>
    %s</main>
    </html>
    """
        .formatted(STYLE, Printable.html(about), pictures);
  }

  private String svg(List<Row> shown, boolean alone) {
    var svg = new StringBuilder();
    int y = 0;
    for (Row row : shown) {
      y = draw(row, y, svg);
    }
    String notes = "";
    if (alone) {
      notes =
          text("", 8, y + 18, "ns for each element, shorter is better")
              + text("", 8, y + 36, "upper bar: two carriers, lower bar: one; dashed: the floor");
      y += 46;
    }
    String title =
        "Nanoseconds for each element: "
            + String.join("; ", shown.stream().map(row -> row.title).toList());
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 %d %d\"%s>\n"
            .formatted(WIDTH, y, alone ? " width=\"" + WIDTH + "\"" : "")
        + "<title>"
        + Printable.html(title)
        + "</title>\n"
        + (alone ? "<style>\n" + STYLE + "</style>\n" : "")
        + "<rect class=\"paper\" width=\"%d\" height=\"%d\"/>\n".formatted(WIDTH, y)
        + svg
        + notes
        + "</svg>\n";
  }

  /** {@return where the next row begins} */
  private static int draw(Row row, int top, StringBuilder svg) {
    svg.append(text("row", 8, top + 17, row.title));
    List<String> peers = row.peers();
    double scale = LONGEST / row.longest(peers);
    int y = top + HEAD;
    for (String peer : peers) {
      String kind = peer.equals(US) ? "us" : FLOORS.contains(peer) ? "floor" : "other";
      Double two = row.figure(peer, 2);
      Double one = row.figure(peer, 1);
      double end = Math.max(two == null ? 0 : two, one == null ? 0 : one) * scale;
      svg.append("<g class=\"" + kind + "\">")
          .append(text("peer", LEFT - 8, y + 14, peer.equals(US) ? "Holdfast" : peer))
          .append(bar("two", y + 2, 9, two, scale))
          .append(bar("one", y + 12, 6, one, scale))
          .append(text("", LEFT + (int) end + 6, y + 14, figure(two) + " / " + figure(one)))
          .append("</g>\n");
      y += LINE;
    }
    return y + GAP;
  }

  private static String bar(String carriers, int y, int height, Double nanos, double scale) {
    return nanos == null
        ? ""
        : String.format(
            Locale.ROOT,
            "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>",
            carriers,
            LEFT,
            y,
            nanos * scale,
            height);
  }

  private static String figure(Double nanos) {
    return nanos == null ? "-" : "" + Math.round(nanos);
  }

  private static String text(String kind, int x, int y, String text) {
    return "<text%s x=\"%d\" y=\"%d\">%s</text>"
        .formatted(kind.isEmpty() ? "" : " class=\"" + kind + "\"", x, y, Printable.html(text));
  }
}
