package dev.holdfast.internal.root;

import dev.holdfast.ScopeCancelledException;
import dev.holdfast.internal.cancel.Cancellation;
import dev.holdfast.internal.cancel.Failures;
import dev.holdfast.internal.scheduling.Wakeups;
import dev.holdfast.internal.scope.ScopeImpl;
import dev.holdfast.internal.util.ThreadContext;
import dev.holdfast.internal.util.Throwables;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Code that a caller passes to the thread of a root, and waits for. */
final class RootCommand {

  private enum State {
    WAITING,
    RUNNING,
    DONE,
    /** The root ended before the code began. */
    REFUSED,
    /** The caller has stopped waiting. */
    ABANDONED
  }

  private final RootThread.Job<?> body;
  private final Thread caller = Thread.currentThread();
  private final @Nullable Object context = ThreadContext.capture();
  private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);

  // Written by the thread of the root before the state is DONE.
  private @Nullable Object result;
  private @Nullable Throwable thrown;

  RootCommand(RootThread.Job<?> body) {
    this.body = body;
  }

  boolean isOver() {
    State now = state.get();
    return now != State.WAITING && now != State.RUNNING;
  }

  /** Runs the code, unless the caller has withdrawn it. Never throws. */
  void run(ScopeImpl scope) {
    if (!state.compareAndSet(State.WAITING, State.RUNNING)) {
      return;
    }
    try {
      if (context == null) {
        work(scope);
      } else {
        ThreadContext.run(context, () -> work(scope));
      }
    } catch (Throwable t) {
      thrown = t; // the thread-locals could not be set
    }
    try {
      Cancellation why = scope.cancellation();
      if (why != null && thrown != null && Failures.isConsequence(thrown)) {
        thrown = cutOff(why, thrown);
      }
    } catch (Throwable t) { // out of memory: the caller still has to be woken
      thrown = t;
    }
    if (state.compareAndSet(State.RUNNING, State.DONE)) {
      Wakeups.unpark(caller);
    } else if (thrown == null) {
      scope.discarded().discardNow(result);
    } else if (!Failures.isConsequence(thrown)) {
      Throwables.report(Thread.currentThread(), thrown);
    }
  }

  private void work(ScopeImpl scope) {
    try {
      result = body.run(scope);
    } catch (Throwable t) {
      thrown = t;
    }
  }

  /** Not an InterruptedException: the caller was not interrupted. */
  private static Throwable cutOff(Cancellation why, Throwable echo) {
    ScopeCancelledException out = why.exception();
    var late = new Failures();
    late.addLate(echo);
    late.suppressOn(out);
    return out;
  }

  /** Ends the command without running the code. */
  void refuse() {
    if (state.compareAndSet(State.WAITING, State.REFUSED)) {
      Wakeups.unpark(caller);
    }
  }

  /**
   * Withdraws the code, unless it has begun.
   *
   * @param why what the caller throws instead of the result
   */
  void abandon(ScopeImpl scope, Throwable why) {
    if (!state.compareAndSet(State.WAITING, State.ABANDONED)
        && !state.compareAndSet(State.RUNNING, State.ABANDONED)
        && state.get() == State.DONE) {
      if (thrown == null) {
        scope.discarded().discardNow(result);
      } else {
        Throwables.suppress(why, thrown);
      }
    }
  }

  /** {@return the value; throws the exception of the code, or the reason why it did not run} */
  @Nullable Object result(RootThread root) {
    if (state.get() == State.REFUSED) {
      throw root.refusal();
    }
    if (thrown != null) {
      throw Throwables.<RuntimeException>sneaky(thrown);
    }
    return result;
  }
}
