package dev.holdfast;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** A task of a scope, on a thread of its own. */
abstract class Child extends Strand implements Callable<@Nullable Void> {

  final ScopeFrame scope;

  /** The name it was given, or null for one made of the scope's name and the number. */
  private final @Nullable String name;

  private final int number;
  private final long startedNanos = System.nanoTime();
  private final @Nullable Object context = ThreadContext.capture();

  // Its place among the scope's children; set by the owner before anybody sees it.
  private @Nullable Child @Nullable [] slots;
  private int slot;

  /** Set by its own thread, last of all. */
  private volatile boolean ended;

  /** Set by the housekeeper once it has been reported as not stopping. */
  boolean reported;

  Child(ScopeFrame scope, @Nullable String name, int number) {
    super(null);
    this.scope = scope;
    this.name = name;
    this.number = number;
  }

  /** Does the work; what it throws is the task's failure. */
  abstract @Nullable Object work() throws Throwable;

  /** Keeps how the task ended and tells those who wait for it, before the scope hears of it. */
  void conclude(Fork.State state, @Nullable Object result, @Nullable Throwable thrown) {}

  /**
   * Passes on what the task threw.
   *
   * @param late whether it was cancelled before it threw
   */
  void failed(Throwable thrown, boolean late) {
    if (late) {
      scope.failedLate(thrown);
    } else {
      scope.failed(this, thrown);
    }
  }

  /** Runs on the task's own thread; never throws, the JDK's scope must not see failures. */
  @Override
  public final @Nullable Void call() {
    bind();
    try {
      Object result = null;
      Throwable thrown = null;
      if (verdict() == null) {
        try {
          result = context == null ? work() : ThreadContext.call(context, this);
        } catch (Throwable t) {
          thrown = t;
        }
      }
      finish(result, thrown);
    } catch (Throwable bug) {
      Failures.report(Thread.currentThread(), bug);
    } finally {
      unbind();
      leave();
    }
    return null;
  }

  private void finish(@Nullable Object result, @Nullable Throwable thrown) {
    boolean inTime = decide(Cancellation.COMPLETED);
    if (!inTime) {
      conclude(Fork.State.CANCELLED, null, thrown);
    } else {
      conclude(thrown == null ? Fork.State.SUCCESS : Fork.State.FAILED, result, thrown);
    }
    if (thrown != null) {
      failed(thrown, !inTime);
    }
  }

  /** Ends a task whose thread was never started. */
  final void neverStarted() {
    Cancellation why = scope.cancellation();
    decide(why == null ? Cancellation.explicit(label(), "it could not be started") : why);
    conclude(Fork.State.CANCELLED, null, null);
    leave();
  }

  private void leave() {
    ended = true;
    stopNagging();
    if (slots != null) {
      Children.remove(slots, slot);
    }
    scope.childEnded();
  }

  final void settle(@Nullable Child[] slots, int slot) {
    this.slots = slots;
    this.slot = slot;
  }

  final String name() {
    return name == null ? scope.name() + "/" + number : name;
  }

  /** {@return what its thread is called: nothing where nobody gave a name, names cost memory} */
  final String threadName() {
    return name == null && !scope.isNamed() ? "" : name();
  }

  final boolean hasOwnName() {
    return name != null;
  }

  final long ageNanos() {
    return System.nanoTime() - startedNanos;
  }

  @Override
  Deadline deadline() {
    return scope.deadline();
  }

  @Override
  String label() {
    return "Task '" + name() + "'";
  }

  @Override
  final boolean hasEnded() {
    return ended;
  }
}
