package dev.holdfast.internal.util;

import java.security.AccessController;
import java.security.PrivilegedAction;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Creates the library's own platform threads, which inherit nothing from the creating thread. */
public final class DaemonThreads {

  /** Starts a thread; replaced by tests. */
  public static volatile Consumer<Thread> starter = Thread::start;

  private DaemonThreads() {}

  /**
   * {@return a daemon thread, not started} It has no inheritable thread-locals, context class
   * loader, thread group or access-control context of the calling thread: it may outlive the class
   * loader of that thread's code.
   */
  public static Thread make(String name, Runnable code) {
    return unprivileged(() -> {
      Thread thread =
          Thread.ofPlatform()
              .group(topGroup())
              .name(name)
              .daemon()
              .inheritInheritableThreadLocals(false)
              .unstarted(code);
      thread.setContextClassLoader(DaemonThreads.class.getClassLoader());
      return thread;
    });
  }

  /**
   * Makes an object the current one, unless there is one already, and starts its thread.
   *
   * @throws OutOfMemoryError if the thread cannot be started; then there is no current object
   */
  public static <T> void startAsCurrent(
      AtomicReference<@Nullable T> current, T fresh, Thread thread) {
    if (current.compareAndSet(null, fresh)) {
      boolean started = false;
      try {
        starter.accept(thread);
        started = true;
      } finally {
        if (!started) {
          current.set(null);
        }
      }
    }
  }

  // Up to JDK 23 a thread keeps the protection domains, and so the class loaders, of all the code
  // on the stack that creates it. A privileged action excludes them.
  @SuppressWarnings("removal")
  private static Thread unprivileged(PrivilegedAction<Thread> make) {
    return Runtime.version().feature() < 24 ? AccessController.doPrivileged(make) : make.run();
  }

  private static ThreadGroup topGroup() {
    ThreadGroup group = Thread.currentThread().getThreadGroup();
    for (ThreadGroup above; (above = group.getParent()) != null; ) {
      group = above;
    }
    return group;
  }
}
