package dev.holdfast.diagnostics.export;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The scripts and the style sheet of the pages, which are files in the jar. */
public enum Resources {

  /** The library d3-flame-graph, with the parts of D3 that it uses. */
  LIBRARY("d3-flame-graph.js"),

  /** The script that draws a flame graph. */
  FLAME("flame.js"),

  /** The script that refreshes a page. */
  PAGE("page.js"),

  /** The style sheet of all pages. */
  STYLE("page.css");

  private final String file;

  Resources(String file) {
    this.file = file;
  }

  /** {@return the name of this file in links} */
  public String file() {
    return file;
  }

  /** {@return its text} */
  public String text() {
    try (var in = Resources.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalStateException(file + " is not in the jar of Holdfast");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
