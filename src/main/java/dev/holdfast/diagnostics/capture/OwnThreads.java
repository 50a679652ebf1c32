package dev.holdfast.diagnostics.capture;

import dev.holdfast.diagnostics.DumpedThread;
import dev.holdfast.diagnostics.dump.data.DumpData;
import java.lang.management.LockInfo;
import java.lang.management.ManagementFactory;
import java.lang.management.MonitorInfo;
import java.lang.management.ThreadInfo;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Dumps the threads of the JVM that this code runs in, without a file. */
public final class OwnThreads {

  private static final String ROOT = "<root>";

  private OwnThreads() {}

  /**
   * {@return a dump of all platform threads and of some virtual threads} The JVM shows no other
   * virtual threads to its own code.
   */
  public static DumpData dump(Collection<Thread> virtual) {
    var threads = new ArrayList<DumpedThread>();
    var stacks = new HashMap<List<StackTraceElement>, List<StackTraceElement>>();
    try {
      Bean.add(threads, stacks);
    } catch (LinkageError moduleMissing) {
      Thread.getAllStackTraces()
          .forEach((thread, stack) -> threads.add(thread(thread, shared(stack, stacks))));
    }
    for (Thread thread : virtual) {
      threads.add(thread(thread, shared(thread.getStackTrace(), stacks)));
    }
    return new DumpData(
        ProcessHandle.current().pid(),
        Instant.now(),
        Runtime.version().toString(),
        List.of(new DumpData.Container(ROOT, null, null, threads)),
        0);
  }

  /** {@return the stack; equal stacks are the same object} */
  private static List<StackTraceElement> shared(
      StackTraceElement[] stack, Map<List<StackTraceElement>, List<StackTraceElement>> known) {
    return known.computeIfAbsent(List.of(stack), frames -> frames);
  }

  private static DumpedThread thread(Thread thread, List<StackTraceElement> stack) {
    return new DumpedThread(
        thread.threadId(),
        thread.getName(),
        thread.isVirtual(),
        thread.getState(),
        stack,
        null,
        null,
        name(LockSupport.getBlocker(thread)),
        null,
        List.of(),
        null);
  }

  private static @Nullable String name(@Nullable Object blocker) {
    return blocker == null
        ? null
        : blocker.getClass().getName()
            + "@"
            + Integer.toHexString(System.identityHashCode(blocker));
  }

  /** A separate class, so that the outer class links without the module java.management. */
  private static final class Bean {

    static void add(
        List<DumpedThread> threads, Map<List<StackTraceElement>, List<StackTraceElement>> stacks) {
      for (ThreadInfo info : ManagementFactory.getThreadMXBean().dumpAllThreads(true, false)) {
        threads.add(thread(info, shared(info.getStackTrace(), stacks)));
      }
    }

    private static DumpedThread thread(ThreadInfo info, List<StackTraceElement> stack) {
      LockInfo lock = info.getLockInfo();
      String waits = lock == null ? null : lock.toString();
      Thread.State state = info.getThreadState();
      boolean parked =
          !stack.isEmpty() && stack.getFirst().getClassName().equals("jdk.internal.misc.Unsafe");
      boolean blocked = state == Thread.State.BLOCKED;
      return new DumpedThread(
          info.getThreadId(),
          info.getThreadName(),
          false,
          state,
          stack,
          blocked ? waits : null,
          blocked || parked ? null : waits,
          parked && !blocked ? waits : null,
          parked && info.getLockOwnerId() >= 0 ? info.getLockOwnerId() : null,
          Arrays.stream(info.getLockedMonitors()).map(MonitorInfo::toString).toList(),
          null);
    }
  }
}
