package dev.holdfast.internal.scope;

import dev.holdfast.Deadline;
import dev.holdfast.inspect.Snapshot;
import dev.holdfast.internal.cancel.CancelScope;
import dev.holdfast.internal.cancel.Cancellation;
import dev.holdfast.internal.cancel.Interrupter;
import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.internal.clock.Clock;
import dev.holdfast.internal.clock.CurrentScope;
import dev.holdfast.internal.clock.Simulator;
import dev.holdfast.internal.telemetry.JfrEvents;
import dev.holdfast.internal.telemetry.ScopeCounters;
import dev.holdfast.internal.util.ForkSites;
import dev.holdfast.internal.util.Printable;
import dev.holdfast.internal.util.ThreadContext;
import dev.holdfast.internal.util.Throwables;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** A task of a scope, on a thread of its own. */
public abstract class ScopeTask extends ThreadScope implements Callable<@Nullable Void> {

  private static final VarHandle ENDED;

  static {
    try {
      ENDED = MethodHandles.lookup().findVarHandle(ScopeTask.class, "ended", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** The state of a task. */
  public enum State {
    RUNNING,
    SUCCESS,
    FAILED,
    CANCELLED
  }

  public final ScopeImpl scope;

  /** The name that the user gave; null if the task has the scope's name with a number. */
  private final @Nullable String name;

  private final int number;

  /** The next task that could not be started. Owner only. */
  @Nullable ScopeTask nextUnstarted;

  /** Written by its own thread; other threads may read a stale value. */
  private long startedNanos;

  private final List<StackTraceElement> site = ForkSites.here();

  private @Nullable Object context;

  /**
   * Written by the task's own thread. Other threads read it for a snapshot, or when that thread has
   * ended.
   */
  private boolean begun;

  // Its index among the scope's children; set by the owner before the task is published.
  private @Nullable ScopeTask @Nullable [] slots;
  private int slot;

  /** Set by its own thread, last of all. Pairs with Interrupter.start; see {@link #leave}. */
  private volatile boolean ended;

  /** Creates a task that runs with the thread-locals of the current thread. */
  public ScopeTask(ScopeImpl scope, @Nullable String name, int number) {
    this(scope, name, number, ThreadContext.capture(), Clock.nanoTime());
  }

  /** Creates a task that runs with the given thread-locals. */
  public ScopeTask(ScopeImpl scope, @Nullable String name, int number, @Nullable Object context) {
    this(scope, name, number, context, Clock.nanoTime());
  }

  /**
   * Creates a task that runs with the given thread-locals.
   *
   * @param nanos the time, or a slightly earlier one
   */
  public ScopeTask(
      ScopeImpl scope, @Nullable String name, int number, @Nullable Object context, long nanos) {
    super(null);
    this.startedNanos = nanos;
    this.scope = scope;
    this.name = name;
    this.number = number;
    this.context = context;
  }

  /** {@return whether there is work left; if not, the thread of the task ends at once} */
  public boolean isNeeded() {
    return true;
  }

  /** Does the work; an exception that it throws is the task's failure. */
  public abstract @Nullable Object work() throws Throwable;

  /**
   * Publishes the outcome of the task and wakes the threads that wait for it, before the scope
   * handles a failure.
   *
   * @param elapsedNanos the age of the task
   */
  public void conclude(
      State state, @Nullable Object result, @Nullable Throwable thrown, long elapsedNanos) {}

  /**
   * Decides whether a failure of the task cancels the scope.
   *
   * @return the cancellation of the scope for the caller to carry out, or null
   */
  public @Nullable Interrupter failing(Throwable thrown) {
    return scope.failing(this, thrown);
  }

  /** Handles the failure, and carries out the cancellation that {@link #failing} decided. */
  public void failed(Throwable thrown, @Nullable Interrupter interrupter) {
    scope.failed(this, thrown, interrupter);
  }

  /** Handles an exception that the task threw after it was cancelled. */
  public void failedLate(Throwable thrown) {
    scope.failedLate(thrown);
  }

  /**
   * Runs once, on the task's own thread. Never throws, because the JDK's scope must not see
   * failures. A thread factory may drop the task or run it on another thread; ScopeThreads then
   * detects that it never ran.
   */
  @Override
  public final @Nullable Void call() {
    if (Thread.currentThread() != thread() || begun) {
      return null;
    }
    begun = true;
    Simulator.begin();
    boolean bound = false;
    try {
      Object event = null;
      Object result = null;
      Throwable thrown = null;
      try {
        bound = isNeeded();
        if (bound) {
          bind();
          event = JfrEvents.beginTask();
        }
        if (bound && decision() == null) {
          Object carried = context;
          result = carried == null ? work() : ThreadContext.call(carried, this::work);
          Simulator.point("return from", this);
        }
      } catch (Throwable t) {
        thrown = t; // even when out of memory before the work begins
      }
      State state = finish(result, thrown, bound);
      if (event != null) {
        JfrEvents.endTask(event, this::place, this::name, scope::name, state.name());
      }
    } catch (Throwable bug) {
      Throwables.report(Thread.currentThread(), bug);
    } finally {
      unbind();
      leave();
      Simulator.end();
    }
    return null;
  }

  /** Ends a task whose fork has thrown, unless a started thread will still run it. */
  final void endIfUnstarted(@Nullable Cancellation why) {
    Thread made = thread();
    if (made == null || made.getState() == Thread.State.NEW || hasDroppedIt(made)) {
      neverStarted(why);
    }
  }

  /**
   * Fails a task whose thread has ended without running it, which a broken thread factory can
   * cause.
   */
  final void failIfThreadHasEnded() {
    Thread made = thread();
    if (made != null && hasDroppedIt(made)) {
      // Outside the block: if there is no memory for it, the next check tries again.
      var dropped =
          new RejectedExecutionException(
              label()
                  + " was not run: the thread that the thread factory created for it ended"
                  + " without running it");
      try {
        finish(null, dropped, true);
      } finally {
        leave();
      }
    }
  }

  private CurrentScope.Place place() {
    List<StackTraceElement> forked = forkSite();
    return new CurrentScope.Place(
        scope.recordedId(),
        scope.recordedParent(),
        forked.isEmpty() ? "" : forked.getFirst().toString());
  }

  private boolean hasDroppedIt(Thread made) {
    return made.getState() == Thread.State.TERMINATED && !begun;
  }

  private State finish(@Nullable Object result, @Nullable Throwable thrown, boolean worked) {
    boolean inTime = decide(Cancellation.COMPLETED);
    State state = !inTime ? State.CANCELLED : thrown == null ? State.SUCCESS : State.FAILED;
    long elapsed = worked ? ageNanos() : 0;
    count(state, elapsed); // before any other thread can see the outcome
    if (thrown == null) {
      try {
        conclude(state, result, null, elapsed);
        if (!inTime) {
          scope.discarded().add(result);
        }
      } catch (OutOfMemoryError e) { // the scope must not return without the result
        scope.failed(this, e, scope.failing(this, e));
      }
    } else if (inTime) {
      // Decides the cancellation before publishing the outcome, so that a thread that joins this
      // task and rethrows its exception does not count as the first failure. Carries it out
      // afterwards, so that the joining thread gets the exception before its cancellation.
      Interrupter interrupter = failingSurely(thrown);
      try {
        conclude(state, null, thrown, elapsed);
      } finally { // even when out of memory
        failed(thrown, interrupter);
      }
    } else {
      try {
        conclude(state, null, thrown, elapsed);
      } finally {
        failedLate(thrown);
      }
    }
    return state;
  }

  /**
   * Decides the effect of the failure, and retries when out of memory, because no failure may be
   * lost.
   */
  private @Nullable Interrupter failingSurely(Throwable thrown) {
    for (int waits = 0; ; ) {
      try {
        return failing(thrown);
      } catch (OutOfMemoryError e) {
        waits = scope.awaitMemory(waits);
      }
    }
  }

  private void count(State state, long elapsed) {
    if (isCounted()) {
      try {
        ScopeCounters counters = scope.counters();
        counters.taskNanos.add(elapsed);
        switch (state) {
          case SUCCESS -> counters.succeeded.increment();
          case FAILED -> counters.failed.increment();
          case CANCELLED, RUNNING -> counters.cancelled.increment();
        }
      } catch (OutOfMemoryError e) {
        // loses a count, but the outcome must still be published
      }
    }
  }

  /** {@return whether it runs user code; counters and snapshots include only such tasks} */
  public boolean isCounted() {
    return true;
  }

  /** Ends a task that never ran. */
  final void neverStarted(@Nullable Cancellation why) {
    try {
      decide(why == null ? Cancellation.explicit(label(), "it could not be started") : why);
      long elapsed = ageNanos();
      count(State.CANCELLED, elapsed);
      conclude(State.CANCELLED, null, null, elapsed);
    } finally { // even when out of memory
      leave();
    }
  }

  private void leave() {
    ENDED.setRelease(this, true);
    forgetThread();
    context = null;
    if (slots != null) {
      TaskSet.remove(slots, slot);
    }
    left(); // changes a count atomically, which orders the write of `ended` before the next read
    stopInterrupting();
  }

  /** Informs the scope that the task has ended. */
  public void left() {
    scope.taskEnded();
  }

  final void settle(@Nullable ScopeTask[] slots, int slot) {
    this.slots = slots;
    this.slot = slot;
  }

  @Override
  public final String name() {
    return name(number());
  }

  private String name(int number) {
    return name == null ? scope.name() + "/" + number : name;
  }

  /**
   * {@return the name of its thread; empty unless the user has named the task, because names cost
   * memory}
   */
  final String threadName() {
    return name == null && !scope.isNamed() ? "" : name();
  }

  /** {@return the number of the task, or of its current item} */
  public int number() {
    return number;
  }

  /** Restarts the age, because another item has begun. */
  public final void restart() {
    long now = Clock.nanoTime();
    if (isCounted()) {
      scope.counters().taskNanos.add(now - startedNanos);
    }
    startedNanos = now;
  }

  /** {@return whether snapshots show the task, or in its place the tasks inside it} */
  public boolean isShown() {
    return true;
  }

  /** {@return whether it runs no user code at the moment} */
  public boolean isIdle() {
    return false;
  }

  public final boolean hasBegun() {
    return begun;
  }

  @Override
  public final List<StackTraceElement> forkSite() {
    return site;
  }

  final boolean hasOwnName() {
    return name != null;
  }

  final long startedNanos() {
    return startedNanos;
  }

  public final long ageNanos() {
    return Clock.nanoTime() - startedNanos;
  }

  @Override
  public final CancelScope parent() {
    return scope;
  }

  @Override
  public Deadline deadline() {
    return scope.deadline();
  }

  @Override
  public String label() {
    return label(name());
  }

  private static String label(String name) {
    return "Task '" + Printable.of(name) + "'";
  }

  /** {@return a label that stays the same when the task takes another item} */
  final String threadLabel() {
    return number() == number ? label() : label(name(number));
  }

  @Override
  public final long graceNanos() {
    return scope.graceNanos();
  }

  /** {@return its kind in snapshots} */
  public Snapshot.Kind kind() {
    return Snapshot.Kind.TASK;
  }

  /** {@return the beginning of a sentence that reports its failure} */
  public String described() {
    return "task '" + Printable.of(name()) + "'";
  }

  @Override
  public final boolean isTask() {
    return true;
  }

  @Override
  public final @Nullable CancelScope userScope() {
    return scope.userScope();
  }

  @Override
  public final String running() {
    return ended || isIdle() ? "" : label() + " of " + scope.label() + ", it is";
  }

  @Override
  public final boolean hasEnded() {
    return ended;
  }
}
