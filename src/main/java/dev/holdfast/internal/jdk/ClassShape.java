package dev.holdfast.internal.jdk;

import static java.lang.invoke.MethodType.methodType;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.util.concurrent.ThreadFactory;

/** JDK 21 to 24: {@code StructuredTaskScope} is a class with a public constructor. */
final class ClassShape {

  private static final MethodHandle OPEN;

  static {
    try {
      OPEN =
          MethodHandles.publicLookup()
              .findConstructor(
                  Class.forName("java.util.concurrent.StructuredTaskScope"),
                  methodType(void.class, String.class, ThreadFactory.class))
              .asType(methodType(Object.class, String.class, ThreadFactory.class));
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
}
