package dev.holdfast.diagnostics;

import dev.holdfast.internal.util.LibraryFrames;
import java.util.regex.Pattern;

/** Whose a frame or a thread is, and its name without what differs from run to run. */
final class Origin {

  private static final Pattern JVM_THREAD =
      Pattern.compile(
          "Reference Handler|Finalizer|Signal Dispatcher|Notification"
              + " Thread|Common-Cleaner|Cleaner-\\d+|Attach Listener|Service Thread|Monitor"
              + " Deflation Thread|DestroyJavaVM|C[12] CompilerThread\\d+|process"
              + " reaper.*|Keep-Alive-\\w+"
              + "|VirtualThread-\\w+|(Read|Write)-Updater|(Read-|Write-)?(Sub|Master)?-?Poller(-\\d+)?"
              + "|ForkJoinPool-1-(worker-\\d+|delayScheduler)|CompletableFutureDelayScheduler|(VM"
              + " )?JFR .*|RMI .*|JMX .*|GC Daemon|holdfast-housekeeper");

  private static final Pattern HIDDEN = Pattern.compile("/0x[0-9a-f]+$");
  private static final Pattern LAMBDA_CLASS = Pattern.compile("(\\$\\$Lambda)\\$\\d+");
  private static final Pattern LAMBDA_METHOD =
      Pattern.compile("(lambda|\\$anonfun)(\\$.+?)\\$\\d+$");
  private static final Pattern GENERATED =
      Pattern.compile(
          "\\$(\\$\\w*CGLIB)\\$\\$\\w+|\\$(ByteBuddy|MockitoMock|HibernateProxy)\\$\\w+"
              + "|\\$(Proxy)\\d+");
  private static final Pattern DIGITS = Pattern.compile("\\d+");

  private Origin() {}

  static boolean isApplication(StackTraceElement frame) {
    String module = frame.getModuleName();
    String type = frame.getClassName();
    if (module != null && (module.startsWith("java.") || module.startsWith("jdk."))) {
      return false;
    }
    return !(type.startsWith("java.") || type.startsWith("jdk.") || LibraryFrames.isLibrary(type));
  }

  /** {@return whether a thread is of the JVM, or is there to carry and wake others} */
  static boolean isOfTheJvm(DumpedThread thread) {
    boolean carries = false;
    for (StackTraceElement frame : thread.stack()) {
      if (isApplication(frame)) {
        return false;
      }
      carries |= frame.getMethodName().equals("runContinuation");
    }
    return carries || JVM_THREAD.matcher(thread.name()).matches();
  }

  /** {@return class and method, the same for all lambdas and generated classes of one origin} */
  static String name(StackTraceElement frame) {
    String type = HIDDEN.matcher(frame.getClassName()).replaceFirst("");
    type = LAMBDA_CLASS.matcher(type).replaceAll("$1");
    type = GENERATED.matcher(type).replaceAll("\\$$1$2$3");
    return type + "." + LAMBDA_METHOD.matcher(frame.getMethodName()).replaceFirst("$1$2");
  }

  /** {@return the same without the package, for what everybody knows} */
  static String shortName(StackTraceElement frame) {
    String name = name(frame);
    int method = name.lastIndexOf('.');
    return name.substring(name.lastIndexOf('.', method - 1) + 1);
  }

  /** {@return the name of a thread without its numbers} */
  static String place(String thread) {
    return thread.isEmpty()
        ? "(threads without a name)"
        : "thread '" + DIGITS.matcher(thread).replaceAll("#") + "'";
  }
}
