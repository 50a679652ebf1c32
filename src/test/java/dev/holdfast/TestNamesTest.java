package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The test of each class with behaviour is found by the name of the class. */
class TestNamesTest {

  private static final Path MAIN = Path.of("src/main/java");
  private static final List<Path> TESTS =
      List.of(Path.of("src/test/java"), Path.of("src/lincheck/java"));

  private static final Pattern AS_WELL =
      Pattern.compile("Tests ((?:\\{@code \\w+}(?:, | and )?)+) as well");
  private static final Pattern CODE = Pattern.compile("\\{@code (\\w+)}");

  private static Stream<Path> sources(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files.filter(file -> file.toString().endsWith(".java")).toList().stream();
    }
  }

  private static String className(Path root, Path file) {
    String path = root.relativize(file).toString();
    return path.substring(0, path.length() - ".java".length()).replace('/', '.');
  }

  /** {@return the names of the tests, and of the classes that a test says it tests as well} */
  private static Set<String> tested() throws IOException {
    var names = new HashSet<String>();
    for (Path root : TESTS) {
      for (Path file : sources(root).toList()) {
        String name = file.getFileName().toString().replace(".java", "");
        names.add(name.replaceFirst("(Property|Lincheck)?Test$", ""));
        String text = Files.readString(file).replaceAll("\\s*\\n\\s*\\*\\s*", " ");
        AS_WELL
            .matcher(text)
            .results()
            .flatMap(match -> CODE.matcher(match.group(1)).results())
            .forEach(match -> names.add(match.group(1)));
      }
    }
    return names;
  }

  /** {@return whether a class declares more than data, names of data, and methods to implement} */
  private static boolean hasBehaviour(Class<?> type) {
    return Arrays.stream(type.getDeclaredMethods())
        .filter(method -> !method.isSynthetic() && !isAbstract(method))
        .anyMatch(method -> !isGiven(type, method));
  }

  private static boolean isAbstract(Method method) {
    return java.lang.reflect.Modifier.isAbstract(method.getModifiers());
  }

  private static boolean isGiven(Class<?> type, Method method) {
    List<String> given =
        type.isEnum()
            ? List.of("values", "valueOf")
            : type.isRecord() ? List.of("equals", "hashCode", "toString") : List.of();
    return given.contains(method.getName())
        || (type.isRecord()
            && Arrays.stream(type.getRecordComponents())
                .anyMatch(part -> part.getAccessor().equals(method)));
  }

  @Test
  void each_class_with_behaviour_has_a_test_that_bears_or_mentions_its_name() throws Exception {
    Set<String> tested = tested();
    var missing = new HashSet<String>();
    int checked = 0;
    for (Path file : sources(MAIN).toList()) {
      String name = className(MAIN, file);
      String simple = name.substring(name.lastIndexOf('.') + 1);
      if (!simple.endsWith("-info")
          && hasBehaviour(Class.forName(name, false, TestNamesTest.class.getClassLoader()))) {
        checked++;
        if (!tested.contains(simple)) {
          missing.add(name);
        }
      }
    }
    assertTrue(checked > 200, "only " + checked + " classes were found");
    assertEquals(
        List.of(),
        missing.stream().sorted().toList(),
        "Write a test, or name the class in the Javadoc of the test that has its behaviour:"
            + " Tests {@code X} as well.");
  }
}
