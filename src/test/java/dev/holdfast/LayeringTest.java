package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.testing.LeavesNothing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The rooms of the library, read from its class files. */
@LeavesNothing
class LayeringTest {

  /**
   * A room, the package below {@code dev.holdfast} that it is, and the rooms it may use, each by
   * the last part of its name. A room stands above the rooms it uses: arrows point down only.
   * "fronts" and "leaves" are the two halves of {@code dev.holdfast} itself; a leaf is an
   * exception, a functional interface or a value that needs no front. "values" are the classes of
   * {@code dev.holdfast.diagnostics} that use no other class of the library.
   */
  private static final String ROOMS =
      """
      simulation            engine fronts leaves clock util
      simulation.engine     kernel fronts leaves inspect channel cancel clock util
      simulation.kernel
      junit                 leaks stalls threads diagnostics fronts inspect
      junit.leaks           threads diagnostics values json fronts inspect channel util
      junit.stalls          threads fronts inspect timer
      junit.threads         diagnostics values census util
      groovy                fronts leaves util
      http                  debug fronts leaves util
      http.debug            diagnostics export census json values fronts inspect channel util
      diagnostics           metrics stall capture export census dump data json values fronts \
                            leaves inspect util
      diagnostics.metrics   fronts telemetry inspect channel util
      diagnostics.stall     capture census data values fronts inspect channel util
      diagnostics.capture   dump data values scheduling clock util
      diagnostics.export    census values util
      diagnostics.census    json values util
      diagnostics.dump      data json values
      diagnostics.dump.data values
      diagnostics.json      inspect channel util
      values

      fronts                combine background root guard scope cancel timer telemetry \
                            leaves inspect channel scheduling clock util

      internal.combine      scope cancel leaves inspect channel scheduling clock util
      internal.background   scope cancel timer telemetry leaves inspect channel scheduling clock \
                            util
      internal.root         scope cancel timer telemetry leaves inspect scheduling clock util
      internal.guard        scope cancel telemetry leaves inspect scheduling clock util
      internal.scope        cancel timer telemetry jdk leaves inspect channel scheduling clock \
                            util
      internal.cancel       timer telemetry leaves inspect channel scheduling clock util
      internal.timer        clock util
      internal.telemetry    inspect scheduling clock util
      internal.jdk

      leaves                clock util
      inspect               channel util
      channel               internal.channel clock util
      internal.channel      scheduling clock util
      internal.scheduling   clock util
      internal.clock
      internal.util
      """;

  private static final Set<String> FRONTS =
      Set.of(
          "dev.holdfast.Scopes",
          "dev.holdfast.ScopeSpec",
          "dev.holdfast.Scope",
          "dev.holdfast.Fork",
          "dev.holdfast.Worker",
          "dev.holdfast.RootScope",
          "dev.holdfast.Guard",
          "dev.holdfast.Inspect");

  private static final int FILES_OF_A_ROOM = 15;
  private static final int FILES_OF_THE_FRONT = 31;
  private static final int CLASSES_OF_A_CYCLE = 12;
  private static final int LINES_OF_A_FILE = 500;

  private static final Map<String, Set<String>> MAY_USE = new LinkedHashMap<>();
  private static final Map<String, String> PACKAGES = new TreeMap<>();
  private static ClassGraph classes;
  private static Set<String> leaves;

  @BeforeAll
  static void read() throws Exception {
    classes = ClassGraph.of(Scopes.class);
    leaves = leaves();
    for (String row : ROOMS.lines().filter(r -> !r.isBlank()).toList()) {
      List<String> words = List.of(row.split(" +"));
      String name = words.get(0);
      String last = name.substring(name.lastIndexOf('.') + 1);
      String room = PACKAGES.containsValue(last) ? name : last;
      PACKAGES.put("dev.holdfast." + name, room);
      MAY_USE.put(room, new TreeSet<>(words.subList(1, words.size())));
    }
  }

  /** The classes of {@code dev.holdfast} that reach nothing but each other, the clock and util. */
  private static Set<String> leaves() {
    var found = new HashSet<String>();
    classes.classes().stream()
        .filter(c -> ClassGraph.packageOf(c).equals("dev.holdfast"))
        .forEach(found::add);
    while (found.removeIf(
        c ->
            classes.uses(c).stream()
                .filter(u -> u.startsWith("dev.holdfast."))
                .filter(u -> !u.startsWith("dev.holdfast.internal.util."))
                .filter(u -> !u.startsWith("dev.holdfast.internal.clock."))
                .anyMatch(u -> !found.contains(u)))) {
      // until nothing changes
    }
    return found;
  }

  private static String room(String name) {
    String in = ClassGraph.packageOf(name);
    if (in.equals("dev.holdfast")) {
      return leaves.contains(name) ? "leaves" : "fronts";
    }
    if (in.equals("dev.holdfast.diagnostics") && usesNone(name)) {
      return "values";
    }
    return PACKAGES.getOrDefault(in, in);
  }

  private static boolean usesNone(String name) {
    return classes.uses(name).stream().noneMatch(used -> used.startsWith("dev.holdfast."));
  }

  @Test
  void the_table_points_down_only() {
    var above = new HashSet<String>();
    MAY_USE.forEach((room, used) -> {
      above.add(room);
      for (String below : used) {
        assertTrue(MAY_USE.containsKey(below), () -> room + " uses " + below + ", not a room");
        assertTrue(!above.contains(below), () -> room + " uses " + below + " above it");
      }
    });
  }

  @Test
  void classes_use_what_the_table_allows() {
    var wrong = new TreeSet<String>();
    for (String name : classes.classes()) {
      for (String used : classes.uses(name)) {
        if (used.startsWith("dev.holdfast.")
            && !room(used).equals(room(name))
            && !MAY_USE.getOrDefault(room(name), Set.of()).contains(room(used))) {
          wrong.add(room(name) + " -> " + room(used) + ": " + name + " uses " + used);
        }
      }
    }
    assertEquals("", String.join("\n", wrong), "A room of its own? Add it to the table");
  }

  @Test
  void arrows_are_seen_and_fronts_are_no_leaves() {
    assertTrue(
        classes
            .uses("dev.holdfast.internal.scope.ScopeThreads")
            .contains("dev.holdfast.internal.jdk.JdkScope"));
    assertTrue(classes.classes().containsAll(FRONTS), () -> classes.classes().toString());
    FRONTS.forEach(front -> assertEquals("fronts", room(front), front));
    assertEquals("leaves", room("dev.holdfast.ScopeException"));
  }

  @Test
  void no_cycle_has_more_than_twelve_classes() {
    var wrong = new ArrayList<Set<String>>();
    for (Set<String> cycle : classes.cycles()) {
      if (cycle.size() > CLASSES_OF_A_CYCLE) {
        wrong.add(cycle);
      }
    }
    assertEquals(List.of(), wrong);
  }

  private static Map<Path, List<String>> sources() throws IOException {
    Path root = Path.of("src/main/java");
    var found = new TreeMap<Path, List<String>>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
        found.put(root.relativize(file), Files.readAllLines(file));
      }
    }
    return found;
  }

  private static String slashes(Path path) {
    return path.toString().replace('\\', '/');
  }

  @Test
  void a_room_is_small() throws Exception {
    var count = new TreeMap<String, Integer>();
    for (Path file : sources().keySet()) {
      if (file.getNameCount() > 1) {
        count.merge(slashes(file.getParent()), 1, Integer::sum);
      }
    }
    count.entrySet().removeIf(e -> e.getValue() <= filesOf(e.getKey()));
    assertEquals(Map.of(), count);
  }

  private static int filesOf(String room) {
    return room.equals("dev/holdfast") ? FILES_OF_THE_FRONT : FILES_OF_A_ROOM;
  }

  @Test
  void a_file_is_short() throws Exception {
    var wrong = new TreeMap<String, Integer>();
    sources()
        .forEach((file, lines) -> {
          if (lines.size() > LINES_OF_A_FILE) {
            wrong.put(slashes(file), lines.size());
          }
        });
    assertEquals(Map.of(), wrong);
  }

  @Test
  void only_the_jdk_room_invokes_method_handles() {
    Set<String> callers =
        classes.callers(
            "java\\.lang\\.invoke\\.(MethodHandle\\.invoke.*"
                + "|MethodHandles\\.(findVirtual|findStatic|findConstructor|findSpecial"
                + "|unreflect.*))");
    assertTrue(callers.contains("dev.holdfast.internal.jdk.JdkScope"), callers::toString);
    callers.forEach(name -> assertEquals("jdk", room(name), name));
  }

  @Test
  void nothing_waits_on_monitors_or_uses_internals_of_the_jdk() {
    // The referee of a simulation waits in order to hold its carrier on JDK 21 to 23, and a thread
    // on a deep stack because it cannot unmount.
    assertEquals(
        Set.of(
            "dev.holdfast.internal.scheduling.DeepParking",
            "dev.holdfast.simulation.engine.Referee"),
        classes.callers("java\\.lang\\.Object\\.(wait|notify|notifyAll)"));
    for (String name : classes.classes()) {
      for (String used : classes.uses(name)) {
        assertTrue(
            !used.startsWith("sun.") && !used.startsWith("jdk.internal."),
            () -> name + " uses " + used);
      }
    }
  }
}
