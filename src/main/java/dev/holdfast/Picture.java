package dev.holdfast;

import dev.holdfast.channel.Channel;
import dev.holdfast.channel.Waiting;
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
    Wait wait = wait(strand, thread); // before the frames: they may be left meanwhile, not entered
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
            kind(child),
            child.name(),
            child.hasEnded()
                ? Live.State.ENDED
                : child.hasBegun() ? Live.State.RUNNING : Live.State.STARTING,
            Duration.ofNanos(child.ageNanos()),
            reason(child),
            thread,
            opened.isEmpty() || child instanceof Host ? wait(child, thread) : null,
            child.site(),
            List.of(),
            List.of(),
            0,
            opened,
            child));
  }

  private static Live.Kind kind(Child child) {
    return switch (child) {
      case WorkerTask worker -> Live.Kind.WORKER;
      case Pump pump -> Live.Kind.PUMP;
      case Host host -> Live.Kind.EXECUTOR;
      default -> Live.Kind.TASK;
    };
  }

  private static @Nullable String reason(Frame frame) {
    Cancellation why = frame.cancellation();
    return why == null ? null : why.reason();
  }

  /** {@return what a thread waits for, as far as its blocker tells} */
  static @Nullable Wait wait(Strand strand, @Nullable Thread thread) {
    Object blocker = thread == null ? null : LockSupport.getBlocker(thread);
    return switch (blocker) {
      case null -> null;
      case Waiting waiting -> atChannel(waiting);
      case Fork.Body<?> task when task == strand ->
          ours(Wait.Operation.IDLE, "its next turn", strand, List.of());
      case Fork.Body<?> task ->
          ours(Wait.Operation.JOIN, task.label(), strand, List.<Object>of(task));
      case After after -> ours(Wait.Operation.JOIN, after.toString(), strand, List.of());
      case Awaited awaited ->
          ours(awaited.operation(), awaited.text(), strand, List.<Object>of(awaited.scope()));
      case ScopeFrame scope ->
          ours(Wait.Operation.END, "the end of its tasks", strand, List.<Object>of(scope));
      case Gate.Waiter place -> ours(Wait.Operation.GUARD, place.toString(), strand, List.of());
      case String words -> ours(Wait.Operation.OTHER, words, strand, List.of());
      default ->
          new Wait(
              Wait.Operation.OTHER, foreign(blocker.getClass()), Duration.ZERO, false, List.of());
    };
  }

  private static Wait ours(
      Wait.Operation operation, String on, Strand strand, List<Object> objects) {
    VarHandle.acquireFence(); // with the fence before it parked
    return new Wait(
        operation, on, Duration.ofNanos(strand.waitedNanos()), strand.isWaitTimed(), objects);
  }

  private static @Nullable Wait atChannel(Waiting waiting) {
    VarHandle.acquireFence();
    if (waiting.isOver()) {
      return null;
    }
    List<Channel<?>> channels = waiting.channels();
    String on = channels.stream().map(Object::toString).collect(Collectors.joining(", "));
    return new Wait(
        Wait.Operation.valueOf(waiting.operation().name()),
        on,
        waiting.age(),
        waiting.isTimed(),
        List.copyOf(channels));
  }

  /** {@return the name of the lock or queue, not of the synchronizer hidden in it} */
  private static String foreign(Class<?> type) {
    Class<?> outer = type;
    while (outer.getEnclosingClass() != null) {
      outer = outer.getEnclosingClass();
    }
    return "a " + outer.getSimpleName();
  }
}
