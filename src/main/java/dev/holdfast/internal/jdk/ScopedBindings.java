package dev.holdfast.internal.jdk;

import static java.lang.invoke.MethodType.methodType;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;

/**
 * Keeps a thread's {@code ScopedValue} bindings comparable, because the JDK's scopes compare them.
 */
final class ScopedBindings {

  /*
   * A scope of the JDK remembers the bindings of its owner when it is opened. At each fork it
   * compares them with the current bindings, by identity, and throws a StructureViolationException
   * if they differ. In two states of a thread the comparison fails although no binding has changed:
   *
   * A new thread has a marker in place of bindings. The first binding that ends leaves the empty
   * snapshot there. So Holdfast begins and ends a binding before it opens the scope.
   *
   * A StackOverflowError clears the thread's reference to its bindings. The next read of any scoped
   * value finds them again on the stack. So Holdfast reads a scoped value before each fork. Before
   * it opens a scope, the binding above has the same effect.
   */

  private static final MethodHandle RUN;
  private static final MethodHandle IS_BOUND;
  private static final Object KEY;
  private static final Object BINDING;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.publicLookup();
      Class<?> value = Class.forName("java.lang.ScopedValue");
      Class<?> carrier = Class.forName("java.lang.ScopedValue$Carrier");
      RUN =
          lookup
              .findVirtual(carrier, "run", methodType(void.class, Runnable.class))
              .asType(methodType(void.class, Object.class, Runnable.class));
      IS_BOUND =
          lookup
              .findVirtual(value, "isBound", methodType(boolean.class))
              .asType(methodType(boolean.class, Object.class));
      KEY = lookup.findStatic(value, "newInstance", methodType(value)).invoke();
      BINDING =
          lookup
              .findStatic(value, "where", methodType(carrier, value, Object.class))
              .invoke(KEY, "");
    } catch (Throwable e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private ScopedBindings() {}

  static void ensureBound() {}

  /** Called before a scope is opened. */
  static void beforeOpen() {
    try {
      RUN.invokeExact(BINDING, (Runnable) ScopedBindings::nothing);
    } catch (Throwable t) {
      throw JdkScope.unchecked(t);
    }
  }

  private static void nothing() {}

  /** Called before a fork. */
  @SuppressWarnings("ReturnValueIgnored")
  static void beforeFork() {
    try {
      boolean unused = (boolean) IS_BOUND.invokeExact(KEY);
    } catch (Throwable t) {
      throw JdkScope.unchecked(t);
    }
  }
}
