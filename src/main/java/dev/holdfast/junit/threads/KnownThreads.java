package dev.holdfast.junit.threads;

import dev.holdfast.diagnostics.census.JvmThreads;
import java.util.List;
import java.util.Set;

/**
 * Recognizes threads that are not leaks: the threads of the JVM, the JDK, JUnit and build tools.
 */
public final class KnownThreads {

  /** Groups of threads that the JDK starts late and never ends. */
  private static final Set<String> GROUPS = Set.of("InnocuousThreadGroup", "CarrierThreads");

  /** Prefixes of the names of threads of tools. */
  private static final List<String> TOOLS =
      List.of(
          "Gradle",
          "IntelliJ",
          "Monitor Ctrl-Break",
          "YJPAgent-",
          "junit-",
          "last-ditch-daemon-shutdown-thread",
          "ping-timer-",
          "surefire-");

  private KnownThreads() {}

  /** {@return whether a platform thread is known; this is cheap} */
  public static boolean isKnown(Thread thread) {
    ThreadGroup group = thread.getThreadGroup();
    return group == null // the thread has ended
        || group.getParent() == null // the JVM's own
        || GROUPS.contains(group.getName())
        || thread.getClass().getName().startsWith("org.junit.")
        || hasKnownName(thread.getName());
  }

  /** {@return whether a virtual thread is known, such as those of the JDK that wait for sockets} */
  public static boolean isKnown(String name, List<StackTraceElement> stack) {
    return hasKnownName(name)
        || stack.stream().anyMatch(frame -> frame.getClassName().startsWith("sun.nio.ch.Poller"));
  }

  private static boolean hasKnownName(String name) {
    return JvmThreads.isKnownName(name) || TOOLS.stream().anyMatch(name::startsWith);
  }
}
