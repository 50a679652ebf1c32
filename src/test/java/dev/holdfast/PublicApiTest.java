package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.holdfast.testing.LeavesNothing;
import java.lang.module.ModuleDescriptor;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What users compile against changes only on purpose. */
@LeavesNothing
class PublicApiTest {

  private static final Path GOLDEN = Path.of("src/test/resources/api.txt");
  private static final String UPDATE = "holdfast.api.update";

  @Test
  void the_public_api_is_what_api_txt_says() throws Exception {
    String actual = String.join("\n", api()) + "\n";
    if (Boolean.getBoolean(UPDATE)) {
      Files.writeString(GOLDEN, actual);
    }
    String golden = Files.exists(GOLDEN) ? Files.readString(GOLDEN) : "";
    assertEquals(
        golden,
        actual,
        "The public API has changed. If that was meant, run 'mvn test -Dtest=PublicApiTest -D"
            + UPDATE
            + "=true' and commit "
            + GOLDEN);
  }

  private static List<String> api() throws Exception {
    Path root = Path.of(Scopes.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    ModuleDescriptor module;
    try (var in = Files.newInputStream(root.resolve("module-info.class"))) {
      module = ModuleDescriptor.read(in);
    }
    var exported =
        module.exports().stream()
            .filter(e -> !e.isQualified())
            .map(ModuleDescriptor.Exports::source)
            .collect(Collectors.toSet());
    var lines = new ArrayList<String>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".class")).sorted().toList()) {
        String name = root.relativize(file).toString().replaceAll("[/\\\\]", ".");
        name = name.substring(0, name.length() - ".class".length());
        if (name.endsWith("-info")) {
          continue;
        }
        Class<?> type = Class.forName(name, false, Scopes.class.getClassLoader());
        if (exported.contains(type.getPackageName()) && isVisible(type)) {
          lines.addAll(describe(type));
        }
      }
    }
    return lines;
  }

  private static boolean isVisible(Class<?> type) {
    for (Class<?> t = type; t != null; t = t.getDeclaringClass()) {
      if (!Modifier.isPublic(t.getModifiers()) && !Modifier.isProtected(t.getModifiers())) {
        return false;
      }
    }
    return !type.isAnonymousClass();
  }

  private static boolean isVisible(Member member) {
    return !member.isSynthetic()
        && (member.getModifiers() & (Modifier.PUBLIC | Modifier.PROTECTED)) != 0;
  }

  private static List<String> describe(Class<?> type) {
    var members = new TreeSet<String>();
    for (Field field : type.getDeclaredFields()) {
      if (isVisible(field)) {
        members.add("  " + field.toGenericString());
      }
    }
    for (Constructor<?> constructor : type.getDeclaredConstructors()) {
      if (isVisible(constructor)) {
        members.add("  " + constructor.toGenericString());
      }
    }
    for (Method method : type.getDeclaredMethods()) {
      if (isVisible(method)) {
        members.add("  " + method.toGenericString());
      }
    }
    var lines = new ArrayList<String>();
    String above =
        type.getGenericSuperclass() == null
            ? ""
            : " extends " + type.getGenericSuperclass().getTypeName();
    String interfaces =
        Stream.of(type.getGenericInterfaces())
            .map(java.lang.reflect.Type::getTypeName)
            .collect(Collectors.joining(", "));
    lines.add(shape(type) + above + (interfaces.isEmpty() ? "" : " implements " + interfaces));
    lines.addAll(members);
    return lines;
  }

  /** JDK 21 does not tell that a type is sealed. */
  private static String shape(Class<?> type) {
    return type.toGenericString().replace("sealed ", "");
  }
}
