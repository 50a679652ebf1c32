package dev.holdfast;

import dev.holdfast.inspect.Live;
import dev.holdfast.inspect.Wait;
import dev.holdfast.internal.background.Host;
import dev.holdfast.internal.cancel.Cancellation;
import dev.holdfast.internal.cancel.Frame;
import dev.holdfast.internal.cancel.Strand;
import dev.holdfast.internal.cancel.Waits;
import dev.holdfast.internal.scope.Child;
import dev.holdfast.internal.scope.ScopeFrame;

import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Takes pictures of what lives, without a lock: from what is kept for other purposes. */
final class Picture {

  /** Tasks further in are left out: pictures are drawn and searched by recursion. */
  private static final int DEEPEST = 200;

  private Picture() {}

  /** {@return all that lives: the outermost scope of each thread that is not a task itself} */
  static List<Live> all() {
    var outermost = new ArrayList<Live>();
    Strand.forEachStrand(strand -> {
      if (!(strand instanceof Child)) {
        outermost.addAll(scopes(strand, null, 0));
      }
    });
    return outermost;
  }

  /** {@return a scope and what lives in it} */
  static Live of(ScopeFrame scope) {
    List<Live> found = scopes(scope.strand(), scope, 0);
    return found.isEmpty() ? live(scope, List.of(), null, 0) : found.getFirst();
  }

  /**
   * {@return the scope that was opened first on a thread, with all others in it, or none}
   *
   * @param from the outermost that is asked for, null for all
   * @param depth how many tasks are around it
   */
  private static List<Live> scopes(Strand strand, @Nullable ScopeFrame from, int depth) {
    Thread thread = strand.thread();
    Wait wait = Waits.of(strand, thread); // before the frames: they may be left meanwhile, not entered
    List<Live> inside = List.of();
    for (Frame frame = strand.topAcquire(); frame != null; frame = frame.outer()) {
      if (frame instanceof ScopeFrame scope) {
        inside = List.of(live(scope, inside, wait, depth));
        wait = null; // told of the innermost
        if (scope == from) {
          return inside;
        }
      }
    }
    return from == null ? inside : List.of();
  }

  private static Live live(ScopeFrame scope, List<Live> opened, @Nullable Wait wait, int depth) {
    var inside = new ArrayList<>(opened);
    int timers = scope.timers(); // before the tasks: one that rings begins a task, then goes
    scope.forEachTask(child -> addTask(child, inside, depth + 1));
    return new Live(
        Live.Kind.SCOPE,
        scope.name(),
        scope.state(),
        Duration.ofNanos(scope.ageNanos()),
        reason(scope),
        scope.strand().thread(),
        wait,
        List.of(),
        scope.channels(),
        scope.resources(),
        timers,
        inside,
        scope);
  }

  private static void addTask(Child child, List<Live> into, int depth) {
    List<Live> opened = depth < DEEPEST ? scopes(child, null, depth) : List.of();
    if (child instanceof Host host) { // its scope is nothing a user has opened
      List<Live> started = opened.stream().flatMap(scope -> scope.inside().stream()).toList();
      if (!host.isExecutor()) {
        into.addAll(started);
        return;
      }
      opened = started;
    }
    Thread thread = child.thread();
    into.add(
        new Live(
            child.kind(),
            child.name(),
            child.hasEnded()
                ? Live.State.ENDED
                : child.hasBegun() ? Live.State.RUNNING : Live.State.STARTING,
            Duration.ofNanos(child.ageNanos()),
            reason(child),
            thread,
            opened.isEmpty() || child instanceof Host ? Waits.of(child, thread) : null,
            child.site(),
            List.of(),
            List.of(),
            0,
            opened,
            child));
  }

  private static @Nullable String reason(Frame frame) {
    Cancellation why = frame.cancellation();
    return why == null ? null : why.reason();
  }
}
