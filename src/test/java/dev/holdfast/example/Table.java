package dev.holdfast.example;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** Formats the rows as a text table. */
final class Table {

  private Table() {}

  static String of(Setting setting, List<Trial.Row> rows) {
    boolean servers = rows.stream().anyMatch(row -> row.requests().isPresent());
    var text = new StringBuilder();
    line(text, servers, "", "", "", "", "", "requests running", "threads left");
    line(
        text,
        servers,
        "",
        "answers",
        "failures",
        "unfinished",
        "elapsed",
        setting.requestsAfter().toMillis() + " ms later",
        setting.threadsAfter().toMillis() + " ms later");
    for (Trial.Row row : rows) {
      OptionalInt requests = row.requests();
      line(
          text,
          servers,
          row.way(),
          row.tally().answers(),
          row.tally().failures(),
          row.tally().unfinished(),
          row.elapsed().toMillis() + " ms",
          requests.isPresent() ? requests.getAsInt() : "",
          row.threads().size());
    }
    text.append(
        "\nThe threads of the JVM, of the servers and of the HTTP client are not counted.\n");
    for (Trial.Row row : rows) {
      if (!row.threads().isEmpty()) {
        text.append("Threads left by ").append(row.way()).append(": ");
        text.append(String.join(", ", row.threads())).append('\n');
      }
    }
    return text.toString();
  }

  private static void line(StringBuilder text, boolean servers, Object... cells) {
    int[] widths = {-17, 9, 10, 12, 10, 18, 15};
    List<String> padded = new ArrayList<>();
    for (int i = 0; i < cells.length; i++) {
      if (i != 5 || servers) {
        padded.add(String.format("%" + widths[i] + "s", cells[i]));
      }
    }
    text.append(String.join("", padded).stripTrailing()).append('\n');
  }
}
