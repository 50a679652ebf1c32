package dev.holdfast.junit.leaks;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;

/**
 * Recognizes JDK servers and clients in static fields of a test class or its superclasses. Their
 * threads inherit nothing that shows that a class initializer created them.
 */
public final class StaticServers {

  private StaticServers() {}

  /** {@return whether a thread may belong to a server or client in such a field} */
  public static boolean has(Class<?> test, String thread) {
    if (thread.equals("HTTP-Dispatcher")) {
      return hasField(test, "com.sun.net.httpserver.Http");
    }
    return thread.startsWith("HttpClient-") && hasField(test, "java.net.http.HttpClient");
  }

  /**
   * A field of the class itself must be final. Otherwise a method of the class may have started the
   * server or client and failed to stop it. A server of a superclass serves other classes as well.
   */
  private static boolean hasField(Class<?> test, String prefix) {
    for (Class<?> type = test; type != null && type != Object.class; type = type.getSuperclass()) {
      for (Field field : type.getDeclaredFields()) {
        if (Modifier.isStatic(field.getModifiers())
            && (type != test || Modifier.isFinal(field.getModifiers()))
            && field.getType().getName().startsWith(prefix)) {
          return true;
        }
      }
    }
    return false;
  }
}
