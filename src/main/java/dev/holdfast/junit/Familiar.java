package dev.holdfast.junit;

import java.util.List;
import java.util.Set;

/** Threads that the JVM, build tools and the like start when they please: nobody's leak. */
final class Familiar {

  /** Those of the JVM that a library of the JDK starts late, and that never end. */
  private static final Set<String> GROUPS = Set.of("InnocuousThreadGroup", "CarrierThreads");

  private static final List<String> NAMES =
      List.of(
          "Attach Listener",
          "AWT-",
          "BufferPoolMonitor",
          "CompletableFutureDelayScheduler",
          "Common-Cleaner",
          "DestroyJavaVM",
          "ForkJoinPool.commonPool-delayScheduler",
          "GC Daemon",
          "GraalVM",
          "Gradle",
          "HandshakeCompletedNotify-Thread",
          "holdfast-housekeeper",
          "IntelliJ",
          "JFR ",
          "JMX server connection timeout",
          "Java2D Disposer",
          "Keep-Alive-Timer",
          "MemoryPoolMXBean notification dispatcher",
          "Monitor Ctrl-Break",
          "RMI ",
          "Read-Poller",
          "Write-Poller",
          "VirtualThread-unparker",
          "VirtualThread-unblocker",
          "YJPAgent-",
          "junit-",
          "last-ditch-daemon-shutdown-thread",
          "ping-timer-",
          "process reaper",
          "surefire-");

  private Familiar() {}

  /** Says so by what is quickly known of a platform thread. */
  static boolean is(Thread thread) {
    ThreadGroup group = thread.getThreadGroup();
    return group == null // it has ended
        || group.getParent() == null // the JVM's own
        || GROUPS.contains(group.getName())
        || thread.getClass().getName().startsWith("org.junit.")
        || NAMES.stream().anyMatch(thread.getName()::startsWith);
  }

  /** Says so of a virtual thread: those of the JDK that wait for sockets. */
  static boolean is(String name, List<StackTraceElement> stack) {
    return NAMES.stream().anyMatch(name::startsWith)
        || stack.stream().anyMatch(frame -> frame.getClassName().startsWith("sun.nio.ch.Poller"));
  }
}
