package dev.holdfast.diagnostics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.diagnostics.json.JsonReader;
import dev.holdfast.diagnostics.json.JsonWriter;
import dev.holdfast.testing.HostileNames;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Every output of the command for dumps in which each text is hostile. */
@Timeout(180)
class HostileDumpTest {

  @TempDir Path directory;

  private static String run(String... args) {
    var out = new ByteArrayOutputStream();
    var print = new PrintStream(out, true, StandardCharsets.UTF_8);
    Main.run(args, print, print);
    return out.toString(StandardCharsets.UTF_8);
  }

  private static Map<String, Object> object(Object... namesAndValues) {
    var map = new LinkedHashMap<String, Object>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      map.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return map;
  }

  /** As a JVM writes it, with the name in each place that code can choose. */
  private static String json(String name, int threads) {
    String frame = "app//" + name + "/com.acme." + name + "." + name + "(" + name + ".java:1)";
    var list = new ArrayList<Object>();
    for (int i = 1; i <= threads; i++) {
      list.add(
          object(
              "tid",
              i,
              "name",
              name,
              "virtual",
              true,
              "state",
              "BLOCKED",
              "blockedOn",
              i == 1 ? name + "@2" : name + "@1",
              "monitorsOwned",
              List.of(object("depth", 1, "locks", List.of(name + "@" + i))),
              "parkBlocker",
              object("object", name, "owner", 1),
              "stack",
              List.of(
                  "java.base/" + name + "." + name + "(" + name + ")",
                  frame,
                  "org.apache." + name + ".x(" + name + ":1)")));
      list.add(object("tid", 1000 + i, "name", name, "stack", List.of()));
    }
    String scope = name + "/jdk.internal.misc.ThreadFlock$Container@1";
    return JsonWriter.of(
        object(
            "threadDump",
            object(
                "processId",
                7,
                "time",
                "2026-11-21T12:00:0" + threads + "Z",
                "runtimeVersion",
                name,
                "threadContainers",
                List.of(
                    object("container", "<root>", "threads", list),
                    object("container", scope, "parent", "<root>", "owner", 1, "threads", list)))));
  }

  private static String text(String name) {
    return "Full thread dump VM ("
        + name
        + " mixed mode):\n\n\""
        + name
        + "\" #5 prio=5 tid=0x1\n"
        + "   java.lang.Thread.State: BLOCKED (on object monitor)\n"
        + "\tat com.acme."
        + name
        + "."
        + name
        + "("
        + name
        + ".java:3)\n"
        + "\t- waiting to lock <0x01> (a "
        + name
        + ")\n\tat a.A.a(A.java:1)\n\n";
  }

  private static void isSafe(String output, String... what) {
    String of = String.join(" ", what) + ": " + output;
    assertFalse(HostileNames.isActive(output), of);
    assertTrue(output.lines().noneMatch(line -> line.startsWith("ERROR forged")), of);
    assertTrue(output.lines().noneMatch(line -> line.startsWith("HTTP/1.1")), of);
    assertFalse(output.isEmpty(), of);
  }

  @Test
  void no_output_of_the_command_has_an_active_character() throws Exception {
    for (String name : HostileNames.ALL) {
      for (int i = 1; i <= 3; i++) {
        Files.writeString(directory.resolve(i + ".json"), json(name, i));
      }
      String last = directory.resolve("3.json").toString();
      String first = directory.resolve("1.json").toString();
      String plain = directory.resolve("plain").toString();
      Files.write(Path.of(plain), text(name).getBytes(StandardCharsets.UTF_8));
      Files.createDirectories(directory.resolve("of"));
      String[][] lines = {
        {"census", last},
        {"census", last, "--app", "com.acme"},
        {"census", last, "--json"},
        {"census", last, "--csv"},
        {"census", last, "--collapsed"},
        {"census", directory.toString()},
        {"census", directory.toString(), "--json"},
        {"census", directory.toString(), "--csv"},
        {"census", "diff", first, last},
        {"census", "diff", first, last, "--json"},
        {"census", "diff", first, last, "--collapsed"},
        {"census", plain},
        {"census", plain, "--json"},
        {"census", plain, "--csv"},
        {"census", directory.resolve("of").toString()},
        {"census", name},
        {"census", name, name},
        {"census", last, "--top", name},
        {"census", last, "--app", name},
        {"census", "1", "--watch", name},
        {"census", "1", "--watch", "1s", "--load", name},
        {"census", last, name}
      };
      for (String[] line : lines) {
        String output = run(line);
        isSafe(output, line);
        if (List.of(line).contains("--json") && output.startsWith("{")) {
          JsonReader.parse(output);
        }
      }
    }
  }

  @Test
  void a_cell_of_csv_is_no_formula() throws Exception {
    for (String name : List.of("=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)", "a\",=1,\"b")) {
      Files.writeString(directory.resolve("1.json"), json(name, 1));
      String csv = run("census", directory.resolve("1.json").toString(), "--csv");
      for (String line : csv.lines().skip(1).toList()) {
        List<String> cells = cells(line);
        assertEquals(7, cells.size(), line);
        assertTrue(cells.stream().noneMatch(cell -> cell.matches("[=+@-].*")), line);
      }
    }
  }

  /** {@return the cells of a line, as RFC 4180 has them} */
  private static List<String> cells(String line) {
    var cells = new ArrayList<String>();
    var cell = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '"' && quoted && i + 1 < line.length() && line.charAt(i + 1) == '"') {
        cell.append(c);
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        cells.add(cell.toString());
        cell.setLength(0);
      } else {
        cell.append(c);
      }
    }
    cells.add(cell.toString());
    return cells;
  }
}
