package dev.holdfast.junit.leaks;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Recognizes threads that a {@code @BeforeAll} method of a superclass started for all subclasses,
 * such as those of a server that the first of them starts and nobody stops. If the method starts
 * the same again for another class, that is a leak.
 */
public final class BaseFixtures {

  /** The classes for which the methods started threads first. */
  private static final Map<String, Class<?>> FIRST = new ConcurrentHashMap<>();

  private BaseFixtures() {}

  /** {@return whether a superclass started a thread, and not before for another class} */
  public static boolean started(Class<?> test, List<StackTraceElement> createdFrom) {
    if (createdFrom.stream().anyMatch(frame -> frame.getClassName().equals(test.getName()))) {
      return false; // a method of the class itself asked for it
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
