package dev.holdfast.junit.leaks;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Recognizes threads that a {@code @BeforeAll} method of a superclass started for all subclasses,
 * such as those of a server that starts with the first subclass and never stops. If the method
 * starts threads again for another class, these are leaks.
 */
public final class BaseFixtures {

  /** For the name of each method, the class for which it first started threads. */
  private static final Map<String, Class<?>> FIRST = new ConcurrentHashMap<>();

  private BaseFixtures() {}

  /** {@return whether a superclass started a thread, and did so first for this class} */
  public static boolean started(Class<?> test, List<StackTraceElement> createdFrom) {
    if (createdFrom.stream().anyMatch(frame -> frame.getClassName().equals(test.getName()))) {
      return false; // a method of the class itself caused it
    }
    for (StackTraceElement frame : createdFrom) {
      for (Class<?> type = test.getSuperclass(); type != null; type = type.getSuperclass()) {
        if (type.getName().equals(frame.getClassName())) {
          String method = frame.getClassName() + "." + frame.getMethodName();
          return FIRST.computeIfAbsent(method, first -> test) == test;
        }
      }
    }
    return false;
  }
}
