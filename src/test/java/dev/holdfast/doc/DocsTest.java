package dev.holdfast.doc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Keeps the Markdown files to the sources: code that does not compile cannot get into them. */
class DocsTest {

  private static final Path SOURCES = Path.of("src/test/java/dev/holdfast/doc");
  private static final Pattern REGION = Pattern.compile("<!-- region: (\\S+) -->");
  private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");

  static List<Path> documents() throws IOException {
    List<Path> documents = new ArrayList<>();
    for (Path folder : List.of(Path.of(""), Path.of("docs"), Path.of("docs/monitoring"))) {
      try (Stream<Path> files = Files.list(folder)) {
        files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(documents::add);
      }
    }
    return documents;
  }

  @ParameterizedTest
  @MethodSource("documents")
  void code_is_what_the_sources_say(Path document) throws IOException {
    Map<String, String> regions = Regions.in(SOURCES);
    List<String> lines = Files.readAllLines(document);
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).startsWith("```java")) {
        String where = document + ":" + (i + 1) + ": ";
        String region = regionOf(where, i == 0 ? "" : lines.get(i - 1));
        int end = i + 1;
        while (!lines.get(end).equals("```")) {
          end++;
        }
        String expected = regions.get(region);
        if (expected == null) {
          fail(where + "no file in " + SOURCES + " has a region '" + region + "'");
        }
        assertEquals(
            expected,
            Regions.text(lines.subList(i + 1, end)),
            where + "differs from region '" + region + "'; change the source, then copy it here");
        i = end;
      }
    }
  }

  private static String regionOf(String where, String lineBefore) {
    Matcher region = REGION.matcher(lineBefore);
    if (!region.matches()) {
      fail(
          where
              + "put the code in a region of a class in "
              + SOURCES
              + " and write <!-- region: name --> in the line before the fence");
    }
    return region.group(1);
  }

  @ParameterizedTest
  @MethodSource("documents")
  void links_lead_somewhere(Path document) throws IOException {
    List<String> broken = new ArrayList<>();
    Matcher link = LINK.matcher(Files.readString(document));
    while (link.find()) {
      String target = link.group(1);
      if (!target.contains(":") && !leadsSomewhere(document, target)) {
        broken.add(target);
      }
    }
    assertEquals(List.of(), broken, () -> document + " has links to what does not exist");
  }

  private static boolean leadsSomewhere(Path document, String target) throws IOException {
    String[] parts = target.split("#", 2);
    Path file = parts[0].isEmpty() ? document : document.toAbsolutePath().resolveSibling(parts[0]);
    if (!Files.exists(file)) {
      return false;
    }
    return parts.length == 1
        || Files.readAllLines(file).stream()
            .filter(line -> line.startsWith("#"))
            .anyMatch(line -> anchor(line).equals(parts[1]));
  }

  /** {@return what a heading is called in links} */
  private static String anchor(String heading) {
    return heading
        .replaceFirst("#+ *", "")
        .toLowerCase(Locale.ROOT)
        .replaceAll("[^a-z0-9 -]", "")
        .replace(' ', '-');
  }

  @Test
  void there_is_something_to_check() throws IOException {
    List<Path> documents = documents();
    assertTrue(documents.contains(Path.of("README.md")), documents::toString);
    assertTrue(documents.contains(Path.of("docs/patterns.md")), documents::toString);
    assertFalse(Regions.in(SOURCES).isEmpty());
  }

  /** Otherwise a region of the documentation could lose its reader without anybody noticing. */
  @Test
  void every_region_is_shown_somewhere() throws IOException {
    var shown = new StringBuilder();
    for (Path document : documents()) {
      shown.append(Files.readString(document));
    }
    for (String region : Regions.in(SOURCES).keySet()) {
      assertTrue(
          shown.indexOf("<!-- region: " + region + " -->") >= 0,
          () -> "no Markdown file shows region '" + region + "'; show it or drop its marks");
    }
  }
}
