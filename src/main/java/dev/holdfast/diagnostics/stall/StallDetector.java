package dev.holdfast.diagnostics.stall;

import dev.holdfast.inspect.Report;
import dev.holdfast.inspect.Snapshot;
import dev.holdfast.inspect.WaitInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds tasks that wait for each other, so that none can ever proceed.
 *
 * <p>It compares each snapshot with the one before, and reports each stall once. Not thread-safe.
 */
public final class StallDetector {

  /** The minimum age of a stall; younger waits may still end by themselves. */
  static final Duration MIN_AGE = Duration.ofMillis(700);

  private final Duration minAge;
  private final LockWaits locks = new LockWaits();

  /** Stuck threads of the previous snapshot. */
  private Set<Thread> previous = new HashSet<>();

  /** The stuck threads that were reported. */
  private Set<Thread> reported = new HashSet<>();

  /** When the previous snapshot was begun. */
  private long previousBegun;

  public StallDetector() {
    this(MIN_AGE);
  }

  /**
   * Creates a detector.
   *
   * @param minAge the minimum age of a stall
   */
  public StallDetector(Duration minAge) {
    this.minAge = minAge;
  }

  /**
   * Looks for stalls that were not reported yet.
   *
   * @param live a snapshot of all scopes
   * @param begun when it was begun, by {@link System#nanoTime}
   * @param ended when it was complete
   * @return the new stalls
   */
  public List<Report> check(List<Snapshot> live, long begun, long ended) {
    var graph = new WaitGraph(live);
    locks.update(graph, ended);
    WakeAnalysis.run(graph, locks, minAge, ended);
    return newStalls(graph, begun, ended);
  }

  private List<Report> newStalls(WaitGraph graph, long begun, long ended) {
    var stuck = new HashSet<Thread>();
    var sameWait = new HashSet<Thread>();
    Map<ScopeNode, List<TaskNode>> groups = new LinkedHashMap<>();
    for (TaskNode task : graph.tasks) {
      Thread thread = task.thread();
      if (!task.proceeds() && thread != null) {
        stuck.add(thread);
        // If the previous snapshot did not show a wait, the wait began after that snapshot was
        // begun. The start is never too early, so a slow snapshot can delay a report, but not
        // repeat it.
        if (previous.contains(thread) && waitStart(task, ended) - previousBegun <= 0) {
          sameWait.add(thread);
        }
        groups.computeIfAbsent(group(task, graph), scope -> new ArrayList<>()).add(task);
      }
    }
    var stillReported = new HashSet<Thread>();
    var reports = new ArrayList<Report>();
    groups.forEach((scope, tasks) -> {
      List<Thread> threads = tasks.stream().map(TaskNode::thread).toList();
      // Two snapshots must agree: tasks move on while a snapshot is taken, so the states in a
      // single one need not have existed at the same moment.
      boolean confirmed = sameWait.containsAll(threads);
      boolean known = confirmed && reported.containsAll(threads);
      Set<TaskNode> cycle = graph.joinCycle(tasks);
      boolean isStall = !cycle.isEmpty() || tasks.stream().anyMatch(StallDetector::isCause);
      if (confirmed && !known && isStall) {
        reports.add(StallReport.of(scope, tasks, cycle));
        known = true;
      }
      if (known) {
        stillReported.addAll(threads);
      }
    });
    previous = stuck;
    reported = stillReported;
    previousBegun = begun;
    return reports;
  }

  private long waitStart(TaskNode task, long ended) {
    Long lockedSince = locks.since(task);
    if (lockedSince != null) {
      return lockedSince;
    }
    WaitInfo wait = task.waitsFor();
    return wait == null ? ended : ended - wait.age().toNanos();
  }

  /**
   * {@return whether the wait of a task is a stall by itself} A wait for a lock is not a stall by
   * itself: a thread outside may hold it and be about to release it. Neither is a wait for tasks:
   * the report lists those tasks instead.
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
