package dev.holdfast.internal.jdk;

import static java.lang.invoke.MethodType.methodType;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.util.concurrent.ThreadFactory;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * JDK 25 and later: {@code StructuredTaskScope} is an interface that a joiner and a configuration
 * open.
 *
 * <p>Of the joiners, only {@code awaitAllSuccessfulOrThrow} exists on 25, 26 and 27 and keeps no
 * list of subtasks. If no task throws, it waits for all of them.
 */
final class InterfaceShape {

  private static final MethodHandle JOINER;
  private static final MethodHandle OPEN;
  private static final MethodHandle WITH_NAME;
  private static final MethodHandle WITH_FACTORY;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.publicLookup();
      Class<?> scope = Class.forName("java.util.concurrent.StructuredTaskScope");
      Class<?> joiner = Class.forName("java.util.concurrent.StructuredTaskScope$Joiner");
      Class<?> config = Class.forName("java.util.concurrent.StructuredTaskScope$Configuration");
      JOINER =
          lookup
              .findStatic(joiner, "awaitAllSuccessfulOrThrow", methodType(joiner))
              .asType(methodType(Object.class));
      MethodHandle open;
      try {
        open = lookup.findStatic(scope, "open", methodType(scope, joiner, UnaryOperator.class));
      } catch (NoSuchMethodException jdk25) {
        open = lookup.findStatic(scope, "open", methodType(scope, joiner, Function.class));
      }
      OPEN = open.asType(methodType(Object.class, Object.class, UnaryOperator.class));
      WITH_NAME =
          lookup
              .findVirtual(config, "withName", methodType(config, String.class))
              .asType(methodType(Object.class, Object.class, String.class));
      WITH_FACTORY =
          lookup
              .findVirtual(config, "withThreadFactory", methodType(config, ThreadFactory.class))
              .asType(methodType(Object.class, Object.class, ThreadFactory.class));
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private InterfaceShape() {}

  static void ensureBound() {}

  static Object open(String name, ThreadFactory factory) {
    try {
      UnaryOperator<Object> config = defaults -> configure(defaults, name, factory);
      Object joiner = (Object) JOINER.invokeExact();
      return (Object) OPEN.invokeExact(joiner, config);
    } catch (Throwable t) {
      throw JdkScope.unchecked(t);
    }
  }

  private static Object configure(Object defaults, String name, ThreadFactory factory) {
    try {
      Object named = (Object) WITH_NAME.invokeExact(defaults, name);
      return (Object) WITH_FACTORY.invokeExact(named, factory);
    } catch (Throwable t) {
      throw JdkScope.unchecked(t);
    }
  }
}
