package dev.holdfast.testing;

import java.lang.reflect.InvocationTargetException;
import java.util.Objects;

/** {@code ScopedValue}, which is not in the API of the JDK that the tests are compiled for. */
public final class ScopedValues {

  private ScopedValues() {}

  /** {@return a new scoped value} */
  public static Object create() {
    return Objects.requireNonNull(call("newInstance", null));
  }

  /** Runs an action while a value is bound. */
  public static void where(Object key, Object value, Runnable action) {
    try {
      Class<?> type = Class.forName("java.lang.ScopedValue");
      Object carrier = type.getMethod("where", type, Object.class).invoke(null, key, value);
      Class.forName("java.lang.ScopedValue$Carrier")
          .getMethod("run", Runnable.class)
          .invoke(carrier, action);
    } catch (ReflectiveOperationException e) {
      throw unwrapped(e);
    }
  }

  /** {@return the value that is bound} */
  public static Object get(Object key) {
    return Objects.requireNonNull(call("get", key));
  }

  private static Object call(String method, Object key) {
    try {
      return Class.forName("java.lang.ScopedValue").getMethod(method).invoke(key);
    } catch (ReflectiveOperationException e) {
      throw unwrapped(e);
    }
  }

  private static RuntimeException unwrapped(ReflectiveOperationException e) {
    Throwable thrown = e instanceof InvocationTargetException ? e.getCause() : e;
    if (thrown instanceof Error error) {
      throw error;
    }
    return thrown instanceof RuntimeException runtime ? runtime : new IllegalStateException(thrown);
  }
}
