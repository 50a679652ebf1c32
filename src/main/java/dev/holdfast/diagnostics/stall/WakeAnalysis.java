package dev.holdfast.diagnostics.stall;

import dev.holdfast.channel.Channel;
import dev.holdfast.inspect.WaitInfo;
import java.time.Duration;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/** Finds the threads of a {@link WaitGraph} that may proceed; the others are stuck. */
final class WakeAnalysis {

  /*
   * The analysis first assumes that every thread that waits inside Holdfast without a timeout is
   * stuck. Then it marks threads as proceeding, one after the other, until it finds no other that a
   * proceeding thread could wake:
   *
   * a thread that waits    is woken by at a channel           any proceeding thread in the scope of
   * the channel or below it for a fork             that fork, if it proceeds for all forks of a
   * scope, or for its end  all the forks of that scope, if each of them proceeds for a free place
   * any fork of that scope that proceeds
   *
   * A thread proceeds from the start if it runs, sleeps, does I/O, waits with a timeout, or waits
   * for something that Holdfast does not know. So does an open root, because a caller may pass code
   * to it. A scope with a timer or an executor may be woken from outside, and so may a thread that
   * waits at a channel that is shared, or that belongs to no scope. The threads that remain when no
   * other can be marked are stuck until something from outside (a deadline, an interrupt) cancels
   * them.
   *
   * This is leak detection by reachability, as in a garbage collector, with scopes in place of the
   * heap. It is wrong if threads outside the scope use a channel that is not declared as shared.
   *
   * A snapshot does not show a single moment. But every wait that counts began long before the
   * snapshot and still lasted when it was taken, so there was a moment at which all of them held.
   *
   * Locks record neither how long a thread has waited for them nor which thread owns them. A thread
   * that waits for one is stuck if every snapshot showed it there for a while and no thread in its
   * scope proceeds. That alone is never reported, because a thread outside may hold the lock.
   */

  private final WaitGraph graph;
  private final LockWaits locks;
  private final Duration minAge;
  private final long now;

  private WakeAnalysis(WaitGraph graph, LockWaits locks, Duration minAge, long now) {
    this.graph = graph;
    this.locks = locks;
    this.minAge = minAge;
    this.now = now;
  }

  /**
   * Marks the tasks that may proceed, among them all that have waited for less than the minimum
   * age.
   */
  static void run(WaitGraph graph, LockWaits locks, Duration minAge, long now) {
    new WakeAnalysis(graph, locks, minAge, now).run();
  }

  private void run() {
    var stuck = new ArrayList<TaskNode>();
    for (TaskNode task : graph.tasks) {
      if (mayBeStuck(task)) {
        stuck.add(task);
      } else {
        task.proceed();
      }
    }
    boolean changed = true;
    while (changed) { // a thread that proceeds may wake others
      changed = stuck.removeIf(this::proceedIfWoken);
    }
  }

  private boolean mayBeStuck(TaskNode task) {
    if (locks.contains(task)) {
      return locks.isOlderThan(minAge, task, now);
    }
    WaitInfo wait = task.waitsFor();
    if (wait == null
        || wait.timed()
        || wait.age().compareTo(minAge) < 0
        || !isParked(task.thread())) {
      return false;
    }
    return switch (wait.operation()) {
      case SEND, RECEIVE, SELECT, JOIN, LIMIT, END -> !wait.objects().isEmpty();
      case GUARD, IDLE, OTHER -> false;
    };
  }

  /** {@return whether a thread waits; one that was woken but has no processor yet is runnable} */
  private static boolean isParked(@Nullable Thread thread) {
    return thread != null
        && switch (thread.getState()) {
          case WAITING, TIMED_WAITING -> true;
          default -> false;
        };
  }

  private boolean proceedIfWoken(TaskNode task) {
    boolean woken = canBeWoken(task);
    if (woken) {
      task.proceed();
    }
    return woken;
  }

  private boolean canBeWoken(TaskNode task) {
    WaitInfo wait = task.waitsFor();
    if (wait == null || locks.contains(task)) {
      return task.scope.proceeding > 0;
    }
    Object on = wait.objects().getFirst();
    return switch (wait.operation()) {
      case SEND, RECEIVE, SELECT -> wait.objects().stream().anyMatch(this::mayBeServed);
      case LIMIT ->
          graph.forks(on).isEmpty() || graph.forks(on).stream().anyMatch(TaskNode::proceeds);
      default -> {
        TaskNode joined = graph.task(on);
        yield joined == null
            ? graph.forks(on).stream().allMatch(TaskNode::proceeds)
            : joined.proceeds();
      }
    };
  }

  private boolean mayBeServed(Object channel) {
    ScopeNode owner = graph.owner(channel);
    return owner == null
        || owner.proceeding > 0
        || owner.snapshot.timers() > 0
        || ((Channel<?>) channel).isShared()
        || ((Channel<?>) channel).isClosed();
  }
}
