package dev.holdfast.internal.jdk;

import static java.lang.invoke.MethodType.methodType;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/** JDK 21 to 24: {@code StructuredTaskScope} is a class with a public constructor. */
final class ClassShape {

  private static final MethodHandle OPEN;
  private static final MethodHandle SHUT_DOWN;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.publicLookup();
      Class<?> scope = Class.forName("java.util.concurrent.StructuredTaskScope");
      OPEN =
          lookup
              .findConstructor(scope, methodType(void.class, String.class, ThreadFactory.class))
              .asType(methodType(Object.class, String.class, ThreadFactory.class));
      SHUT_DOWN =
          lookup
              .findVirtual(scope, "shutdown", methodType(void.class))
              .asType(methodType(void.class, Object.class));
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private ClassShape() {}

  static void ensureBound() {}

  static Object open(String name, ThreadFactory factory) {
    try {
      return (Object) OPEN.invokeExact(name, factory);
    } catch (Throwable t) {
      throw JdkScope.unchecked(t);
    }
  }

  /** Interrupts the threads, because {@code close} would otherwise do so and might fail. */
  static void shutDown(@Nullable Object scope) {
    try {
      SHUT_DOWN.invokeExact(scope);
    } catch (OutOfMemoryError e) {
      // it is shut down; its threads have ended
    } catch (Throwable t) {
      throw JdkScope.unchecked(t);
    }
  }
}
