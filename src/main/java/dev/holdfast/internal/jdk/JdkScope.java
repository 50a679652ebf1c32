package dev.holdfast.internal.jdk;

import static java.lang.invoke.MethodType.methodType;

import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadFactory;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A {@code StructuredTaskScope} that waits for all of its threads, whatever their results.
 *
 * <p>Holdfast implements policies, results, cancellation and timeouts itself, so a task passed to
 * {@link #fork} must not throw. It uses the thread container of the JDK: threads are bound to their
 * owner, inherit its scoped values and show beneath it in thread dumps.
 */
public final class JdkScope {

  private static final boolean INTERFACE;
  private static final MethodHandle FORK;
  private static final MethodHandle JOIN;
  private static final MethodHandle CLOSE;
  private static final Class<?> VIOLATION;

  static {
    try {
      // Written out, with constants only: native-image folds such look-ups at build time.
      MethodHandles.Lookup lookup = MethodHandles.publicLookup();
      Class<?> scope = Class.forName("java.util.concurrent.StructuredTaskScope");
      Class<?> subtask = Class.forName("java.util.concurrent.StructuredTaskScope$Subtask");
      INTERFACE = scope.isInterface();
      FORK =
          lookup
              .findVirtual(scope, "fork", methodType(subtask, Callable.class))
              .asType(methodType(void.class, Object.class, Callable.class));
      JOIN =
          lookup
              .findVirtual(scope, "join", methodType(INTERFACE ? Object.class : scope))
              .asType(methodType(void.class, Object.class));
      CLOSE =
          lookup
              .findVirtual(scope, "close", methodType(void.class))
              .asType(methodType(void.class, Object.class));
      if (INTERFACE) {
        InterfaceShape.ensureBound();
      } else {
        ClassShape.ensureBound();
      }
      ScopedBindings.ensureBound();
      VIOLATION = Class.forName("java.util.concurrent.StructureViolationException");
      // The JDK's scope uses a stream to interrupt its threads. If the stack overflowed at the
      // first use, the classes that failed to initialize would stay unusable.
      Stream.of(scope).filter(Class::isInterface).forEach(type -> {});
      // For the same reason, links the code that closes a scope whose join has failed.
      var unjoined = new JdkScope();
      unjoined.open("", Thread::new);
      unjoined.close();
    } catch (ReflectiveOperationException | ExceptionInInitializerError e) {
      throw unknown(e);
    }
  }

  /** The {@code StructuredTaskScope} of this JDK, or null before it is opened. */
  private @Nullable Object delegate;

  /** Prepares a scope, so that {@link #open} can fail only before the JDK's scope is open. */
  public JdkScope() {}

  /**
   * Opens the scope, owned by the current thread; the same thread must close it.
   *
   * @param name the name it has in thread dumps
   * @param factory creates its threads
   */
  public void open(String name, ThreadFactory factory) {
    ScopedBindings.beforeOpen();
    delegate = INTERFACE ? InterfaceShape.open(name, factory) : ClassShape.open(name, factory);
  }

  /** {@return whether it was opened; it may have been closed since} */
  public boolean isOpen() {
    return delegate != null;
  }

  /**
   * Starts a thread that runs the task. Owner only.
   *
   * @param task must not throw
   * @throws java.util.concurrent.RejectedExecutionException if the factory returned no thread
   */
  public void fork(Callable<?> task) {
    ScopedBindings.beforeFork();
    try {
      FORK.invokeExact(delegate, task);
    } catch (Throwable t) {
      throw unchecked(t);
    }
  }

  /**
   * {@return whether a fork threw this because a scoped value has been bound since the scope was
   * opened}
   */
  public static boolean isBindingsChanged(Throwable thrown) {
    return VIOLATION.isInstance(thrown);
  }

  /**
   * Waits until every thread has ended. Only the owner calls this, once, after the last fork.
   *
   * @throws InterruptedException if the owner was interrupted; it must then call {@link #close}
   */
  public void join() throws InterruptedException {
    try {
      JOIN.invokeExact(delegate);
    } catch (InterruptedException e) {
      throw e;
    } catch (Throwable t) {
      throw unchecked(t);
    }
  }

  /**
   * Waits until every thread has ended, regardless of interrupts, and closes the scope. Owner only,
   * after {@link #join}: without it, or on JDK 21 to 24, the JDK first interrupts the threads, and
   * an OutOfMemoryError there would leave the scope open. An interrupt that arrives while it waits
   * is kept in the interrupt flag.
   */
  public void close() {
    if (!INTERFACE) {
      ClassShape.shutDown(delegate);
    }
    try {
      CLOSE.invokeExact(delegate);
    } catch (Throwable t) {
      throw unchecked(t);
    }
  }

  private static LinkageError unknown(Throwable cause) {
    return new LinkageError(
        "Holdfast "
            + version()
            + " does not know the StructuredTaskScope of this JDK ("
            + Runtime.version()
            + "); it knows those of JDK 21 to 27. Use a Holdfast release that supports this JDK.",
        cause);
  }

  private static String version() {
    var properties = new Properties();
    try (@Nullable InputStream in = JdkScope.class.getResourceAsStream("version.properties")) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException e) {
      return "of unknown version";
    }
    return properties.getProperty("version", "of unknown version");
  }

  /** Returns the unchecked exception that a method handle threw; throws it if it is an Error. */
  static RuntimeException unchecked(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    if (thrown instanceof RuntimeException runtime) {
      return runtime;
    }
    return new IllegalStateException(thrown);
  }
}
