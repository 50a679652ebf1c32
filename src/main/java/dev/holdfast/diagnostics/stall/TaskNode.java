package dev.holdfast.diagnostics.stall;

import dev.holdfast.inspect.Snapshot;
import dev.holdfast.inspect.WaitInfo;
import dev.holdfast.internal.util.Printable;
import org.jspecify.annotations.Nullable;

/** A thread in a {@link WaitGraph}: it runs a task, or the body of a scope. */
final class TaskNode {

  /** The task, or the scope whose body the thread runs. */
  final Snapshot snapshot;

  /** The innermost scope that it runs in. */
  final ScopeNode scope;

  /** Whether the analysis has found so far that the thread may proceed. */
  private boolean proceeds;

  TaskNode(Snapshot snapshot, ScopeNode scope) {
    this.snapshot = snapshot;
    this.scope = scope;
  }

  @Nullable Thread thread() {
    return snapshot.thread();
  }

  @Nullable WaitInfo waitsFor() {
    return snapshot.waitsFor();
  }

  boolean proceeds() {
    return proceeds;
  }

  void proceed() {
    proceeds = true;
    for (ScopeNode around = scope; around != null; around = around.parent) {
      around.proceeding++;
    }
  }

  String label() {
    String name = "'" + Printable.of(snapshot.name()) + "'";
    return switch (snapshot.kind()) {
      case SCOPE -> "The body of scope " + name;
      case WORKER -> "Worker " + name;
      case EXECUTOR -> "Executor " + name;
      case TASK, PUMP -> "Task " + name;
    };
  }
}
