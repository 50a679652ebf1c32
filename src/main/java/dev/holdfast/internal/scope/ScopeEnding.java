package dev.holdfast.internal.scope;

import dev.holdfast.Action;
import dev.holdfast.inspect.Snapshot.State;
import dev.holdfast.internal.cancel.CancelActions;
import dev.holdfast.internal.cancel.CancelScope;
import dev.holdfast.internal.cancel.Cancellation;
import dev.holdfast.internal.cancel.ClosingScope;
import dev.holdfast.internal.cancel.Failures;
import dev.holdfast.internal.scheduling.DeepParking;
import dev.holdfast.internal.util.DeadlineAccess;
import dev.holdfast.internal.util.DiscardedValues;
import dev.holdfast.internal.util.Throwables;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Ends a scope: first its tasks, then its threads, then its resources. Only the owner runs it. */
final class ScopeEnding {

  /** Tests replace this by a function that throws an OutOfMemoryError. */
  static volatile BiFunction<CancelScope, Supplier<String>, ClosingScope> regions =
      ClosingScope::new;

  private final ScopeImpl scope;
  private final ScopeThreads threads;
  private final ScopeParts parts;

  // Owner only.
  private @Nullable ClosingScope cutOff;
  private boolean interrupted;

  /** The resource that is being closed; any thread that cancels reads it. */
  private volatile @Nullable ClosingScope closing;

  ScopeEnding(ScopeImpl scope, ScopeThreads threads, ScopeParts parts) {
    this.scope = scope;
    this.threads = threads;
    this.parts = parts;
  }

  /** {@return the first resource whose closing a cancellation has cut short, or null} */
  @Nullable ClosingScope cutOff() {
    return cutOff;
  }

  /** {@return whether an interrupt from outside has cut short the closing of a resource} */
  boolean wasInterrupted() {
    return interrupted;
  }

  /** Passes a cancellation to the resource that is being closed. */
  void cancelled(Cancellation why) {
    ClosingScope region = closing;
    if (region != null) {
      region.notice(why);
    }
  }

  /**
   * Ends the scope.
   *
   * @param thrown what the body threw, or null
   * @return what the scope throws, or null if it returns the body's value
   */
  @Nullable Throwable run(@Nullable Throwable thrown) {
    try {
      return end(thrown);
    } catch (StackOverflowError e) {
      ensureThreadsEnded(e);
      throw e;
    }
  }

  private @Nullable Throwable end(@Nullable Throwable thrown) {
    if (thrown instanceof InterruptedException e && scope.isFromOutside(e)) {
      scope.outsideInterrupt = true;
    }
    try {
      if (thrown != null) {
        cancel(thrown);
      }
    } finally {
      scope.threadScope().beginWait(scope);
      scope.enter(State.ENDING);
      scope.completeIfLast();
      awaitAllTasks();
      awaitThreads();
    }
    scope.enter(State.CLOSING);
    scope.outsideInterrupt |= Thread.interrupted();
    closeParts();
    Throwable out = ScopeResult.of(scope, thrown);
    if (out != null && scope.discarded().hasConsumer()) {
      close(
          () -> "its discarded result",
          () -> scope.discarded().discardResult(failure -> Throwables.suppress(out, failure)));
    }
    Cancellation why = scope.cancellation();
    if (out instanceof InterruptedException
        && (why != null ? why.kind == Cancellation.Kind.INTERRUPT : interrupted)) {
      scope.outsideInterrupt = false; // the exception reports the interrupt
    }
    return out;
  }

  /**
   * Cancels the scope. When out of memory, retries while tasks run, because they may not end
   * otherwise. A task that ends frees memory; without tasks, this thread may hold all of it.
   */
  private void cancel(Throwable thrown) {
    for (int waits = 0; ; ) {
      try {
        scope.cancel(
            thrown instanceof InterruptedException interrupt
                ? Cancellation.interrupt(scope, interrupt)
                : Cancellation.body(scope, thrown));
        return;
      } catch (OutOfMemoryError e) {
        if (scope.live() == 0) {
          return;
        }
        waits = scope.awaitMemory(waits);
      }
    }
  }

  /** Waits for the tasks, also while there is no memory for the waits. */
  private void awaitAllTasks() {
    boolean waited = false;
    while (!waited) {
      try {
        awaitTasks();
        waited = true;
      } catch (OutOfMemoryError e) {
        waited = scope.live() == 0;
        if (!waited) {
          DeepParking.pause();
        }
      }
    }
  }

  /**
   * Waits for the tasks. The JDK's scope could also wait. But on an interrupt, that scope would
   * itself interrupt the threads, even inside shields and while they close resources.
   */
  private void awaitTasks() {
    threads.endUnstarted();
    scope.awaitForks();
    Attachment workers = parts.workers();
    Attachment channels = parts.channels();
    if (channels != null) {
      channels.awaitSelfEnding();
    }
    if (workers != null) {
      workers.stop();
    }
    if (channels != null) {
      channels.drain();
    }
    if (workers != null) {
      workers.finish();
    }
    if (scope.live() != 0) {
      scope.park(() -> scope.live() == 0);
    }
  }

  /**
   * Waits for all threads at once, if all of them end by themselves.
   *
   * @return false if the caller must wait for the tasks in another way
   */
  boolean awaitAllThreads() {
    if (parts.running() > 0) {
      return false; // these tasks end later
    }
    scope.threadScope().markWait(false, scope.bodyEndedNanos());
    try {
      return threads.join();
    } catch (InterruptedException e) {
      interrupted(e);
      return false;
    } catch (StackOverflowError | OutOfMemoryError e) {
      return false; // the thread could not park
    }
  }

  /** Waits for a condition; an interrupt cancels the scope and does not end the wait. */
  void park(BooleanSupplier condition) {
    boolean marked = false;
    while (!condition.getAsBoolean()) {
      if (!marked) {
        marked = true;
        scope.threadScope().markWait(false);
      }
      DeepParking.park(scope, 0);
      if (Thread.interrupted()) {
        interrupted(new InterruptedException());
      }
    }
  }

  private void interrupted(InterruptedException interrupt) {
    scope.outsideInterrupt = true;
    cancel(interrupt);
    scope.threadScope().interruptOwner(interrupt);
  }

  /**
   * Ends the threads if {@link #end} has overflowed the stack before it could do so. Fewer calls
   * are open now, and this makes as few as it can. If the tasks get no carrier, the JDK's scope
   * stays open; the next enclosing JDK scope, or the end of the thread, then waits for them.
   */
  private void ensureThreadsEnded(StackOverflowError overflow) {
    if (!threads.isClosed()) {
      scope.enter(State.ENDING);
      while (scope.live() != 0) {
        cancelOnOverflow(overflow);
        DeepParking.blockCarrier(overflow);
      }
      awaitThreads();
    }
  }

  private void cancelOnOverflow(StackOverflowError overflow) {
    try {
      scope.cancel(Cancellation.body(scope, overflow));
    } catch (StackOverflowError e) {
      // the tasks end by themselves
    }
  }

  /** Leaves the JDK's scope when its threads have ended. */
  private void awaitThreads() {
    try {
      threads.close(scope.live() == 0);
    } catch (InterruptedException e) {
      scope.outsideInterrupt = true;
    } catch (RuntimeException structureViolation) {
      scope.failedToClose(structureViolation);
    } catch (OutOfMemoryError e) {
      failedInFullHeap(e);
    }
    scope.outsideInterrupt |= Thread.interrupted();
    scope.outsideInterrupt |= threads.awaitPlatformThreads();
    CancelActions actions = parts.cancelActions();
    if (actions != null && scope.cancellation() != null) {
      try {
        actions.run();
      } catch (OutOfMemoryError e) {
        failedInFullHeap(e);
      }
    }
  }

  private void failedInFullHeap(Throwable thrown) {
    try {
      scope.failedToClose(thrown);
    } catch (OutOfMemoryError e) {
      // the scope throws another one, because its result needs more memory
    }
  }

  private void closeParts() {
    try {
      closeAttachments();
    } catch (OutOfMemoryError e) {
      failedInFullHeap(e);
    }
    CloseActions actions = parts.closeActions();
    if (actions != null) {
      actions.close(this);
    }
  }

  private void closeAttachments() {
    Attachment workers = parts.workers();
    if (workers != null) {
      workers.close(this::callbackFailed);
    }
    Attachment channels = parts.channels();
    if (channels != null) {
      close(() -> "its channels", () -> channels.close(this::callbackFailed));
    }
    DiscardedValues discarded = scope.discarded();
    if (discarded.hasConsumer()) {
      close(() -> "its discarded values", () -> discarded.discardTasks(this::callbackFailed));
    }
  }

  /** Closes one thing, within the deadline of the scope. */
  void close(Supplier<String> what, Action action) {
    ClosingScope region;
    try {
      region = regions.apply(scope, what);
    } catch (OutOfMemoryError e) {
      closeInFullHeap(action);
      return;
    }
    closing = region;
    Cancellation why = cancellationOfClosing();
    if (why != null) {
      region.notice(why);
    }
    Throwable thrown = region.run(action);
    closing = null;
    scope.outsideInterrupt |= Thread.interrupted();
    interrupted |= region.wasInterrupted();
    if (thrown != null) {
      failed(region, thrown);
    }
  }

  /** Closes one thing without a deadline, because there is no memory to set one. */
  private void closeInFullHeap(Action action) {
    try {
      action.run();
    } catch (Throwable t) {
      failedInFullHeap(t);
    }
  }

  /** Takes the exception of a callback that ran while something was closing. */
  private void callbackFailed(Throwable thrown) {
    ClosingScope region = closing;
    if (region == null) {
      scope.failedToClose(thrown);
    } else {
      region.failed(thrown);
      failed(region, thrown);
    }
  }

  private void failed(ClosingScope region, Throwable thrown) {
    if (!region.wasInterrupted()
        && region.cancellation() != null
        && Failures.hasConsequence(thrown)) {
      cutOff = cutOff == null ? region : cutOff;
      scope.failuresToClose().addLate(thrown);
    } else {
      scope.failedToClose(thrown);
    }
  }

  /** {@return why the closing of resources is cancelled from the start, or null} */
  private @Nullable Cancellation cancellationOfClosing() {
    Cancellation own = scope.cancellation();
    if (own != null) {
      return own;
    }
    Cancellation around = scope.outer().pending();
    if (around != null) {
      return around.inherited();
    }
    return scope.hasOwnDeadline() && scope.deadline().isExpired()
        ? Cancellation.deadline(scope.label(), DeadlineAccess.span(scope.deadline()), List.of())
        : null;
  }
}
