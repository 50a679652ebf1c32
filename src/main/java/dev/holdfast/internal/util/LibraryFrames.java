package dev.holdfast.internal.util;

import java.net.URL;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Distinguishes stack frames of the library from those of its users.
 *
 * <p>A class is the library's if it is in a package of the library and its class file is next to
 * that of this class. A class in these packages that this JVM does not have also counts as the
 * library's, because it may come from the dump of a JVM with another release. Tests of the library
 * are in its packages, but not in its directory: they count as user code.
 */
public final class LibraryFrames {

  private static final String ROOT = "dev.holdfast.";

  /**
   * Bounds the cache, because dumps may contain any names. The library has fewer outermost classes.
   */
  private static final int MAX_CACHED = 1_024;

  private static final Map<String, Boolean> CACHE = new ConcurrentHashMap<>();

  private LibraryFrames() {}

  /**
   * Returns whether a class is the library's.
   *
   * @param className the binary name, as in {@link StackTraceElement#getClassName}
   * @return whether it is
   */
  public static boolean isLibrary(String className) {
    if (!className.startsWith(ROOT)) {
      return false;
    }
    String outermost = outermost(className);
    Boolean known = CACHE.get(outermost);
    if (known == null) {
      known = isBesideThis(outermost); // not in computeIfAbsent: it reads a file
      if (CACHE.size() < MAX_CACHED) {
        CACHE.put(outermost, known);
      }
    }
    return known;
  }

  private static String outermost(String className) {
    int end = className.indexOf('$', className.lastIndexOf('.') + 2);
    return end < 0 ? className : className.substring(0, end);
  }

  private static boolean isBesideThis(String className) {
    String location = location(className);
    return location == null || location.equals(location(LibraryFrames.class.getName()));
  }

  /** Returns the directory or jar that a class was found in; null if it was not found. */
  private static @Nullable String location(String className) {
    String file = "/" + className.replace('.', '/') + ".class";
    URL found = LibraryFrames.class.getResource(file);
    if (found == null) {
      return null;
    }
    String url = found.toString();
    return url.endsWith(file) ? url.substring(0, url.length() - file.length()) : null;
  }
}
