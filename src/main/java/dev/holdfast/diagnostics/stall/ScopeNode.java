package dev.holdfast.diagnostics.stall;

import dev.holdfast.inspect.Snapshot;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A scope in a {@link WaitGraph}. */
final class ScopeNode {

  final Snapshot snapshot;
  final @Nullable ScopeNode parent;

  /** Its forks that have not ended. */
  final List<TaskNode> forks = new ArrayList<>();

  /** How many threads in it, or in a scope below it, may proceed. */
  int proceeding;

  ScopeNode(Snapshot snapshot, @Nullable ScopeNode parent) {
    this.snapshot = snapshot;
    this.parent = parent;
  }
}
