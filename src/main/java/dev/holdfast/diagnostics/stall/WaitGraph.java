package dev.holdfast.diagnostics.stall;

import dev.holdfast.channel.Channel;
import dev.holdfast.inspect.Snapshot;
import dev.holdfast.inspect.WaitInfo;
import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The wait-for graph of a snapshot: its threads, and the scopes, forks and channels between them.
 */
final class WaitGraph {

  final List<TaskNode> tasks = new ArrayList<>();

  private final IdentityHashMap<Object, ScopeNode> scopes = new IdentityHashMap<>();
  private final IdentityHashMap<Object, TaskNode> byIdentity = new IdentityHashMap<>();
  private final IdentityHashMap<Channel<?>, ScopeNode> owners = new IdentityHashMap<>();

  WaitGraph(List<Snapshot> outermost) {
    outermost.forEach(scope -> addScope(scope, null));
  }

  /** {@return the node of the innermost scope on the thread of a scope} */
  private TaskNode addScope(Snapshot scope, @Nullable ScopeNode parent) {
    var node = new ScopeNode(scope, parent);
    scopes.put(scope.identity(), node);
    scope.channels().forEach(channel -> owners.put(channel, node));
    TaskNode own = addInside(scope, node);
    return own == null ? add(scope, node) : own;
  }

  private void addTask(Snapshot task, ScopeNode scope) {
    TaskNode own = addInside(task, scope);
    TaskNode node = own == null ? add(task, scope) : own;
    byIdentity.put(task.identity(), node);
    if (task.kind() == Snapshot.Kind.TASK) {
      scope.forks.add(node);
    }
  }

  private @Nullable TaskNode addInside(Snapshot around, ScopeNode scope) {
    TaskNode own = null;
    for (Snapshot inside : around.inside()) {
      if (inside.kind() == Snapshot.Kind.SCOPE) {
        own = addScope(inside, scope);
      } else {
        addTask(inside, scope);
      }
    }
    return own;
  }

  private TaskNode add(Snapshot snapshot, ScopeNode scope) {
    var node = new TaskNode(snapshot, scope);
    tasks.add(node);
    return node;
  }

  /** {@return the scope with that identity, or null} */
  @Nullable ScopeNode scope(Object identity) {
    return scopes.get(identity);
  }

  /** {@return the thread that runs the task with that identity, or null} */
  @Nullable TaskNode task(Object identity) {
    return byIdentity.get(identity);
  }

  /** {@return the scope that a channel belongs to, or null if it is not known} */
  @Nullable ScopeNode owner(Object channel) {
    return channel instanceof Channel<?> known ? owners.get(known) : null;
  }

  /** {@return the forks of the scope with that identity} */
  Collection<TaskNode> forks(Object scope) {
    ScopeNode node = scope(scope);
    return node == null ? List.of() : node.forks;
  }

  /** {@return tasks that join each other in a cycle, in order; empty if there is no cycle} */
  Set<TaskNode> joinCycle(List<TaskNode> among) {
    var passed = new IdentityHashMap<TaskNode, Boolean>();
    for (TaskNode start : among) {
      var path = new LinkedHashSet<TaskNode>();
      TaskNode next = start;
      while (next != null && passed.put(next, true) == null) {
        path.add(next);
        next = joined(next);
      }
      if (next != null && path.contains(next)) {
        return from(next, path);
      }
    }
    return Set.of();
  }

  private static Set<TaskNode> from(TaskNode first, Set<TaskNode> path) {
    var cycle = new LinkedHashSet<TaskNode>();
    boolean inside = false;
    for (TaskNode step : path) {
      inside |= step == first;
      if (inside) {
        cycle.add(step);
      }
    }
    return cycle;
  }

  private @Nullable TaskNode joined(TaskNode task) {
    WaitInfo wait = task.waitsFor();
    return wait == null || wait.operation() != WaitInfo.Operation.JOIN || wait.objects().isEmpty()
        ? null
        : task(wait.objects().getFirst());
  }
}
