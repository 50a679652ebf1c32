package dev.holdfast.diagnostics.stall;

import dev.holdfast.inspect.Report;
import dev.holdfast.inspect.Snapshot;
import dev.holdfast.inspect.WaitInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds tasks that wait for each other, so that none can ever proceed.
 *
 * <p>It compares each snapshot with the one before, and reports each stall once. Not thread-safe.
 */
public final class StallDetector {

  /** The least age of a stall; younger waits may still end by themselves. */
  static final Duration MIN_AGE = Duration.ofMillis(700);

  private final LockWaits locks = new LockWaits();

  /** Stuck threads of the previous snapshot, with the start of their wait. */
  private Map<Thread, Long> previous = new HashMap<>();

  /** Threads that were reported, with the start of their wait. */
  private Map<Thread, Long> reported = new HashMap<>();

  /**
   * Looks for stalls that were not reported yet.
   *
   * @param live a snapshot of all scopes
   * @param now when it was taken, by {@link System#nanoTime}
   * @return the new stalls
   */
  public List<Report> check(List<Snapshot> live, long now) {
    var graph = new WaitGraph(live);
    locks.update(graph, now);
    WakeAnalysis.run(graph, locks, now);
    return newStalls(graph, now);
  }

  private List<Report> newStalls(WaitGraph graph, long now) {
    var stuck = new HashMap<Thread, Long>();
    Map<ScopeNode, List<TaskNode>> groups = new LinkedHashMap<>();
    for (TaskNode task : graph.tasks) {
      Thread thread = task.thread();
      if (!task.proceeds() && thread != null) {
        stuck.put(thread, waitStart(task, now));
        groups.computeIfAbsent(group(task, graph), scope -> new ArrayList<>()).add(task);
      }
    }
    var stillReported = new HashMap<Thread, Long>();
    var reports = new ArrayList<Report>();
    groups.forEach((scope, tasks) -> {
      // Two snapshots must agree: a single one of moving tasks need not have held at any moment.
      boolean confirmed = tasks.stream().allMatch(task -> isSameWait(task, previous, stuck));
      boolean known = tasks.stream().allMatch(task -> isSameWait(task, reported, stuck));
      Set<TaskNode> cycle = graph.joinCycle(tasks);
      boolean isStall = !cycle.isEmpty() || tasks.stream().anyMatch(StallDetector::isCause);
      if (confirmed && !known && isStall) {
        reports.add(StallReport.of(scope, tasks, cycle));
        known = true;
      }
      if (known) {
        tasks.forEach(task -> copy(task.thread(), stuck, stillReported));
      }
    });
    previous = stuck;
    reported = stillReported;
    return reports;
  }

  private static void copy(
      @Nullable Thread thread, Map<Thread, Long> from, Map<Thread, Long> into) {
    Long since = from.get(thread);
    if (thread != null && since != null) {
      into.put(thread, since);
    }
  }

  /** {@return whether a thread is still in the same wait; start times are imprecise} */
  private static boolean isSameWait(
      TaskNode task, Map<Thread, Long> before, Map<Thread, Long> now) {
    Long then = before.get(task.thread());
    Long since = now.get(task.thread());
    return then != null && since != null && Math.abs(since - then) < MIN_AGE.toNanos() / 2;
  }

  private long waitStart(TaskNode task, long now) {
    Long lockedSince = locks.since(task);
    if (lockedSince != null) {
      return lockedSince;
    }
    WaitInfo wait = task.waitsFor();
    return wait == null ? now : now - wait.age().toNanos();
  }

  /**
   * {@return whether the wait of a task is a stall by itself} A wait for a lock is not: a thread
   * outside may hold it and be about to release it. A wait for tasks is not: the report lists those
   * tasks instead.
   */
  private static boolean isCause(TaskNode task) {
    WaitInfo wait = task.waitsFor();
    return wait != null
        && switch (wait.operation()) {
          case SEND, RECEIVE, SELECT -> true;
          default -> false;
        };
  }

  /** {@return the scope whose channel or tasks a task waits for} */
  private ScopeNode group(TaskNode task, WaitGraph graph) {
    WaitInfo wait = task.waitsFor();
    if (wait == null || locks.contains(task)) {
      return task.scope;
    }
    Object on = wait.objects().getFirst();
    ScopeNode scope = graph.owner(on);
    if (scope == null) {
      scope = graph.scope(on);
    }
    return scope == null ? task.scope : scope;
  }
}
