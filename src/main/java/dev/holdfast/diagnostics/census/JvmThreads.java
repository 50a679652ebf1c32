package dev.holdfast.diagnostics.census;

import dev.holdfast.diagnostics.DumpedThread;
import java.util.regex.Pattern;

/** Recognizes the internal threads of the JVM, the JDK and Holdfast. */
public final class JvmThreads {

  private static final Pattern NAME =
      Pattern.compile(
          String.join(
              "|",
              // the virtual machine
              "Reference Handler|Finalizer|Signal Dispatcher|Notification Thread|Service Thread",
              "Attach Listener|Monitor Deflation Thread|DestroyJavaVM|C[12] CompilerThread\\d+",
              "GC Daemon|JVMCI.*|GraalVM.*|JIT .*|IProfiler|MemoryMXBean notification.*",
              // the JDK
              "Common-Cleaner|Cleaner-\\d+|process reaper.*|Keep-Alive-\\w+|BufferPoolMonitor.*",
              "HandshakeCompletedNotify-Thread|Java2D Disposer|AWT-.*",
              "MemoryPoolMXBean notification dispatcher|(VM )?JFR .*|RMI .*|JMX .*",
              // what runs virtual threads and delayed futures
              "VirtualThread-\\w+|(Read|Write)-Updater",
              "(Read-|Write-)?(Sub|Master)?-?Poller(-\\d+)?|CompletableFutureDelayScheduler",
              "ForkJoinPool\\.commonPool-delayScheduler|ForkJoinPool-1-delayScheduler",
              "holdfast-(housekeeper|alarm|action|wakeups|census|dump)"));

  private static final Pattern CARRIER = Pattern.compile("ForkJoinPool-1-worker-\\d+");

  private JvmThreads() {}

  /** {@return whether a thread with that name belongs to the JVM, the JDK or Holdfast} */
  public static boolean isKnownName(String name) {
    return NAME.matcher(name).matches();
  }

  /**
   * {@return whether a thread is internal: it has such a name or carries virtual threads, and runs
   * no application code} Threads of the virtual machine have a name, but no stack.
   */
  public static boolean isInternal(DumpedThread thread) {
    if (thread.stack().isEmpty() && !thread.virtual() && !thread.name().isEmpty()) {
      return true;
    }
    boolean carrier = CARRIER.matcher(thread.name()).matches();
    for (StackTraceElement frame : thread.stack()) {
      if (FrameNames.isApplication(frame)) {
        return false;
      }
      carrier |= frame.getMethodName().equals("runContinuation");
    }
    return carrier || isKnownName(thread.name());
  }
}
