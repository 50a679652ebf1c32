package dev.holdfast.junit.leaks;

import dev.holdfast.junit.threads.CodeOrigin;
import dev.holdfast.junit.threads.PoolWorkers;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Recognizes JVM-wide threads of well-known libraries, which a test cannot end by closing anything.
 */
final class Presets {

  /** Threads that serve only their library. */
  private static final Pattern ALWAYS =
      Pattern.compile(
          String.join(
              "|",
              // database drivers
              "mysql-cj-abandoned-connection-cleanup|Abandoned connection cleanup thread",
              "MariaDb-(bulk|timeout)-.*|PostgreSQL-JDBC-(Cleaner|SharedTimer-\\d+)",
              "OracleTimeoutPollingThread|oracle\\.jdbc\\..*|InterruptTimer|HSQLDB Timer @.*",
              "Generate Seed|H2 (Close Delay|Log Writer) .*",
              // clients and servers
              "Okio Watchdog|OkHttp ConnectionPool|okhttp.*IdleConnection.*|idle-connection-reaper",
              "globalEventExecutor-\\d+-\\d+|threadDeathWatcher-\\d+-\\d+|ObjectCleanerThread.*",
              "grpc-shared-destroyer-\\d+|grpc-default-boss-ELG-.*|SimplePauseDetectorThread_\\d+",
              "boundedElastic-evictor-\\d+|loomBoundedElastic-evictor-\\d+",
              "RxCachedWorkerPoolEvictor-\\d+|RxSchedulerPurge-\\d+",
              // tests and logging
              "testcontainers-.*|tc-.*|ducttape-\\d+|docker-java-.*|JNA Cleaner",
              "Log4j2-.*|AsyncAppender-Dispatcher-.*|logback-\\d+|kotlinx\\.coroutines\\..*"));

  /** Workers of JVM-wide library pools. A task that they run may be a leak. */
  private static final Pattern IDLE =
      Pattern.compile(
          String.join(
              "|",
              "(parallel|single|boundedElastic|loomBoundedElastic)-\\d+",
              "Rx(Computation|CachedThread|Single|NewThread).*-\\d+",
              "OkHttp TaskRunner|grpc-default-(executor|worker)-.*",
              "reactor-(http|tcp|udp)(-\\w+)*-\\d+|DefaultDispatcher-worker-\\d+"));

  /** Pools whose queues contain no cancelled task. */
  private static final Pattern REMOVES_CANCELLED =
      Pattern.compile("(parallel|single|boundedElastic)-\\d+|Rx(Computation|Single).*-\\d+");

  private static final String OKHTTP_TASKS = "okhttp3.internal.concurrent.TaskRunner";
  private static final String OKHTTP_CALLS = "okhttp3.Dispatcher";

  private Presets() {}

  /** {@return whether a thread is ignored} */
  static boolean ignore(
      String name, List<StackTraceElement> stack, List<StackTraceElement> createdFrom) {
    return ALWAYS.matcher(name).matches()
        || (IDLE.matcher(name).matches() && !works(name, stack))
        || isOfOkHttp(stack, createdFrom);
  }

  /** {@return whether a thread runs application code, or will run some later} */
  private static boolean works(String name, List<StackTraceElement> stack) {
    return isScheduledWork(name, stack)
        || PoolWorkers.isBusy(stack)
        || stack.stream().anyMatch(CodeOrigin::isApplication);
  }

  /** {@return whether a library pool waits for the due time of a task that was not cancelled} */
  static boolean isScheduledWork(String name, List<StackTraceElement> stack) {
    return REMOVES_CANCELLED.matcher(name).matches() && PoolWorkers.isScheduled(stack);
  }

  /**
   * {@return whether a thread serves all OkHttp clients, or is the idle worker of a client that is
   * not the test's own} Both end by themselves after a minute. A client creates its pool on its
   * first asynchronous call, so even a client that is older than the test may create it during the
   * test.
   */
  private static boolean isOfOkHttp(
      List<StackTraceElement> stack, List<StackTraceElement> createdFrom) {
    if (stack.stream().anyMatch(CodeOrigin::isApplication)
        || stack.stream().anyMatch(frame -> frame.getClassName().contains("mockwebserver"))) {
      return false;
    }
    if (passesThrough(OKHTTP_TASKS, createdFrom)) {
      return true;
    }
    return passesThrough(OKHTTP_CALLS, createdFrom)
        && PoolWorkers.isIdle(stack)
        && createdFrom.stream()
            .filter(CodeOrigin::isApplication)
            .findFirst()
            .filter(CodeOrigin::isTest)
            .isEmpty();
  }

  private static boolean passesThrough(String type, List<StackTraceElement> frames) {
    return frames.stream().anyMatch(frame -> frame.getClassName().startsWith(type));
  }
}
