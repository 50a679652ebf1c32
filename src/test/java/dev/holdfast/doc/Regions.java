package dev.holdfast.doc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The regions of the sources below some folders: the lines between two marks, without indentation.
 */
final class Regions {

  private static final Pattern START = Pattern.compile("// @start region=\"([^\"]+)\"");

  private Regions() {}

  /** {@return the regions by their names, of these folders and those in them} */
  static Map<String, String> in(List<Path> folders) throws IOException {
    Map<String, String> regions = new HashMap<>();
    for (Path folder : folders) {
      List<Path> sources;
      try (Stream<Path> files = Files.walk(folder)) {
        sources = files.filter(file -> file.toString().endsWith(".java")).sorted().toList();
      }
      for (Path source : sources) {
        read(source, regions);
      }
    }
    return regions;
  }

  private static void read(Path source, Map<String, String> regions) throws IOException {
    String name = null;
    List<String> lines = new ArrayList<>();
    for (String line : Files.readAllLines(source)) {
      Matcher start = START.matcher(line.strip());
      if (start.matches()) {
        name = start.group(1);
        lines.clear();
      } else if (line.strip().equals("// @end") && name != null) {
        if (regions.put(name, text(lines)) != null) {
          throw new IllegalStateException("there are two regions '" + name + "'; rename one");
        }
        name = null;
      } else {
        lines.add(line);
      }
    }
  }

  /** {@return the lines without their common indentation and without blank ones around them} */
  static String text(List<String> lines) {
    return String.join("\n", lines).stripTrailing().stripIndent().strip();
  }
}
