package dev.holdfast.internal.scope;

import dev.holdfast.inspect.Snapshot;
import dev.holdfast.inspect.WaitInfo;
import dev.holdfast.internal.cancel.Blocker;
import dev.holdfast.internal.cancel.CancelScope;
import dev.holdfast.internal.cancel.Cancellation;
import dev.holdfast.internal.cancel.ThreadScope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Creates snapshots of live scopes and tasks from their existing state, without a lock. */
public final class Snapshots {

  /**
   * Snapshots are printed and searched by recursion, so they omit scopes nested deeper than this.
   */
  private static final int DEEPEST = 200;

  private Snapshots() {}

  /** {@return the outermost scope of each thread that runs no task} */
  public static List<Snapshot> all() {
    var outermost = new ArrayList<Snapshot>();
    ThreadScope.forEachThread(threadScope -> {
      if (!(threadScope instanceof ScopeTask)) {
        outermost.addAll(scopes(threadScope, null, 0));
      }
    });
    return outermost;
  }

  /** {@return a scope with everything in it} */
  public static Snapshot of(ScopeImpl scope) {
    List<Snapshot> found = scopes(scope.threadScope(), scope, 0);
    return found.isEmpty() ? live(scope, List.of(), null, 0) : found.getFirst();
  }

  /**
   * {@return the first scope that was opened on a thread, with the others inside it; empty if there
   * is none}
   *
   * @param from the outermost scope to include, null for all
   * @param depth the number of tasks around the scope
   */
  private static List<Snapshot> scopes(
      ThreadScope threadScope, @Nullable ScopeImpl from, int depth) {
    Thread thread = threadScope.thread();
    // Read before the scopes, because a waiting thread can then leave a scope, but not open one.
    WaitInfo wait = Blocker.of(threadScope, thread);
    List<Snapshot> inside = List.of();
    for (CancelScope current = threadScope.topAcquire();
        current != null;
        current = current.outer()) {
      if (current instanceof ScopeImpl scope) {
        inside = List.of(live(scope, inside, wait, depth));
        wait = null; // only the innermost scope shows it
        if (scope == from) {
          return inside;
        }
      }
    }
    return from == null ? inside : List.of();
  }

  private static Snapshot live(
      ScopeImpl scope, List<Snapshot> opened, @Nullable WaitInfo wait, int depth) {
    var inside = new ArrayList<>(opened);
    // Read before the tasks: a timer that fires adds its task before it is removed.
    int timers = scope.timers();
    scope.forEachTask(child -> addTask(child, inside, depth + 1));
    return new Snapshot(
        Snapshot.Kind.SCOPE,
        scope.name(),
        scope.state(),
        Duration.ofNanos(scope.ageNanos()),
        reason(scope),
        scope.threadScope().thread(),
        wait,
        List.of(),
        scope.channels(),
        scope.resources(),
        timers,
        inside,
        scope);
  }

  private static void addTask(ScopeTask child, List<Snapshot> into, int depth) {
    List<Snapshot> opened = depth < DEEPEST ? scopes(child, null, depth) : List.of();
    boolean launcher = child.kind() == Snapshot.Kind.EXECUTOR;
    if (launcher) { // its scope is internal
      opened = opened.stream().flatMap(scope -> scope.inside().stream()).toList();
    }
    if (!child.isShown()) {
      into.addAll(opened);
      return;
    }
    Thread thread = child.thread();
    into.add(
        new Snapshot(
            child.kind(),
            child.name(),
            child.hasEnded()
                ? Snapshot.State.ENDED
                : child.hasBegun() ? Snapshot.State.RUNNING : Snapshot.State.STARTING,
            Duration.ofNanos(child.ageNanos()),
            reason(child),
            thread,
            opened.isEmpty() || launcher ? Blocker.of(child, thread) : null,
            child.forkSite(),
            List.of(),
            List.of(),
            0,
            opened,
            child));
  }

  private static @Nullable String reason(CancelScope current) {
    Cancellation why = current.cancellation();
    return why == null ? null : why.reason();
  }
}
