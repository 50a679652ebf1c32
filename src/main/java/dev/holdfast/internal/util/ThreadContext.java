package dev.holdfast.internal.util;

import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ContextSnapshot;
import io.micrometer.context.ContextSnapshotFactory;
import org.jspecify.annotations.Nullable;

/**
 * Carries thread-locals (MDC, tracing, security) from the thread that forks to the task, through
 * {@code io.micrometer:context-propagation} where that is present.
 */
public final class ThreadContext {

  private static final boolean PRESENT = present();

  private ThreadContext() {}

  private static boolean present() {
    try {
      Class.forName("io.micrometer.context.ContextSnapshotFactory");
      return true;
    } catch (ClassNotFoundException | LinkageError e) {
      return false;
    }
  }

  /** {@return the thread-locals of the current thread, null if there is nothing to carry} */
  public static @Nullable Object capture() {
    return PRESENT ? Micrometer.capture() : null;
  }

  /** Code that runs with the thread-locals. */
  public interface Work {
    public @Nullable Object run() throws Throwable;
  }

  public static @Nullable Object call(Object context, Work work) throws Throwable {
    return Micrometer.call(context, work);
  }

  public static void run(Object context, Runnable task) {
    Micrometer.run(context, task);
  }

  /** Loaded only if {@code context-propagation} is present. */
  private static final class Micrometer {

    private static final ContextRegistry REGISTRY = ContextRegistry.getInstance();
    private static final ContextSnapshotFactory FACTORY =
        ContextSnapshotFactory.builder().contextRegistry(REGISTRY).build();

    static @Nullable Object capture() {
      return REGISTRY.getThreadLocalAccessors().isEmpty() ? null : FACTORY.captureAll();
    }

    static void run(Object context, Runnable task) {
      ContextSnapshot.Scope installed = ((ContextSnapshot) context).setThreadLocals();
      try {
        task.run();
      } finally {
        installed.close();
      }
    }

    static @Nullable Object call(Object context, Work work) throws Throwable {
      ContextSnapshot.Scope installed = ((ContextSnapshot) context).setThreadLocals();
      try {
        return work.run();
      } finally {
        installed.close();
      }
    }
  }

  /**
   * The interrupt flag of a thread that runs several pieces of user code, one after the other. A
   * flag that one piece leaves set must not reach the next. It may also stand for an interrupt from
   * outside, so {@link #restore} sets it again at the end.
   */
  public static final class InterruptFlag {

    private boolean taken;

    /** Clears and records the flag, after one piece of user code and before the next. */
    public void take() {
      taken |= Thread.interrupted();
    }

    /** Sets the flag again, if it was set at any time. */
    public void restore() {
      if (taken) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
