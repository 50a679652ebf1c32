package dev.holdfast;

import static java.lang.invoke.MethodType.methodType;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.util.concurrent.Callable;
import java.util.function.Supplier;

/**
 * The JDK's own scope as its documentation shows it: fork, join, take the results of the subtasks.
 *
 * <p>Called through constant method handles, which cost what a direct call costs and need no flag.
 */
public final class BareScope {

  private static final MethodHandle OPEN;
  private static final MethodHandle FORK;
  private static final MethodHandle JOIN;
  private static final MethodHandle CLOSE;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.publicLookup();
      Class<?> scope = Class.forName("java.util.concurrent.StructuredTaskScope");
      Class<?> subtask = Class.forName("java.util.concurrent.StructuredTaskScope$Subtask");
      if (scope.isInterface()) {
        OPEN = lookup.findStatic(scope, "open", methodType(scope)).asType(methodType(Object.class));
      } else {
        Class<?> onFailure =
            Class.forName("java.util.concurrent.StructuredTaskScope$ShutdownOnFailure");
        OPEN =
            lookup
                .findConstructor(onFailure, methodType(void.class))
                .asType(methodType(Object.class));
      }
      FORK =
          lookup
              .findVirtual(scope, "fork", methodType(subtask, Callable.class))
              .asType(methodType(Supplier.class, Object.class, Callable.class));
      JOIN =
          lookup
              .findVirtual(scope, "join", methodType(scope.isInterface() ? Object.class : scope))
              .asType(methodType(void.class, Object.class));
      CLOSE =
          lookup
              .findVirtual(scope, "close", methodType(void.class))
              .asType(methodType(void.class, Object.class));
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Object scope;

  private BareScope(Object scope) {
    this.scope = scope;
  }

  /** Opens a scope that waits for all and is cancelled by the first failure. */
  public static BareScope open() throws Throwable {
    return new BareScope((Object) OPEN.invokeExact());
  }

  /** Starts a subtask. */
  @SuppressWarnings("unchecked")
  public <T> Supplier<T> fork(Callable<T> task) throws Throwable {
    return (Supplier<T>) (Supplier<?>) FORK.invokeExact(scope, task);
  }

  /** Waits for all. */
  public void join() throws Throwable {
    JOIN.invokeExact(scope);
  }

  /** Ends the scope. */
  public void close() throws Throwable {
    CLOSE.invokeExact(scope);
  }
}
