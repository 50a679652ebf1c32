package dev.holdfast.internal.scope;

import dev.holdfast.Action;
import dev.holdfast.Deadline;
import dev.holdfast.Task;
import dev.holdfast.channel.Channel;
import dev.holdfast.inspect.Snapshot;
import dev.holdfast.inspect.WaitInfo;
import dev.holdfast.internal.cancel.Access;
import dev.holdfast.internal.cancel.Blocker;
import dev.holdfast.internal.cancel.BlockingCall;
import dev.holdfast.internal.cancel.CancelActions;
import dev.holdfast.internal.cancel.CancelScope;
import dev.holdfast.internal.cancel.Cancellation;
import dev.holdfast.internal.cancel.Cancellation.Kind;
import dev.holdfast.internal.cancel.ClosingScope;
import dev.holdfast.internal.cancel.Failures;
import dev.holdfast.internal.cancel.Interrupter;
import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.internal.scheduling.Wakeups;
import dev.holdfast.internal.telemetry.CounterRegistry;
import dev.holdfast.internal.telemetry.JfrEvents;
import dev.holdfast.internal.telemetry.ScopeCounters;
import dev.holdfast.internal.timer.TimerThread;
import dev.holdfast.internal.util.ScopeNames;
import dev.holdfast.internal.util.StackProbe;
import dev.holdfast.internal.util.Throwables;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The life of one scope: its body on the owner's thread, its tasks, and how they end together. */
public final class ScopeImpl extends CancelScope implements Blocker {

  /*
   * A scope is decided once (Frame.verdict): it has COMPLETED, or was cancelled by the first of a
   * failure, its deadline, an interrupt of the owner, a call, or the frame around it. Whatever comes
   * second finds it decided and is kept in `failures`.
   *
   * COMPLETED is decided by whoever sees the last piece of work end: the owner coming out of the
   * body after the last task, or the last task after the body. Both first publish their own end and
   * then look for the other's (phase against ended), so one of them sees both. A deadline that
   * passes later, while the owner is still on its way to its processor, finds the result ready.
   *
   * The phases, all entered by the owner: BODY, ENDING (waits for tasks), CLOSING (resources; no
   * cancellation disturbs it), ENDED. From ENDING on the owner waits inside Holdfast and gets no
   * interrupt of ours. The JDK's scope is closed, so every thread gone, before CLOSING begins.
   */

  private static final int BODY = 0;
  private static final int ENDING = 1;
  private static final int CLOSING = 2;
  private static final int ENDED = 3;

  private static final long NEVER = Long.MAX_VALUE;

  private static final VarHandle ENDED_COUNT;
  private static final VarHandle CHANNELS;
  private static final VarHandle CLOSE_ACTIONS;
  private static final VarHandle CANCEL_ACTIONS;
  private static final VarHandle WORKERS;

  static {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      ENDED_COUNT = lookup.findVarHandle(ScopeImpl.class, "ended", long.class);
      CHANNELS = lookup.findVarHandle(ScopeImpl.class, "channels", Attachment.class);
      CLOSE_ACTIONS = lookup.findVarHandle(ScopeImpl.class, "closeActions", CloseActions.class);
      CANCEL_ACTIONS = lookup.findVarHandle(ScopeImpl.class, "cancelActions", CancelActions.class);
      WORKERS = lookup.findVarHandle(ScopeImpl.class, "workers", Attachment.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Settings settings;
  private final Policy policy;
  private final String name;
  private final ThreadScope threadScope;
  private final CancelScope outer;
  private final long openedNanos = System.nanoTime();
  private final ScopeCounters counters;
  private final @Nullable Object event = JfrEvents.beginScope();
  private final Deadline deadline;
  private final Failures failures = new Failures();

  /** What resources and onCancel actions threw: never the echo of a cancellation. */
  private final Failures closing = new Failures();

  private final TaskSet tasks = new TaskSet();

  // Owner only, but for forked, which tasks read once the phase is ENDING.
  private final ScopeThreads threads;
  private final @Nullable DeadlineAlarm deadlineAlarm;
  private long forked;
  private @Nullable ClosingScope cutOff;
  private boolean interruptedToClose;

  // Any thread.
  private volatile int phase = BODY;
  private volatile long ended;
  private volatile long wakeAt = NEVER;
  private volatile @Nullable Attachment channels;
  private volatile @Nullable CloseActions closeActions;
  private volatile @Nullable CancelActions cancelActions;
  private volatile @Nullable ClosingScope closingNow;
  private volatile @Nullable Runnable cancelHook;
  private volatile @Nullable Attachment workers;
  private final @Nullable UnjoinedFailures unjoined;

  private ScopeImpl(Settings settings, Policy policy, String name, ThreadScope threadScope) {
    super(threadScope.top().depth + 1);
    this.settings = settings;
    this.policy = policy;
    this.name = name;
    this.threadScope = threadScope;
    this.outer = threadScope.top();
    Deadline around = outer.deadline();
    Deadline own = settings.startDeadline();
    this.deadline = own.earliest(around);
    ScopeCounters hosted = outer.hostedCounters();
    this.counters = hosted == null ? CounterRegistry.ALL.of(settings.name()) : hosted;
    this.deadlineAlarm = own != Deadline.NONE && deadline == own ? new DeadlineAlarm(this) : null;
    this.unjoined = settings.isolated() ? new UnjoinedFailures() : null;
    this.threads = new ScopeThreads(this, tasks);
  }

  /**
   * Opens a scope on the current thread; {@link #end} must follow.
   *
   * @param code what runs in it, for the name of a scope without one
   */
  public static ScopeImpl open(Settings settings, Policy policy, Object code)
      throws InterruptedException {
    ThreadScope threadScope = ThreadScope.enter();
    StackProbe.ensureRoom(threadScope.top().depth);
    threadScope.top().checkpoint();
    String given = settings.name();
    var scope =
        new ScopeImpl(settings, policy, given == null ? ScopeNames.of(code) : given, threadScope);
    boolean opened = false;
    try {
      threadScope.push(scope);
      Wakeups.checkpoint(scope.openedNanos);
      if (policy != Policy.BLOCK) {
        threadScope.beginWait(scope); // its body is Holdfast's own code, but for the source
      }
      scope.begin();
      if (scope.isCounted()) {
        scope.counters.opened.increment();
      }
      opened = true;
    } finally {
      if (!opened) {
        scope.phase = ENDED;
        threadScope.pop(scope, null);
        scope.threads.abandon();
      }
    }
    return scope;
  }

  private void begin() {
    // The frame around may have been cancelled before it knew of this one.
    Cancellation pending = outer.pending();
    if (pending != null) {
      cancel(pending.inherited());
    }
    if (deadlineAlarm != null) {
      if (deadline.isExpired()) {
        deadlineAlarm.expired();
      } else {
        TimerThread.set(deadlineAlarm, deadline.nanos());
      }
    }
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

  /** Waits for the tasks forked so far; for the owner. */
  public void join() throws InterruptedException {
    Access.requireOwner(this, "join all forks", "A task can join a single Fork");
    if (ended == forked) {
      threadScope.top().checkpoint();
    } else {
      awaitEnded(
          forked, 0, new Blocker.Of(WaitInfo.Operation.JOIN, this, "the tasks of " + label()));
    }
  }

  /** {@return false if the time was up before that many tasks had ended} */
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
    Wakeups.checkpoint(task.startedNanos());
    tasks.add(task, live());
    forked++;
    counters.started.increment();
    threads.start(task);
  }

  /** Ends the tasks for which there was no thread, before another is started; for the owner. */
  public void endUnstarted() {
    if (threads.hasUnstarted()) {
      StackProbe.ensureRoom();
      threads.endUnstarted();
    }
  }

  /** Starts a task that is not one of the forks, and has been counted by who starts it. */
  public void startBackground(ScopeTask task) {
    tasks.add(task, live());
    if (task.isCounted()) {
      counters.started.increment();
    }
    threads.start(task);
  }

  /** {@return how many tasks have not ended} */
  private int live() {
    Attachment open = channels;
    Attachment besides = workers;
    return (int) (forked - ended)
        + (open == null ? 0 : open.running())
        + (besides == null ? 0 : besides.running());
  }

  /** Ends a task instead of starting it. */
  public void refuse(ScopeTask task, Cancellation why) {
    tasks.add(task, live());
    forked++;
    counters.started.increment();
    task.neverStarted(why);
  }

  void taskEnded() {
    long now = (long) ENDED_COUNT.getAndAdd(this, 1L) + 1;
    completeIfLast();
    if (now >= wakeAt) {
      Wakeups.unpark(threadScope.thread());
    }
  }

  private void completeIfLast() {
    if (phase == ENDING && live() == 0) {
      decide(Cancellation.COMPLETED);
    }
  }

  /** Called when a task has ended that is not one of the forks. */
  public void backgroundEnded() {
    completeIfLast();
    Wakeups.unpark(threadScope.thread());
  }

  /** Called when nothing is left to do for the executor; the owner may wait for that. */
  public void executorIdle() {
    if (phase == ENDING) {
      Wakeups.unpark(threadScope.thread());
    }
  }

  public @Nullable Interrupter failing(ScopeTask task, Throwable thrown) {
    return unjoined == null
        ? beginCancel(Cancellation.failure(this, task.described(), thrown))
        : null;
  }

  public void failed(ScopeTask task, Throwable thrown, @Nullable Interrupter interrupter) {
    if (unjoined != null) {
      unjoined.add(task);
    } else if (interrupter == null) {
      failures.add(thrown);
    } else {
      endCancel(interrupter);
    }
  }

  public void failedLate(Throwable thrown) {
    failures.addLate(thrown);
  }

  public void failedToClose(Throwable thrown) {
    closing.add(thrown);
  }

  public Failures failures() {
    return failures;
  }

  /** Has an action run when this is cancelled; if it is already, runs it and throws. */
  public void onCancel(Action action) {
    Access.requireInside(this, isInside());
    CancelActions actions = cancelActions;
    if (actions == null) {
      var created = new CancelActions(this, closing::add);
      var witness = (CancelActions) CANCEL_ACTIONS.compareAndExchange(this, null, created);
      actions = witness == null ? created : witness;
    }
    Cancellation why = actions.add(action);
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
    return cancelActions;
  }

  /** {@return the channels, made by the first who asks for them} */
  public Attachment channels(Function<ScopeImpl, Attachment> make) {
    Attachment existing = channels;
    return existing == null ? attach(CHANNELS, make.apply(this)) : existing;
  }

  /** {@return the workers, made by the first who asks for them} */
  public Attachment workers(Function<ScopeImpl, Attachment> make) {
    Attachment existing = workers;
    return existing == null ? attach(WORKERS, make.apply(this)) : existing;
  }

  private Attachment attach(VarHandle place, Attachment created) {
    Attachment witness = (Attachment) place.compareAndExchange(this, null, created);
    return witness == null ? created : witness;
  }

  public CloseActions closeActions() {
    CloseActions existing = closeActions; // null again once the scope has ended
    if (existing != null) {
      return existing;
    }
    var created = new CloseActions();
    CloseActions witness = (CloseActions) CLOSE_ACTIONS.compareAndExchange(this, null, created);
    return witness == null ? created : witness;
  }

  /**
   * Ends the scope: waits for its tasks, closes its resources, leaves it. Throws what comes out of
   * the scope, declared or not; returns if the body's value may be returned.
   *
   * @param thrown what the body threw, or null
   */
  public void end(@Nullable Throwable thrown) {
    Throwable out = thrown;
    try {
      out = endAll(thrown);
    } finally {
      phase = ENDED;
      if (deadlineAlarm != null) {
        TimerThread.clear(deadlineAlarm);
      }
      closeActions = null;
      cancelHook = null;
      stopInterrupting();
      if (cancelActions != null) {
        cancelActions.close();
        cancelActions = null;
      }
      try {
        if (isCounted()) {
          count();
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

  /** {@return whether it is a scope of the user's, to be counted} */
  boolean isCounted() {
    return outer.hostedCounters() == null;
  }

  private void count() {
    Cancellation why = cancellation();
    if (why != null) {
      counters.cancelledScopes.increment();
      counters.closingNanos.add(System.nanoTime() - why.atNanos);
      if (why.kind == Kind.DEADLINE) {
        counters.timeouts.increment();
        JfrEvents.timedOut(name, deadline.span());
      }
    }
    counters.closed.increment();
    if (event != null) {
      JfrEvents.endScope(event, name, () -> why == null ? "completed" : why.reason(), forked());
    }
  }

  private @Nullable Throwable endAll(@Nullable Throwable thrown) {
    if (thrown instanceof InterruptedException e && isFromOutside(e)) {
      outsideInterrupt = true;
    }
    try {
      if (thrown != null) {
        cancel(
            thrown instanceof InterruptedException interrupt
                ? Cancellation.interrupt(this, interrupt)
                : Cancellation.body(this, thrown));
      }
    } finally {
      threadScope.beginWait(this);
      threads.endUnstarted();
      phase = ENDING;
      completeIfLast();
      awaitTasks();
      awaitThreads();
    }
    phase = CLOSING;
    outsideInterrupt |= Thread.interrupted();
    if (workers != null) {
      workers.close(closing);
    }
    Attachment open = channels;
    if (open != null) {
      close(() -> "its channels", () -> open.close(closing));
    }
    if (closeActions != null) {
      closeActions().close(this);
    }
    Throwable out = ScopeResult.of(this, thrown);
    Cancellation why = cancellation();
    if (out instanceof InterruptedException
        && (why != null ? why.kind == Kind.INTERRUPT : interruptedToClose)) {
      outsideInterrupt = false; // it stands for it
    }
    return out;
  }

  /** Runs what closes something; for the owner, while the scope closes. */
  void close(Supplier<String> what, Action action) {
    var region = new ClosingScope(this, what);
    closingNow = region;
    Cancellation why = cancellation();
    Cancellation around = outer.pending();
    if (why != null) {
      region.notice(why);
    } else if (around != null) {
      region.notice(around.inherited());
    } else if (deadlineAlarm != null && deadline.isExpired()) {
      region.notice(Cancellation.deadline(label(), deadline.span(), ""));
    }
    Throwable thrown = region.run(action);
    closingNow = null;
    boolean interrupted = Thread.interrupted();
    outsideInterrupt |= interrupted;
    if (interrupted && thrown instanceof InterruptedException) {
      interruptedToClose = true;
    } else if (region.cancellation() != null && thrown != null && Failures.isConsequence(thrown)) {
      cutOff = cutOff == null ? region : cutOff;
      closing.addLate(thrown);
    } else if (thrown != null) {
      closing.add(thrown);
    }
  }

  @Override
  public void cancel(String reason) {
    super.cancel(reason);
    cancelledAround(Cancellation.explicit(label(), reason));
  }

  @Override
  public void cancelledAround(Cancellation why) {
    ClosingScope region = closingNow;
    if (region != null) {
      region.notice(why);
    }
  }

  /** {@return the first resource whose closing was cut off by a cancellation, or null} */
  @Nullable ClosingScope cutOff() {
    return cutOff;
  }

  /** {@return whether an interrupt from outside has cut off the closing of a resource} */
  boolean isInterruptedToClose() {
    return interruptedToClose;
  }

  /**
   * Waits for the tasks. The JDK's scope could wait as well, but an interrupt would make it
   * interrupt the threads itself, in the middle of their shields and closing resources.
   */
  private void awaitTasks() {
    try {
      wakeAt = forked;
      park(() -> ended >= forked);
      wakeAt = NEVER;
      if (workers != null) {
        workers.stop();
      }
      if (channels != null) {
        channels.drain();
      }
      if (workers != null) {
        workers.finish();
      }
      park(() -> live() == 0);
    } catch (StackOverflowError e) {
      awaitWithoutParking(e);
    }
  }

  /** Waits, while the scope ends, for what producers and consumers bring about by ending. */
  public void park(BooleanSupplier condition) {
    boolean marked = false;
    while (!condition.getAsBoolean()) {
      if (!marked) {
        marked = true;
        threadScope.markWait(false);
      }
      LockSupport.park(this);
      if (Thread.interrupted()) {
        outsideInterrupt = true;
        cancel(Cancellation.interrupt(this, new InterruptedException()));
      }
    }
  }

  /** Leaves the JDK's scope when its threads, done with their tasks, have ended. */
  private void awaitThreads() {
    try {
      threads.close(live() == 0);
    } catch (InterruptedException e) {
      outsideInterrupt = true;
    } catch (RuntimeException structureViolation) {
      closing.add(structureViolation);
    }
    outsideInterrupt |= Thread.interrupted();
    outsideInterrupt |= threads.awaitPlatformThreads();
    if (cancelActions != null && cancellation() != null) {
      cancelActions.start();
      cancelActions.awaitEnd();
    }
  }

  /**
   * Waits where the stack is too deep for the thread to be parked (see StackProbe), with what is
   * left: spinning, and not for long. If the tasks do not end in that time, the scope of the JDK
   * stays open for the next one around it, or the end of the thread, to wait for them.
   */
  private void awaitWithoutParking(StackOverflowError e) {
    failures.add(e);
    cancel(Cancellation.body(this, e));
    long start = System.nanoTime();
    while (live() != 0 && System.nanoTime() - start < 1_000_000_000L) {
      Thread.onSpinWait();
    }
  }

  @Override
  public String running() {
    CancelActions actions = cancelActions;
    if (actions != null && actions.isRunning()) {
      return "an onCancel action of " + label() + ", it is";
    }
    return isInBody() ? "the body of " + label() + ", it is" : "";
  }

  @Override
  public @Nullable Thread runner() {
    CancelActions actions = cancelActions;
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

  /** Has code that never blocks run, perhaps several times, on the thread that cancels this. */
  public void whenCancelled(Runnable hook) {
    cancelHook = hook;
    if (cancellation() != null) {
      hook.run();
    }
  }

  @Override
  public void onCancelled() {
    Runnable hook = cancelHook;
    if (hook != null) {
      hook.run();
    }
    CancelActions actions = cancelActions;
    if (actions != null) {
      actions.start();
    }
  }

  @Override
  public ThreadScope threadScope() {
    return threadScope;
  }

  @Override
  public CancelScope outer() {
    return outer;
  }

  @Override
  public Deadline deadline() {
    return deadline;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public ScopeCounters counters() {
    return counters;
  }

  @Override
  public @Nullable CancelScope userScope() {
    return isCounted() ? this : super.userScope();
  }

  public long ageNanos() {
    return System.nanoTime() - openedNanos;
  }

  /** {@return how far it has come, for pictures} */
  public Snapshot.State state() {
    return switch (phase) {
      case BODY -> Snapshot.State.RUNNING;
      case ENDING -> Snapshot.State.ENDING;
      case CLOSING -> Snapshot.State.CLOSING;
      default -> Snapshot.State.ENDED;
    };
  }

  /** Passes the tasks that have not ended to {@code action}. */
  public void forEachTask(Consumer<? super ScopeTask> action) {
    tasks.forEach(action);
  }

  /** {@return how many timers are set in it} */
  public int timers() {
    Attachment besides = workers;
    return besides == null ? 0 : besides.timers();
  }

  /** {@return the types of the resources it will close} */
  public List<String> resources() {
    CloseActions atEnd = closeActions;
    return atEnd == null ? List.of() : atEnd.resources();
  }

  /** {@return the channels that were opened in it and have not ended} */
  public List<Channel<?>> channels() {
    Attachment open = channels;
    return open == null ? List.of() : open.channels();
  }

  Policy policy() {
    return policy;
  }

  public boolean isIsolated() {
    return unjoined != null;
  }

  /** {@return whether user code runs as its body} */
  boolean isInBody() {
    return phase == BODY && policy == Policy.BLOCK;
  }

  /** {@return what resources and onCancel actions threw} */
  Failures failuresToClose() {
    return closing;
  }

  boolean isNamed() {
    return settings.name() != null;
  }

  public Settings settings() {
    return settings;
  }

  @Override
  public String label() {
    return "Scope '" + name + "'";
  }

  @Override
  public long graceNanos() {
    return settings.grace().toNanos();
  }

  /** {@return whether the current thread runs in this scope or below it} */
  public boolean isInside() {
    CancelScope frame = ThreadScope.currentScope();
    while (frame != null && frame != this) {
      frame = frame.parent();
    }
    return frame == this;
  }

  @Override
  public boolean isClosing() {
    return phase >= CLOSING;
  }

  @Override
  public boolean hasEnded() {
    return phase == ENDED;
  }
}
