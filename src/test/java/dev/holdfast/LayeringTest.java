package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Reads the class files: arrows between rooms point down only. */
@LeavesNothing
class LayeringTest {

  /** What a class file speaks of. */
  private record Mentions(Set<String> types, Set<String> calls) {}

  private static final Map<String, Mentions> CLASSES = new TreeMap<>();

  @BeforeAll
  static void read() throws Exception {
    Path root = Path.of(Scopes.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
        String name = root.relativize(file).toString().replace('\\', '/').replace(".class", "");
        if (!name.equals("module-info")) {
          CLASSES.put(name, mentions(Files.readAllBytes(file)));
        }
      }
    }
    assertTrue(CLASSES.containsKey("dev/holdfast/jdk/JdkScope"), () -> CLASSES.keySet().toString());
  }

  /** Reads the constant pool, JVMS 4.4. */
  private static Mentions mentions(byte[] bytes) throws IOException {
    var in = new DataInputStream(new ByteArrayInputStream(bytes));
    assertEquals(0xCAFEBABE, in.readInt());
    in.readInt();
    int count = in.readUnsignedShort();
    var text = new String[count];
    var first = new int[count];
    var second = new int[count];
    var tags = new int[count];
    for (int i = 1; i < count; i++) {
      tags[i] = in.readUnsignedByte();
      switch (tags[i]) {
        case 1 -> text[i] = in.readUTF();
        case 3, 4 -> in.readInt();
        case 5, 6 -> {
          in.readLong();
          i++;
        }
        case 7, 8, 16, 19, 20 -> first[i] = in.readUnsignedShort();
        case 9, 10, 11, 12, 17, 18 -> {
          first[i] = in.readUnsignedShort();
          second[i] = in.readUnsignedShort();
        }
        case 15 -> {
          in.readUnsignedByte();
          first[i] = in.readUnsignedShort();
        }
        default -> throw new IOException("constant pool tag " + tags[i]);
      }
    }
    var types = new TreeSet<String>();
    var calls = new TreeSet<String>();
    Pattern descriptor = Pattern.compile("L(dev/holdfast/[\\w/$]+)[;<]");
    for (int i = 1; i < count; i++) {
      if (tags[i] == 7) {
        types.add(text[first[i]].replaceAll("^\\[+L?|;$", ""));
      } else if (tags[i] == 1) {
        for (Matcher m = descriptor.matcher(text[i]); m.find(); ) {
          types.add(m.group(1));
        }
      } else if (tags[i] == 10 || tags[i] == 11) {
        calls.add(text[first[first[i]]] + "." + text[first[second[i]]]);
      }
    }
    return new Mentions(types, calls);
  }

  private static String room(String type) {
    return type.substring(0, type.lastIndexOf('/'));
  }

  /** What each room may use of the others. */
  private static final Map<String, List<String>> BELOW =
      Map.of(
          "dev/holdfast/jdk", List.of(),
          "dev/holdfast/channel", List.of(),
          "dev/holdfast", List.of("dev/holdfast/jdk", "dev/holdfast/channel"),
          "dev/holdfast/http", List.of("dev/holdfast"),
          "dev/holdfast/diagnostics", List.of("dev/holdfast", "dev/holdfast/channel"),
          "dev/holdfast/junit",
              List.of("dev/holdfast", "dev/holdfast/channel", "dev/holdfast/diagnostics"));

  @Test
  void arrows_point_down_only() {
    var wrong = new TreeSet<String>();
    CLASSES.forEach((name, mentions) -> {
      String from = room(name);
      List<String> below = BELOW.get(from);
      for (String type : mentions.types) {
        if (type.startsWith("dev/holdfast/")
            && !room(type).equals(from)
            && (below == null || !below.contains(room(type)))) {
          wrong.add(name + " -> " + type);
        }
      }
    });
    assertEquals(Set.of(), wrong);
  }

  @Test
  void the_arrows_are_seen() {
    assertTrue(
        CLASSES.get("dev/holdfast/ScopeThreads").types.contains("dev/holdfast/jdk/JdkScope"));
  }

  private static Set<String> callers(Pattern call) {
    var found = new TreeSet<String>();
    CLASSES.forEach((name, mentions) -> {
      if (mentions.calls.stream().anyMatch(c -> call.matcher(c).matches())) {
        found.add(name);
      }
    });
    return found;
  }

  @Test
  void only_the_jdk_room_invokes_method_handles() {
    Set<String> callers =
        callers(
            Pattern.compile(
                "java/lang/invoke/MethodHandle\\.invoke.*"
                    + "|java/lang/invoke/MethodHandles\\$Lookup\\."
                    + "(findVirtual|findStatic|findConstructor|findSpecial|unreflect.*)"));
    assertTrue(callers.contains("dev/holdfast/jdk/JdkScope"), callers::toString);
    callers.forEach(name -> assertEquals("dev/holdfast/jdk", room(name), name));
  }

  @Test
  void nobody_waits_on_monitors_or_uses_what_is_internal() {
    assertEquals(Set.of(), callers(Pattern.compile("java/lang/Object\\.(wait|notify|notifyAll)")));
    CLASSES.forEach((name, mentions) ->
        mentions.types.forEach(type ->
            assertTrue(
                !type.startsWith("sun/") && !type.startsWith("jdk/internal/"),
                name + " uses " + type)));
  }
}
