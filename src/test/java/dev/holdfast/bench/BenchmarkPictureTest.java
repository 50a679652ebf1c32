package dev.holdfast.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.diagnostics.json.JsonReader;
import dev.holdfast.diagnostics.json.JsonWriter;
import dev.holdfast.testing.HostileNames;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BenchmarkPictureTest {

  private static final Path DATA = Path.of("docs/benchmarks.json");
  private static final Path TABLES = Path.of("docs/benchmarks.md");
  private static final Path PICTURE = Path.of("docs/images/benchmarks.svg");
  private static final String UPDATE = "holdfast.picture.update";

  /** What the README shows: rows that Holdfast leads, and the most common one that it does not. */
  private static final List<String> SHOWN =
      List.of(
          "send then receive, one thread, capacity 16",
          "1 to 1, capacity 0",
          "chain of 100, capacity 16",
          "4 to 4, capacity 16",
          "1000 pairs, capacity 16",
          "select over 8, capacity 16");

  @Test
  void the_picture_of_the_README_shows_the_results() throws IOException {
    String drawn = new BenchmarkPicture(Files.readString(DATA)).svg(SHOWN);
    for (String title : SHOWN) {
      assertTrue(drawn.contains(title), title);
    }
    if (Boolean.getBoolean(UPDATE)) {
      Files.writeString(PICTURE, drawn);
    }
    assertEquals(
        Files.exists(PICTURE) ? Files.readString(PICTURE) : "",
        drawn,
        "The picture differs from "
            + DATA
            + ". Run 'mvn test -Dtest=BenchmarkPictureTest -D"
            + UPDATE
            + "=true' and commit "
            + PICTURE);
    assertTrue(Files.readString(Path.of("README.md")).contains("(" + PICTURE + ")"));
  }

  @Test
  void the_results_are_those_of_the_tables() throws IOException {
    List<String> lines = Files.readAllLines(TABLES);
    String head =
        lines.stream().filter(line -> line.startsWith("| ns; bytes | ")).findFirst().get();
    List<String> peers = cells(head);
    var results = (Map<?, ?>) JsonReader.parse(Files.readString(DATA));
    List<?> rows = (List<?>) results.get("rows");
    List<String> table =
        lines.subList(lines.indexOf(head) + 2, lines.indexOf(head) + 2 + rows.size());
    for (int i = 0; i < rows.size(); i++) {
      var row = (Map<?, ?>) rows.get(i);
      List<String> cells = cells(table.get(i));
      assertEquals(cells.getFirst(), row.get("title"));
      for (int j = 1; j < cells.size(); j++) {
        Object both = ((Map<?, ?>) row.get("figures")).get(peers.get(j));
        String figures =
            both instanceof List<?> l ? figure(l.get(0)) + " / " + figure(l.get(1)) : "";
        assertEquals(
            cells.get(j).split(";", -1)[0], figures, row.get("title") + ", " + peers.get(j));
      }
    }
  }

  private static List<String> cells(String line) {
    return List.of(line.substring(2, line.length() - 2).split(" \\| ", -1));
  }

  private static String figure(Object nanos) {
    return nanos == null ? "-" : nanos.toString();
  }

  @Test
  void names_are_text() throws IOException {
    for (String name : HostileNames.ALL) {
      var figures = Map.of("holdfast", List.of(1, 2), name, List.of(3, 4));
      var rows = List.of(Map.of("title", name, "figures", figures));
      String json = JsonWriter.of(Map.of("about", name, "rows", rows));
      var picture = new BenchmarkPicture(json);
      assertFalse(picture.svg(List.of(name)).contains("<script"), name);
      assertFalse(picture.html().contains("<script"), name);
      assertFalse(picture.html().contains("<img"), name);
    }
  }

  @Test
  void a_missing_figure_has_no_bar() throws IOException {
    String svg =
        new BenchmarkPicture(
                """
                {"about": "", "rows": [{"title": "a", "figures":
                  {"holdfast": [8, 4], "slow": [20, 1], "fast": [10, 2], "JCTools": [16, null]}}]}
                """)
            .svg(List.of("a"));
    assertTrue(svg.contains(">16 / -<"), svg);
    assertTrue(svg.contains(">fast<"), "the fastest queue of the JDK");
    assertFalse(svg.contains(">slow<"), "only the fastest");
    assertFalse(svg.contains(">Jox<"), "not measured");
    assertEquals(5, svg.split("class=\"(two|one)\"", -1).length - 1);
  }
}
