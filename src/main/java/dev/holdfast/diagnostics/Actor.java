package dev.holdfast.diagnostics;

import dev.holdfast.inspect.Snapshot;
import dev.holdfast.inspect.WaitInfo;
import org.jspecify.annotations.Nullable;

/** A thread that works in a scope, as a look at all of them found it. */
final class Actor {

  /** The task, or the scope whose body it is. */
  final Snapshot node;

  /** The innermost scope it works in. */
  final Cast.Place place;

  /** Whether it can get on, as far as is known. */
  boolean free;

  Actor(Snapshot node, Cast.Place place) {
    this.node = node;
    this.place = place;
  }

  @Nullable Thread thread() {
    return node.thread();
  }

  @Nullable WaitInfo waits() {
    return node.waitsFor();
  }

  String label() {
    String name = "'" + node.name() + "'";
    return switch (node.kind()) {
      case SCOPE -> "The body of scope " + name;
      case WORKER -> "Worker " + name;
      case EXECUTOR -> "Executor " + name;
      case TASK, PUMP -> "Task " + name;
    };
  }
}
