package dev.holdfast.diagnostics;

import static dev.holdfast.diagnostics.Activity.IO;
import static dev.holdfast.diagnostics.Activity.JOIN;
import static dev.holdfast.diagnostics.Activity.LOCK;
import static dev.holdfast.diagnostics.Activity.MONITOR;
import static dev.holdfast.diagnostics.Activity.PARK;
import static dev.holdfast.diagnostics.Activity.RECEIVE;
import static dev.holdfast.diagnostics.Activity.SELECT;
import static dev.holdfast.diagnostics.Activity.SEND;
import static dev.holdfast.diagnostics.Activity.SLEEP;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which methods of the JDK and of Holdfast block, and what for. */
final class Rules {

  private record Rule(Activity activity, Pattern method) {}

  private static final String JUC = "java\\.util\\.concurrent\\.";
  private static final String QUEUE = JUC + "[\\w$]*(Queue|Deque)\\.";

  /** The first that fits counts. */
  private static final List<Rule> RULES =
      List.of(
          rule(SEND, QUEUE + "(put|offer|transfer|tryTransfer)\\w*"),
          rule(SEND, JUC + "SubmissionPublisher\\.(submit|offer)"),
          rule(SEND, "java\\.io\\.Piped(OutputStream|Writer)\\.\\w+"),
          rule(SEND, "dev\\.holdfast\\.channel\\.RingChannel\\.send"),
          rule(RECEIVE, QUEUE + "(take|poll)\\w*"),
          rule(RECEIVE, JUC + "(Exchanger\\.exchange|ForkJoinPool\\.(awaitWork|runWorker))"),
          rule(RECEIVE, "java\\.io\\.Piped(InputStream|Reader)\\.\\w+"),
          rule(RECEIVE, "java\\.lang\\.ref\\.ReferenceQueue\\.remove"),
          rule(
              RECEIVE,
              "dev\\.holdfast\\.internal\\.(root\\.Root\\.awaitWork|background\\.Host\\.serve)"),
          rule(RECEIVE, "dev\\.holdfast\\.channel\\.RingChannel\\.(receive\\w*|forEach)"),
          rule(SELECT, "dev\\.holdfast\\.channel\\.Select\\.await"),
          rule(LOCK, JUC + "locks\\.(Reentrant|Stamped)\\w*Lock(\\$\\w+)?\\.\\w*(l|L)ock\\w*"),
          rule(LOCK, JUC + "Semaphore\\.(acquire|tryAcquire)\\w*"),
          rule(LOCK, "dev\\.holdfast\\.internal\\.\\w+\\.(Gate|BargingLock)\\.\\w+"),
          rule(JOIN, "java\\.lang\\.(Thread\\.join|Process(Impl)?\\.waitFor)"),
          rule(JOIN, JUC + "(FutureTask|CompletableFuture|ForkJoinTask)\\.(get|join|invoke)\\w*"),
          rule(JOIN, JUC + "(CountDownLatch|CyclicBarrier|Phaser)\\.\\w*(await|Await)\\w*"),
          rule(
              JOIN,
              JUC
                  + "\\w*(Executor|ExecutorService|ForkJoinPool)\\."
                  + "(close|awaitTermination|awaitQuiescence|invokeAll|invokeAny)"),
          rule(JOIN, JUC + "StructuredTaskScope[\\w$]*\\.(join\\w*|close)"),
          rule(
              JOIN,
              "dev\\.holdfast\\.(?:internal\\.\\w+\\.)?(Scopes|ScopeSpec|ScopeFrame|RootScope|RootCall)\\.\\w+"),
          rule(
              JOIN,
              "dev\\.holdfast\\.(?:internal\\.\\w+\\.)?(Fork|Scope|Worker|ScopeExecutor)\\.(join|\\w*await\\w*)"),
          rule(
              JOIN,
              "dev\\.holdfast\\.internal\\.background\\.ScopeExecutor\\.(close|invokeAll|invokeAny)"),
          rule(SLEEP, "java\\.(lang\\.Thread|util\\.concurrent\\.TimeUnit)\\.sleep"),
          rule(SLEEP, "java\\.util\\.TimerThread\\.mainLoop|" + JUC + "DelayScheduler\\.\\w+"),
          rule(SLEEP, "dev\\.holdfast\\.internal\\.background\\.WorkerTask\\.pause"),
          rule(IO, "(sun\\.nio|java\\.nio\\.channels|sun\\.security\\.ssl|sun\\.net)\\..*"),
          rule(IO, "(java\\.net\\.http|jdk\\.internal\\.net|jdk\\.net)\\..*"),
          rule(IO, "java\\.net\\.(\\w*Socket|Inet\\w*)[$.].*"),
          rule(IO, "java\\.io\\.(File(In|Out)putStream|RandomAccessFile|Console)\\..*"),
          rule(MONITOR, "java\\.lang\\.Object\\.wait0?"),
          rule(PARK, JUC + "locks\\.\\w+\\$ConditionObject\\.await\\w*"));

  /** Where a thread is that does not run; JVMs before 25 do not tell the state. */
  private static final Pattern BLOCKED =
      Pattern.compile(
          "jdk\\.internal\\.misc\\.Unsafe\\.park"
              + "|java\\.lang\\.VirtualThread\\.(park|sleep|yieldContinuation)\\w*"
              + "|java\\.lang\\.Object\\.wait0?"
              + "|java\\.lang\\.Thread\\.sleep\\w*"
              + "|jdk\\.internal\\.vm\\.Continuation\\.yield\\w*");

  private Rules() {}

  private static Rule rule(Activity activity, String method) {
    return new Rule(activity, Pattern.compile(method));
  }

  static @Nullable Activity activity(StackTraceElement frame) {
    String method = frame.getClassName() + "." + frame.getMethodName();
    for (Rule rule : RULES) {
      if (rule.method.matcher(method).matches()) {
        return rule.activity;
      }
    }
    return null;
  }

  static boolean isBlocked(StackTraceElement frame) {
    return BLOCKED.matcher(frame.getClassName() + "." + frame.getMethodName()).matches();
  }
}
