package dev.holdfast.diagnostics.stall;

import dev.holdfast.inspect.WaitInfo;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Records when threads began to wait for a lock or a monitor.
 *
 * <p>The JVM does not record the time, so this class counts from the first snapshot that showed the
 * wait.
 */
final class LockWaits {

  private static final Set<String> LOCKS =
      Set.of("a ReentrantLock", "a ReentrantReadWriteLock", "a StampedLock");

  /** By {@link System#nanoTime}. */
  private Map<Thread, Long> since = new HashMap<>();

  /** Replaces the recorded threads with those that wait for a lock in a new snapshot. */
  void update(WaitGraph graph, long now) {
    var found = new HashMap<Thread, Long>();
    for (TaskNode task : graph.tasks) {
      Thread thread = task.thread();
      if (thread != null && waitsForLock(task, thread)) {
        found.put(thread, since.getOrDefault(thread, now));
      }
    }
    since = found;
  }

  private static boolean waitsForLock(TaskNode task, Thread thread) {
    WaitInfo wait = task.waitsFor();
    return wait == null
        ? thread.getState() == Thread.State.BLOCKED
        : wait.operation() == WaitInfo.Operation.OTHER && LOCKS.contains(wait.on());
  }

  boolean contains(TaskNode task) {
    return since.containsKey(task.thread());
  }

  boolean isOlderThan(Duration age, TaskNode task, long now) {
    Long start = since(task);
    return start != null && now - start >= age.toNanos();
  }

  /** {@return when the wait was first seen, or null if the thread does not wait for a lock} */
  @Nullable Long since(TaskNode task) {
    return since.get(task.thread());
  }
}
