package dev.holdfast.internal.cancel;

import dev.holdfast.channel.Channel;
import dev.holdfast.channel.Waiting;
import dev.holdfast.inspect.WaitInfo;
import dev.holdfast.internal.telemetry.Reports;
import dev.holdfast.internal.util.LibraryFrames;
import dev.holdfast.internal.util.StackTraces;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The reason why a thread is parked inside Holdfast: the object that {@link LockSupport#getBlocker}
 * returns, which describes the wait for snapshots and reports.
 */
public interface Blocker {

  /** {@return the operation that waits} */
  WaitInfo.Operation operation();

  /** {@return what it waits for, in words} */
  String on();

  /** {@return the objects that can wake the thread, by identity; empty if they are unknown} */
  default List<Object> objects() {
    return List.of();
  }

  /**
   * A wait for something that happens in a scope.
   *
   * @param scope where it happens
   */
  record Of(WaitInfo.Operation operation, CancelScope scope, String on) implements Blocker {

    @Override
    public List<Object> objects() {
      return List.of(scope);
    }

    @Override
    public String toString() {
      return on;
    }
  }

  /** {@return what a thread waits for, as far as its blocker shows} */
  static @Nullable WaitInfo of(ThreadScope threadScope, @Nullable Thread thread) {
    Object blocker = thread == null ? null : LockSupport.getBlocker(thread);
    return switch (blocker) {
      case null -> null;
      case Waiting waiting -> atChannel(waiting);
      case ThreadScope own when own == threadScope ->
          ours(WaitInfo.Operation.IDLE, "its next turn", threadScope, List.of());
      case Blocker known -> ours(known.operation(), known.on(), threadScope, known.objects());
      case String words -> ours(WaitInfo.Operation.OTHER, words, threadScope, List.of());
      // The class name is omitted, because users do not know the internal classes.
      case Object own when LibraryFrames.isLibrary(own.getClass().getName()) -> null;
      default ->
          new WaitInfo(
              WaitInfo.Operation.OTHER,
              foreign(blocker.getClass()),
              Duration.ZERO,
              false,
              List.of());
    };
  }

  /** Appends where the thread of a scope is and what it waits for, each on a line of its own. */
  static void describe(CancelScope scope, StringBuilder text) {
    Thread thread = scope.runner();
    if (thread == null) {
      return;
    }
    WaitInfo waits = of(scope.threadScope(), thread);
    if (waits != null) {
      text.append("\n      ").append(waits);
    }
    Reports.explanations(thread).forEach(more -> text.append("\n      ").append(more));
    text.append(StackTraces.of(thread));
    if (!scope.forkSite().isEmpty()) {
      text.append("\n      forked");
      scope.forkSite().forEach(call -> text.append("\n        at ").append(call));
    }
  }

  private static WaitInfo ours(
      WaitInfo.Operation operation, String on, ThreadScope threadScope, List<Object> objects) {
    VarHandle.acquireFence(); // visible because of the fence before the thread parked
    return new WaitInfo(
        operation,
        on,
        Duration.ofNanos(threadScope.waitedNanos()),
        threadScope.isWaitTimed(),
        objects);
  }

  private static @Nullable WaitInfo atChannel(Waiting waiting) {
    VarHandle.acquireFence();
    if (waiting.isOver()) {
      return null;
    }
    List<Channel<?>> channels = waiting.channels();
    String on = channels.stream().map(Object::toString).collect(Collectors.joining(", "));
    return new WaitInfo(
        WaitInfo.Operation.valueOf(waiting.operation().name()),
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
