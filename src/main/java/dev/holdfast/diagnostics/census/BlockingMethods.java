package dev.holdfast.diagnostics.census;

import static dev.holdfast.diagnostics.Activity.IO;
import static dev.holdfast.diagnostics.Activity.JOIN;
import static dev.holdfast.diagnostics.Activity.LOCK;
import static dev.holdfast.diagnostics.Activity.MONITOR;
import static dev.holdfast.diagnostics.Activity.PARK;
import static dev.holdfast.diagnostics.Activity.RECEIVE;
import static dev.holdfast.diagnostics.Activity.SELECT;
import static dev.holdfast.diagnostics.Activity.SEND;
import static dev.holdfast.diagnostics.Activity.SLEEP;

import dev.holdfast.diagnostics.Activity;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The blocking methods of the JDK and Holdfast, and what a thread in each of them does. */
final class BlockingMethods {

  private record Rule(Activity activity, Pattern method) {}

  /** Blocking methods of a Holdfast class. */
  record LibraryRule(Activity activity, String className, Pattern method) {}

  private static final String JUC = "java\\.util\\.concurrent\\.";
  private static final String QUEUE = JUC + "[\\w$]*(Queue|Deque)\\.";

  /** The first match counts. */
  private static final List<Rule> JDK =
      List.of(
          jdk(SEND, QUEUE + "(put|offer|transfer|tryTransfer)\\w*"),
          jdk(SEND, JUC + "SubmissionPublisher\\.(submit|offer)"),
          jdk(SEND, "java\\.io\\.Piped(OutputStream|Writer)\\.\\w+"),
          jdk(RECEIVE, QUEUE + "(take|poll)\\w*"),
          jdk(RECEIVE, JUC + "(Exchanger\\.exchange|ForkJoinPool\\.(awaitWork|runWorker))"),
          jdk(RECEIVE, "java\\.io\\.Piped(InputStream|Reader)\\.\\w+"),
          jdk(RECEIVE, "java\\.lang\\.ref\\.ReferenceQueue\\.remove"),
          jdk(LOCK, JUC + "locks\\.(Reentrant|Stamped)\\w*Lock(\\$\\w+)?\\.\\w*(l|L)ock\\w*"),
          jdk(LOCK, JUC + "Semaphore\\.(acquire|tryAcquire)\\w*"),
          jdk(JOIN, "java\\.lang\\.(Thread\\.join|Process(Impl)?\\.waitFor)"),
          jdk(JOIN, JUC + "(FutureTask|CompletableFuture|ForkJoinTask)\\.(get|join|invoke)\\w*"),
          jdk(JOIN, JUC + "(CountDownLatch|CyclicBarrier|Phaser)\\.\\w*(await|Await)\\w*"),
          jdk(
              JOIN,
              JUC
                  + "\\w*(Executor|ExecutorService|ForkJoinPool)\\."
                  + "(close|awaitTermination|awaitQuiescence|invokeAll|invokeAny)"),
          jdk(JOIN, JUC + "StructuredTaskScope[\\w$]*\\.(join\\w*|close)"),
          jdk(SLEEP, "java\\.(lang\\.Thread|util\\.concurrent\\.TimeUnit)\\.sleep"),
          jdk(SLEEP, "java\\.util\\.TimerThread\\.mainLoop|" + JUC + "DelayScheduler\\.\\w+"),
          jdk(IO, "(sun\\.nio|java\\.nio\\.channels|sun\\.security\\.ssl|sun\\.net)\\..*"),
          jdk(IO, "(java\\.net\\.http|jdk\\.internal\\.net|jdk\\.net)\\..*"),
          jdk(IO, "java\\.net\\.(\\w*Socket|Inet\\w*)[$.].*"),
          jdk(IO, "java\\.io\\.(File(In|Out)putStream|RandomAccessFile|Console)\\..*"),
          jdk(MONITOR, "java\\.lang\\.Object\\.wait0?"),
          jdk(PARK, JUC + "locks\\.\\w+\\$ConditionObject\\.await\\w*"));

  /** The first match counts. */
  static final List<LibraryRule> LIBRARY =
      List.of(
          library(SEND, "dev.holdfast.channel.RingChannel", "send"),
          library(RECEIVE, "dev.holdfast.channel.RingChannel", "receive\\w*|forEach"),
          library(SELECT, "dev.holdfast.channel.Select", "await"),
          library(RECEIVE, "dev.holdfast.internal.root.RootThread", "awaitWork"),
          library(RECEIVE, "dev.holdfast.internal.background.Launcher", "serve"),
          library(LOCK, "dev.holdfast.internal.guard.AdmissionQueue", ".*"),
          library(LOCK, "dev.holdfast.internal.util.BargingLock", ".*"),
          library(SLEEP, "dev.holdfast.internal.background.WorkerTask", "pause"),
          library(JOIN, "dev.holdfast.Scopes", ".*"),
          library(JOIN, "dev.holdfast.ScopeSpec", ".*"),
          library(JOIN, "dev.holdfast.internal.scope.ScopeImpl", ".*"),
          library(JOIN, "dev.holdfast.RootScope", ".*"),
          library(JOIN, "dev.holdfast.internal.root.RootCommand", ".*"),
          library(JOIN, "dev.holdfast.Fork", "join|\\w*await\\w*"),
          library(JOIN, "dev.holdfast.Scope", "join|\\w*await\\w*"),
          library(JOIN, "dev.holdfast.Worker", "join|\\w*await\\w*"),
          library(
              JOIN,
              "dev.holdfast.internal.background.ScopeExecutor",
              "join|\\w*await\\w*|close|invokeAll|invokeAny"));

  /**
   * The innermost frames of threads that are not running. JDKs before 25 do not write the state.
   */
  private static final Pattern BLOCKED =
      Pattern.compile(
          "jdk\\.internal\\.misc\\.Unsafe\\.park"
              + "|java\\.lang\\.VirtualThread\\.(park|sleep|yieldContinuation)\\w*"
              + "|java\\.lang\\.Object\\.wait0?"
              + "|java\\.lang\\.Thread\\.sleep\\w*"
              + "|jdk\\.internal\\.vm\\.Continuation\\.yield\\w*");

  /** Native methods of frameworks that wait for the network. */
  private static final Pattern FOREIGN_IO =
      Pattern.compile(
          "io\\.netty\\.channel\\.(?:epoll|kqueue|uring|unix)\\.[\\w.]*Native\\w*\\.\\w+"
              + "|org\\.apache\\.tomcat\\.jni\\.(?:Poll|Socket|SSL|OS)\\.\\w+");

  private BlockingMethods() {}

  private static Rule jdk(Activity activity, String method) {
    return new Rule(activity, Pattern.compile(method));
  }

  private static LibraryRule library(Activity activity, String className, String method) {
    return new LibraryRule(activity, className, Pattern.compile(method));
  }

  /** {@return what a thread in a frame is doing, or null if the method does not block} */
  static @Nullable Activity activity(StackTraceElement frame) {
    String type = frame.getClassName();
    String method = frame.getMethodName();
    for (LibraryRule rule : LIBRARY) {
      if (rule.className.equals(type) && rule.method.matcher(method).matches()) {
        return rule.activity;
      }
    }
    String full = type + "." + method;
    for (Rule rule : JDK) {
      if (rule.method.matcher(full).matches()) {
        return rule.activity;
      }
    }
    return null;
  }

  /** {@return IO if a method of a framework waits for the network in native code, else null} */
  static @Nullable Activity foreignActivity(StackTraceElement frame) {
    String method = frame.getClassName() + "." + frame.getMethodName();
    return FOREIGN_IO.matcher(method).matches() ? IO : null;
  }

  /** {@return whether a thread that has this innermost frame is blocked} */
  static boolean isBlocked(StackTraceElement frame) {
    return BLOCKED.matcher(frame.getClassName() + "." + frame.getMethodName()).matches();
  }
}
