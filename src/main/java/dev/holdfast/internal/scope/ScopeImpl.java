package dev.holdfast.internal.scope;

import dev.holdfast.Action;
import dev.holdfast.Task;
import dev.holdfast.TaskFunction;
import dev.holdfast.channel.Channel;
import dev.holdfast.inspect.Snapshot.State;
import dev.holdfast.inspect.WaitInfo;
import dev.holdfast.internal.cancel.Access;
import dev.holdfast.internal.cancel.Blocker;
import dev.holdfast.internal.cancel.BlockingCall;
import dev.holdfast.internal.cancel.CancelActions;
import dev.holdfast.internal.cancel.CancelScope;
import dev.holdfast.internal.cancel.Cancellation;
import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.internal.clock.Simulator;
import dev.holdfast.internal.scheduling.Wakeups;
import dev.holdfast.internal.scope.Settings.Policy;
import dev.holdfast.internal.util.ScopeNames;
import dev.holdfast.internal.util.StackProbe;
import dev.holdfast.internal.util.Throwables;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The life of one scope: its body on the owner's thread, its tasks, and how they end together. */
public final class ScopeImpl extends ScopeBase implements Blocker {

  /*
   * A scope is decided once (see CancelScope.decision): it is COMPLETED, or it is cancelled by the
   * first of a failure, its deadline, an interrupt of the owner, a call of cancel, or the
   * cancellation of the enclosing scope. Failures after that are kept in `failures`.
   *
   * The thread on which the last piece of work ends decides COMPLETED: the owner, if it leaves the
   * body after the last task has ended, otherwise the thread of the last task. Both first publish
   * their own end (`state` and `ended`) and then read the other's, so one of them sees both. A
   * deadline that passes later, while the owner still waits for a processor, finds the result ready
   * (law 9).
   *
   * The owner enters the states in turn: RUNNING; ENDING, in which it waits for tasks; CLOSING, in
   * which it closes resources and no cancellation interrupts it; ENDED. From ENDING on the owner
   * waits inside Holdfast, and Holdfast does not interrupt it. The JDK's scope is closed, and so
   * every thread has ended, before CLOSING begins (law 1).
   */

  private static final long NEVER = Long.MAX_VALUE;

  private static final VarHandle STATE;
  private static final VarHandle ENDED_COUNT;
  private static final VarHandle WAKE_AT;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      STATE = lookup.findVarHandle(ScopeImpl.class, "state", State.class);
      WAKE_AT = lookup.findVarHandle(ScopeImpl.class, "wakeAt", long.class);
      ENDED_COUNT = lookup.findVarHandle(ScopeImpl.class, "ended", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final TaskSet tasks = new TaskSet();
  private final ScopeParts parts = new ScopeParts(this);
  private final ScopeEnding ending;

  // Owner only, except `forked`, which tasks read once the state is ENDING.
  private final ScopeThreads threads;
  private final @Nullable DeadlineAlarm deadlineAlarm;
  private long forked;

  // Any thread.
  private volatile State state;
  private volatile long ended;
  private volatile long wakeAt;

  @SuppressWarnings("NullAway.Init") // of the state, through its handle
  private ScopeImpl(Settings settings, Policy policy, String name, ThreadScope threadScope) {
    super(settings, policy, name, threadScope);
    STATE.set(this, State.RUNNING); // not volatile: no other thread can see this object yet
    WAKE_AT.set(this, NEVER);
    this.deadlineAlarm = hasOwnDeadline() ? DeadlineAlarm.of(this) : null;
    this.threads = new ScopeThreads(this, tasks);
    this.ending = new ScopeEnding(this, threads, parts);
  }

  /**
   * Opens a scope on the current thread; {@link #end} must follow. If it throws, even when out of
   * memory, nothing stays open.
   *
   * @param code the code that runs in it, to name a scope without a name
   */
  public static ScopeImpl open(Settings settings, Policy policy, Object code)
      throws InterruptedException {
    ThreadScope threadScope = ThreadScope.enter();
    StackProbe.ensureRoom(threadScope.top().depth);
    threadScope.top().checkpoint();
    Simulator.point("open a scope", settings.name());
    String given = settings.name();
    var scope =
        new ScopeImpl(settings, policy, given == null ? ScopeNames.of(code) : given, threadScope);
    boolean opened = false;
    try {
      // The body of a combinator runs only Holdfast's code, except for the source of the items.
      threadScope.push(scope, policy != Policy.BLOCK);
      scope.threads.open();
      Wakeups.checkpoint(scope.openedNanos());
      scope.begin();
      if (scope.isCounted()) {
        scope.counters.opened.increment();
      }
      opened = true;
    } finally {
      if (!opened) {
        try {
          scope.stop();
        } finally {
          threadScope.pop(scope, null);
          scope.threads.abandon();
        }
      }
    }
    return scope;
  }

  private void begin() {
    // The enclosing scope may have been cancelled before the push of this one.
    Cancellation pending = outer.pending();
    if (pending != null) {
      cancel(pending.inherited());
    }
    if (deadlineAlarm != null) {
      deadlineAlarm.start(this);
    }
  }

  private void stop() {
    state = State.ENDED;
    if (deadlineAlarm != null) {
      deadlineAlarm.stop(this);
    }
    stopInterrupting();
  }

  /** Waits until the limit allows another task. */
  public void awaitSlot(int limit) throws InterruptedException {
    if (limit > 0 && forked - ended >= limit) {
      awaitEnded(
          forked - limit + 1,
          0,
          new Blocker.Of(WaitInfo.Operation.LIMIT, this, "a free place among " + limit));
    }
  }

  /** Waits for the tasks forked so far. Owner only. */
  public void join() throws InterruptedException {
    Access.requireOwner(this, "join all forks", "A task can join a single Fork");
    if (ended == forked) {
      threadScope.top().checkpoint();
    } else {
      awaitEnded(
          forked, 0, new Blocker.Of(WaitInfo.Operation.JOIN, this, "the tasks of " + label()));
    }
  }

  /** {@return false if the time passed before that many tasks had ended} */
  public boolean awaitEnded(long count, long nanos, Object blocker) throws InterruptedException {
    threads.endUnstarted();
    wakeAt = count;
    try {
      return threadScope.await(() -> ended >= count, nanos, blocker);
    } finally {
      wakeAt = NEVER;
    }
  }

  public int nextNumber() {
    return (int) forked + 1;
  }

  public int forked() {
    return (int) forked;
  }

  public int ended() {
    return (int) ended;
  }

  /** Starts a fork, unless the scope was cancelled; in either case it will end. */
  public void start(ScopeTask task) {
    Simulator.point("start", task);
    Wakeups.checkpoint(task.startedNanos());
    forked++;
    countStart();
    threads.start(task);
  }

  /** Ends the tasks that could not be started, before another is started. Owner only. */
  public void endUnstarted() {
    if (threads.hasUnstarted()) {
      StackProbe.ensureRoom();
      threads.endUnstarted();
    }
  }

  /** Starts a task that is not a fork and that the caller has already counted. */
  public void startBackground(ScopeTask task) {
    Simulator.point("start", task);
    if (task.isCounted()) {
      countStart();
    }
    threads.start(task);
  }

  /** {@return how many tasks have not ended} */
  int live() {
    return (int) (forked - ended) + parts.running();
  }

  /** Ends a task instead of starting it. */
  public void refuse(ScopeTask task, Cancellation why) {
    forked++;
    countStart();
    task.neverStarted(why);
  }

  void taskEnded() {
    long now = (long) ENDED_COUNT.getAndAdd(this, 1L) + 1;
    completeIfLast();
    if (now >= wakeAt) {
      Wakeups.unpark(threadScope.thread());
    }
  }

  void completeIfLast() {
    if (state == State.ENDING && live() == 0) {
      decide(Cancellation.COMPLETED);
    }
  }

  /** Called when a task that is not a fork has ended. */
  public void backgroundEnded() {
    completeIfLast();
    Wakeups.unpark(threadScope.thread());
  }

  /** Called when the executor has no task left, because the owner may wait for that. */
  public void executorIdle() {
    if (state == State.ENDING) {
      Wakeups.unpark(threadScope.thread());
    }
  }

  /**
   * Registers an action to run when the scope is cancelled; if it is cancelled already, runs the
   * action and throws.
   */
  public void onCancel(Action action) {
    Access.requireInside(this, isInside());
    Cancellation why = parts.cancelActionsMade().add(action);
    if (why != null) {
      throw why.exception();
    }
  }

  /** Makes a call that is cancelled by its own action and by no interrupt. */
  public <R extends @Nullable Object, X extends Exception> R blocking(
      Action cancel, Task<R, X> call) throws X, InterruptedException {
    Access.requireInside(this, isInside());
    return BlockingCall.call(cancel, call, closing::add);
  }

  @Override
  public @Nullable CancelActions cancelActions() {
    return parts.cancelActions();
  }

  /** {@return the channels; the first call creates them} */
  public Attachment channels(Function<ScopeImpl, Attachment> make) {
    return parts.channels(make);
  }

  /** {@return the workers; the first call creates them} */
  public Attachment workers(Function<ScopeImpl, Attachment> make) {
    return parts.workers(make);
  }

  CloseActions closeActions() {
    return parts.closeActionsMade();
  }

  /**
   * Opens a scope, runs the owner's code in it, and ends it. Between the opening and the try block
   * nothing is allocated: an OutOfMemoryError there would leave the scope open.
   */
  @SuppressWarnings("NullAway") // R says whether it may be null
  public static <R extends @Nullable Object> R call(
      Settings settings, Policy policy, Object code, TaskFunction<ScopeImpl, R, ?> body)
      throws InterruptedException {
    ScopeImpl scope = open(settings, policy, code);
    R result = null;
    Throwable thrown = null;
    try {
      result = body.apply(scope);
    } catch (Throwable t) {
      thrown = t;
    }
    scope.end(thrown);
    return result;
  }

  /**
   * Ends the scope: waits for its tasks, closes its resources, leaves it. Throws the exception of
   * the scope, declared or not; returns if the body's value may be returned.
   *
   * @param thrown what the body threw, or null
   */
  public void end(@Nullable Throwable thrown) {
    Throwable out = thrown;
    try {
      out = ending.run(thrown);
    } finally {
      try {
        stop();
        parts.release();
        if (isCounted()) {
          countEnd(forked);
        }
      } finally {
        threadScope.pop(this, out);
      }
    }
    if (unjoined != null) {
      unjoined.report();
    }
    if (out != null) {
      throw Throwables.<RuntimeException>sneaky(out);
    }
  }

  @Override
  public void cancel(String reason) {
    Simulator.point("cancel", this);
    super.cancel(reason);
    cancelledAround(Cancellation.explicit(label(), reason));
  }

  @Override
  public void ownerInterrupted(InterruptedException thrown) {
    if (state == State.RUNNING) {
      cancel(Cancellation.interrupt(this, thrown));
    }
  }

  @Override
  public void cancelledAround(Cancellation why) {
    ending.cancelled(why);
  }

  /** Waits for the forks while the scope ends. */
  void awaitForks() {
    if (ended < forked && !ending.awaitAllThreads()) {
      wakeAt = forked;
      park(() -> ended >= forked);
      wakeAt = NEVER;
    }
  }

  /**
   * While the scope ends, waits for a condition that the end of a producer or consumer makes true.
   */
  public void park(BooleanSupplier condition) {
    ending.park(condition);
  }

  @Override
  public String running() {
    CancelActions actions = parts.cancelActions();
    if (actions != null && actions.isRunning()) {
      return "an onCancel action of " + label() + ", it is";
    }
    return isInBody() ? "the body of " + label() + ", it is" : "";
  }

  @Override
  public @Nullable Thread runner() {
    CancelActions actions = parts.cancelActions();
    Thread runner = actions == null ? null : actions.runner();
    return runner == null ? super.runner() : runner;
  }

  @Override
  public void forEachBelow(Consumer<CancelScope> action) {
    super.forEachBelow(action);
    tasks.forEach(action);
  }

  @Override
  public WaitInfo.Operation operation() {
    return WaitInfo.Operation.END;
  }

  @Override
  public String on() {
    return "the end of its tasks";
  }

  @Override
  public List<Object> objects() {
    return List.of(this);
  }

  /** Registers code that the cancelling thread runs, perhaps several times. It must never block. */
  public void whenCancelled(Runnable hook) {
    parts.cancelHook = hook;
    if (cancellation() != null) {
      hook.run();
    }
  }

  @Override
  public void onCancelled() {
    Runnable hook = parts.cancelHook;
    if (hook != null) {
      hook.run();
    }
    CancelActions actions = parts.cancelActions();
    if (actions != null) {
      actions.start();
    }
  }

  public State state() {
    return state;
  }

  /** Enters the next state. Owner only. */
  void enter(State next) {
    state = next;
  }

  /** Passes the tasks that have not ended to {@code action}. */
  public void forEachTask(Consumer<? super ScopeTask> action) {
    tasks.forEach(action);
  }

  /** {@return how many timers are set in it} */
  public int timers() {
    return parts.timers();
  }

  /** {@return the types of the resources it will close} */
  public List<String> resources() {
    return parts.resources();
  }

  /** {@return the channels that were opened in it and have not ended} */
  public List<Channel<?>> channels() {
    return parts.openChannels();
  }

  ScopeEnding ending() {
    return ending;
  }

  /** {@return whether the body runs user code at this moment} */
  boolean isInBody() {
    return state == State.RUNNING && policy == Policy.BLOCK;
  }

  /** {@return whether the current thread runs in this scope or below it} */
  public boolean isInside() {
    CancelScope current = ThreadScope.currentScope();
    while (current != null && current != this) {
      current = current.parent();
    }
    return current == this;
  }

  @Override
  public boolean isClosing() {
    return state.compareTo(State.CLOSING) >= 0;
  }

  @Override
  public boolean hasEnded() {
    return state == State.ENDED;
  }
}
