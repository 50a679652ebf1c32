package dev.holdfast.junit.threads;

import java.util.List;
import java.util.Set;

/** Recognizes the workers of thread pools, and whether they are idle, by their stacks. */
public final class PoolWorkers {

  private static final Set<String> POOLS =
      Set.of(
          "java.util.concurrent.ThreadPoolExecutor",
          "org.apache.tomcat.util.threads.ThreadPoolExecutor",
          "java.util.concurrent.ForkJoinPool");

  /** Any thread may pass through these methods of a pool when it blocks. */
  private static final Set<String> BLOCKING = Set.of("managedBlock", "unmanagedBlock");

  private PoolWorkers() {}

  /** {@return whether the thread waits for a task} */
  public static boolean isIdle(List<StackTraceElement> stack) {
    for (StackTraceElement frame : stack) {
      if (POOLS.contains(frame.getClassName()) && !BLOCKING.contains(frame.getMethodName())) {
        return switch (frame.getMethodName()) {
          case "getTask", "awaitWork" -> true;
          case "runWorker", "scan" -> isForkJoin(frame);
          default -> false;
        };
      }
      if (!CodeOrigin.isJdk(frame) && !frame.getClassName().startsWith("org.apache.tomcat.util.")) {
        return false;
      }
    }
    return false;
  }

  private static boolean isForkJoin(StackTraceElement frame) {
    return frame.getClassName().endsWith("ForkJoinPool");
  }

  /** {@return whether an idle thread waits for the due time of a scheduled task} */
  public static boolean isScheduled(List<StackTraceElement> stack) {
    boolean timed = false;
    for (StackTraceElement frame : stack) {
      timed |= frame.getMethodName().equals("awaitNanos");
      if (frame.getClassName().endsWith("ScheduledThreadPoolExecutor$DelayedWorkQueue")) {
        return timed && frame.getMethodName().equals("take");
      }
    }
    return false;
  }

  /**
   * {@return whether the thread runs a task of the application} The stack of a library task has
   * frames of that library, and none of the application.
   */
  public static boolean isBusy(List<StackTraceElement> stack) {
    boolean worker =
        stack.stream()
            .anyMatch(frame ->
                frame.getMethodName().equals("runWorker") && POOLS.contains(frame.getClassName()));
    return worker && !isIdle(stack) && runsApplication(stack);
  }

  /** {@return whether application code runs, or only JDK code} */
  public static boolean runsApplication(List<StackTraceElement> stack) {
    return stack.stream().anyMatch(CodeOrigin::isApplication)
        || stack.stream().allMatch(CodeOrigin::isJdk);
  }
}
