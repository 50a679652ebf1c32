package dev.holdfast.simulation;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;

/** A test method that is run again, on a new instance of its class. */
final class Repetition implements Run.Code {

  private final @Nullable Constructor<?> constructor;
  private final Method method;
  private final List<Object> arguments;
  private final List<Method> before;
  private final List<Method> after;

  private Repetition(
      @Nullable Constructor<?> constructor,
      Method method,
      List<Object> arguments,
      List<Method> before,
      List<Method> after) {
    this.constructor = constructor;
    this.method = method;
    this.arguments = arguments;
    this.before = before;
    this.after = after;
  }

  /**
   * {@return code that runs a test method again; null if that takes more than a new instance, such
   * as parameters}
   */
  static @Nullable Repetition of(ReflectiveInvocationContext<Method> invocation) {
    Class<?> type = invocation.getTargetClass();
    Method method = invocation.getExecutable();
    List<Method> before = annotated(type, BeforeEach.class, HierarchyTraversalMode.TOP_DOWN);
    List<Method> after = annotated(type, AfterEach.class, HierarchyTraversalMode.BOTTOM_UP);
    try {
      Constructor<?> constructor =
          Modifier.isStatic(method.getModifiers()) ? null : type.getDeclaredConstructor();
      boolean simple =
          before.stream().allMatch(m -> m.getParameterCount() == 0)
              && after.stream().allMatch(m -> m.getParameterCount() == 0)
              && (constructor == null || constructor.trySetAccessible())
              && method.trySetAccessible();
      before.forEach(Method::trySetAccessible);
      after.forEach(Method::trySetAccessible);
      return simple
          ? new Repetition(constructor, method, invocation.getArguments(), before, after)
          : null;
    } catch (NoSuchMethodException e) {
      return null;
    }
  }

  private static List<Method> annotated(
      Class<?> type,
      Class<? extends java.lang.annotation.Annotation> annotation,
      HierarchyTraversalMode order) {
    return AnnotationSupport.findAnnotatedMethods(type, annotation, order);
  }

  @Override
  public void run(Simulation simulation) throws Throwable {
    simulation.inScope(self -> runOnce(simulation));
  }

  private void runOnce(Simulation simulation) throws Throwable {
    try {
      Object instance = constructor == null ? null : constructor.newInstance();
      Object[] given =
          arguments.stream().map(a -> a instanceof Simulation ? simulation : a).toArray();
      for (Method each : before) {
        each.invoke(instance);
      }
      try {
        method.invoke(instance, given);
      } finally {
        for (Method each : after) {
          each.invoke(instance);
        }
      }
    } catch (InvocationTargetException e) {
      throw e.getTargetException();
    }
  }
}
