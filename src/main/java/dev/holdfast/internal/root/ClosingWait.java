package dev.holdfast.internal.root;

import dev.holdfast.internal.cancel.Access;
import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.internal.cancel.WaitList;
import dev.holdfast.internal.clock.Clock;
import dev.holdfast.internal.scope.ScopeImpl;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The wait of a thread that closes a root. An interrupt cancels the root and does not end the wait.
 */
final class ClosingWait {

  /** How long the closing may take before the log states what it waits for. */
  private static final long SILENT_NANOS = 1_000_000_000L;

  /** How long a root has to end after it was cancelled, in addition to its grace. */
  private static final long LAST_NANOS = 1_000_000_000L;

  private static final long FOREVER = Long.MAX_VALUE;

  private final RootThread root;
  private final ScopeImpl scope;
  private final WaitList waiters;
  private final RootLog log;
  private boolean interrupted;

  ClosingWait(RootThread root, WaitList waiters, RootLog log) {
    this.root = root;
    this.scope = root.scope();
    this.waiters = waiters;
    this.log = log;
  }

  /**
   * Waits for the end of the root, and cancels it when the bound has passed.
   *
   * @param bound the longest time to wait, or null for no bound
   * @param of the bounded operation, as messages name it
   * @return whether the root has ended
   */
  boolean awaitEnd(@Nullable Duration bound, String of) {
    boolean ended = await(bound, of);
    if (ended) {
      root.awaitThread();
    }
    return ended;
  }

  private boolean await(@Nullable Duration bound, String of) {
    long nanos = bound == null ? FOREVER : bound.toNanos();
    if (await(Math.min(nanos, SILENT_NANOS))) {
      return true;
    }
    if (nanos > SILENT_NANOS) {
      log.stillClosing(scope);
      if (await(nanos == FOREVER ? FOREVER : nanos - SILENT_NANOS)) {
        return true;
      }
    }
    String within = bound + " " + of;
    root.cancel("it did not end within " + within);
    if (await(scope.graceNanos() + LAST_NANOS)) {
      return true;
    }
    log.leftRunning(scope, within);
    return false;
  }

  private boolean await(long nanos) {
    if (nanos == 0) {
      return root.hasEnded();
    }
    long time = nanos == FOREVER ? 0 : nanos;
    long until = Clock.nanoTime() + time;
    String blocker = "the end of " + scope.label();
    if (!interrupted) {
      try {
        return waiters.await(root::hasEnded, time, blocker);
      } catch (InterruptedException e) {
        interrupted = true;
        root.cancel(Access.currentThread() + ", which closes it, was interrupted");
      }
    }
    if (time != 0 && (time = until - Clock.nanoTime()) <= 0) {
      return root.hasEnded();
    }
    return waiters.awaitAnyway(root::hasEnded, time, blocker);
  }

  /** Sets the interrupt flag again if an interrupt has arrived. */
  void end() {
    if (interrupted) {
      ThreadScope.enter().keepInterrupt();
    }
  }
}
