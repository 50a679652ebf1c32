package dev.holdfast.testing;

import dev.holdfast.Scopes;
import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Path;

/** Where the compiled classes are, for a JVM that a test starts. */
public final class ClassPath {

  private ClassPath() {}

  /** {@return the class path of the library and its tests} */
  public static String ofTests() {
    return root(Scopes.class) + File.pathSeparator + root(ClassPath.class);
  }

  private static Path root(Class<?> type) {
    try {
      // Not the code source: in a patched module that is the library's for every class.
      Path file = Path.of(type.getResource(type.getSimpleName() + ".class").toURI());
      int depth = type.getPackageName().split("[.]", -1).length;
      Path root = file.getParent();
      for (int i = 0; i < depth; i++) {
        root = root.getParent();
      }
      return root;
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }
}
