package dev.holdfast.doc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Checks the Markdown files: code comes from compiled sources, and links and class names exist. */
class DocsTest {

  private static final List<Path> SOURCES =
      List.of(
          Path.of("src/test/java/dev/holdfast/doc"),
          Path.of("examples/service/src"),
          Path.of("examples/plain/src"));
  private static final Pattern REGION = Pattern.compile("<!-- region: (\\S+) -->");
  private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");

  static List<Path> documents() throws IOException {
    List<Path> documents = new ArrayList<>();
    for (String folder :
        List.of(
            "",
            "docs",
            "docs/decisions",
            "docs/monitoring",
            "examples",
            "examples/service",
            "examples/plain",
            "examples/kotlin")) {
      try (Stream<Path> files = Files.list(Path.of(folder))) {
        files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(documents::add);
      }
    }
    return documents;
  }

  @ParameterizedTest
  @MethodSource("documents")
  void code_equals_its_region_in_the_sources(Path document) throws IOException {
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
  void relative_links_lead_to_existing_targets(Path document) throws IOException {
    List<String> broken = new ArrayList<>();
    Matcher link = LINK.matcher(Files.readString(document));
    while (link.find()) {
      String target = link.group(1);
      if (!target.contains(":") && !leadsSomewhere(document, target)) {
        broken.add(target);
      }
    }
    assertEquals(
        List.of(), broken, () -> document + " links to files or headings that do not exist");
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

  /** {@return the anchor that links use for a heading} */
  private static String anchor(String heading) {
    return heading
        .replaceFirst("#+ *", "")
        .toLowerCase(Locale.ROOT)
        .replaceAll("[^a-z0-9 -]", "")
        .replace(' ', '-');
  }

  /** A room, a class with an optional nested class, or a method of one. */
  private static final Pattern NAME =
      Pattern.compile("`(dev\\.holdfast[a-z.]*|[A-Z]\\w*(?:\\.[A-Z]\\w*)*(?:\\.[a-z]\\w*)?)`");

  @Test
  void the_architecture_names_rooms_classes_and_methods_that_exist() throws IOException {
    Map<String, Path> classes = new HashMap<>();
    Path main = Path.of("src/main/java");
    try (Stream<Path> files = Files.walk(main)) {
      files
          .filter(file -> file.toString().endsWith(".java"))
          .forEach(file -> classes.put(file.getFileName().toString().replace(".java", ""), file));
    }
    List<String> unknown = new ArrayList<>();
    int found = 0;
    Matcher name = NAME.matcher(Files.readString(Path.of("docs/architecture.md")));
    while (name.find()) {
      found++;
      if (!exists(name.group(1), main, classes)) {
        unknown.add(name.group(1));
      }
    }
    assertEquals(List.of(), unknown, "docs/architecture.md names what does not exist");
    assertTrue(found > 50, found + " names");
  }

  @Test
  void the_architecture_has_a_row_for_every_room() throws IOException {
    String text = Files.readString(Path.of("docs/architecture.md"));
    Path main = Path.of("src/main/java");
    try (Stream<Path> files = Files.walk(main.resolve("dev/holdfast"))) {
      List<String> missing =
          files
              .filter(file -> file.toString().endsWith(".java"))
              .map(file -> main.relativize(file.getParent()).toString().replace('\\', '.'))
              .map(room -> room.replace('/', '.'))
              .distinct()
              .filter(room -> !text.contains("| `" + room + "` |"))
              .toList();
      assertEquals(List.of(), missing, "rooms without a row in docs/architecture.md");
    }
  }

  private static boolean exists(String name, Path main, Map<String, Path> classes)
      throws IOException {
    if (name.startsWith("dev.")) {
      return Files.isDirectory(main.resolve(name.replace('.', '/')));
    }
    String[] parts = name.split("\\.");
    Path file = classes.get(parts[0]);
    if (file == null) {
      return List.of("InterruptedException", "StructuredTaskScope").contains(name); // of the JDK
    }
    String source = Files.readString(file);
    return Stream.of(parts)
        .skip(1)
        .allMatch(part -> Pattern.compile("\\b" + part + "\\b").matcher(source).find());
  }

  @Test
  void documents_and_regions_are_found() throws IOException {
    List<Path> documents = documents();
    assertTrue(documents.contains(Path.of("README.md")), documents::toString);
    assertTrue(documents.contains(Path.of("docs/patterns.md")), documents::toString);
    assertFalse(Regions.in(SOURCES).isEmpty());
  }

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
