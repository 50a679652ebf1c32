package dev.holdfast.internal.background;

import dev.holdfast.channel.Channel;
import dev.holdfast.channel.ChannelClosedException;
import dev.holdfast.channel.ChannelSpec;
import dev.holdfast.inspect.WaitInfo;
import dev.holdfast.internal.cancel.Blocker;
import dev.holdfast.internal.cancel.CancelScope;
import dev.holdfast.internal.cancel.Interrupter;
import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.internal.cancel.WaitList;
import dev.holdfast.internal.scope.ScopeImpl;
import dev.holdfast.internal.scope.ScopeTask;
import dev.holdfast.internal.util.Checks;
import dev.holdfast.internal.util.ThreadContext;
import dev.holdfast.internal.util.Throwables;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** An executor whose threads are children of a scope. */
final class ScopeExecutor extends AbstractExecutorService {

  /*
   * Submitted tasks go into a channel, whose receivers are the runners. A runner that waits
   * receives a task at once. If none waits, the task stays in the channel, and the submitter wakes
   * the launcher: only the launcher may start a runner. A runner takes tasks until none is left, so
   * that the next task needs no new thread. Runners that find no task wait for one, up to MOST_IDLE
   * of them.
   *
   * `pending` counts the submitted tasks that have not ended. It is incremented before a task
   * enters the channel and decremented when the task has run, so at 0 no task is being submitted or
   * run.
   */

  /** The largest number of tasks that wait for a thread. */
  private static final int MOST_WAITING = 1 << 20;

  /** How many threads in a row may end without running their runner before the scope fails. */
  private static final int MOST_DROPPED = 10;

  /** The largest number of runners that wait for a task. */
  private static final int MOST_IDLE = 16;

  private final ScopeImpl scope;
  private final Launcher launcher;
  private final Channel<Runnable> tasks;
  private final AtomicLong pending = new AtomicLong();
  private final WaitList waiters = new WaitList();
  private volatile boolean terminated;

  /**
   * The runners that have not ended. The next two fields count those that have not begun and those
   * that wait.
   */
  private final AtomicInteger runners = new AtomicInteger();

  private final AtomicInteger starting = new AtomicInteger();
  private final AtomicInteger idle = new AtomicInteger();

  /** How many runners in a row have ended without beginning. */
  private final AtomicInteger dropped = new AtomicInteger();

  ScopeExecutor(ScopeImpl scope, Launcher launcher) {
    this.scope = scope;
    this.launcher = launcher;
    // The executor closes this channel; it has no owner.
    this.tasks = Channel.open(end -> {}, ChannelSpec.of(MOST_WAITING));
  }

  @Override
  public void execute(Runnable task) {
    Checks.given(task, "task");
    Object context = ThreadContext.capture();
    pending.incrementAndGet();
    boolean taken = false;
    try {
      taken = tasks.trySend(context == null ? task : new Carried(task, context));
    } catch (ChannelClosedException e) {
      throw new RejectedExecutionException(
          "The executor of "
              + scope.label()
              + (scope.hasEnded() ? " has ended with it" : " was shut down or ends with its scope")
              + "; it takes no more tasks");
    } finally {
      if (!taken) {
        finished();
      }
    }
    if (!taken) {
      throw new RejectedExecutionException(
          "The executor of "
              + scope.label()
              + " is full: "
              + MOST_WAITING
              + " tasks are waiting. Wait for some of them before you submit more.");
    }
    if (tasks.size() > 0) {
      launcher.wake();
    }
  }

  private void finished() {
    if (pending.decrementAndGet() == 0) {
      if (tasks.isClosed()) {
        terminate();
      }
      scope.executorIdle();
    }
  }

  private void terminate() {
    terminated = true;
    waiters.wake();
  }

  boolean isIdle() {
    return pending.get() == 0;
  }

  /** {@return whether no task waits for a thread and no more can be submitted} */
  boolean isDrained() {
    return tasks.isClosed() && tasks.size() == 0;
  }

  /** {@return whether a task waits for a thread and the limit allows another runner} */
  boolean wantsRunner() {
    int limit = scope.settings().limit();
    return tasks.size() > starting.get() && (limit == 0 || runners.get() < limit);
  }

  boolean hasRunners() {
    return runners.get() > 0;
  }

  ScopeTask newRunner(ScopeImpl inside, int number) {
    runners.incrementAndGet();
    starting.incrementAndGet();
    return new Runner(inside, number);
  }

  @Override
  public void shutdown() {
    tasks.close();
    if (pending.get() == 0) {
      terminate();
    }
    launcher.wake();
  }

  @Override
  public List<Runnable> shutdownNow() {
    shutdown();
    List<Runnable> left = drain();
    launcher.cancelRunners("shutdownNow was called");
    return left;
  }

  private List<Runnable> drain() {
    var waiting = new ArrayList<Runnable>();
    tasks.drainTo(waiting, Integer.MAX_VALUE);
    waiting.replaceAll(task -> task instanceof Carried carried ? carried.task : task);
    waiting.forEach(task -> finished());
    return waiting;
  }

  /**
   * Shuts the executor down when it can get no thread. Cancels the futures in the queue, because
   * callers would wait for them indefinitely.
   */
  void abort() {
    shutdown();
    for (Runnable task : drain()) {
      if (task instanceof Future<?> future) {
        try {
          future.cancel(true);
        } catch (Throwable t) { // thrown by a dependent of the future
          Throwables.report(Thread.currentThread(), t);
        }
      }
    }
  }

  @Override
  public boolean isShutdown() {
    return tasks.isClosed();
  }

  @Override
  public boolean isTerminated() {
    return terminated;
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    if (isTerminated()) {
      return true;
    }
    ThreadScope.checkpointCurrent();
    long nanos = unit.toNanos(timeout);
    return nanos > 0 && waiters.await(this::isTerminated, nanos, end());
  }

  private Blocker end() {
    return new Blocker.Of(WaitInfo.Operation.END, scope, "the tasks of an executor");
  }

  /**
   * Closes the executor like the JDK's method, but works in a cancelled task too. There the JDK's
   * method would loop forever, because {@link #awaitTermination} throws.
   */
  @Override
  public void close() {
    refuseInside();
    shutdown();
    if (isTerminated()) {
      return;
    }
    try {
      waiters.await(this::isTerminated, 0, end());
    } catch (InterruptedException e) {
      shutdownNow();
      waiters.awaitAnyway(this::isTerminated, 0, end());
      ThreadScope.enter().keepInterrupt();
    }
  }

  private void refuseInside() {
    for (CancelScope s = ThreadScope.currentScope(); s != null; s = s.parent()) {
      if (s instanceof Runner runner && runner.executor() == this) {
        throw new IllegalStateException(
            "The executor of "
                + scope.label()
                + " cannot be closed by one of its own tasks, because close waits for its tasks."
                + " Call shutdown() in the task, or close the executor elsewhere.");
      }
    }
  }

  /** {@return the scope and the state} */
  @Override
  public String toString() {
    return "Executor of "
        + scope.label()
        + ", "
        + pending
        + " tasks"
        + (isTerminated() ? ", terminated" : isShutdown() ? ", shut down" : "");
  }

  /** A task with the thread-locals of the thread that submitted it. */
  private record Carried(Runnable task, Object context) implements Runnable {

    @Override
    public void run() {
      ThreadContext.run(context, task);
    }
  }

  /** Runs one task after the other. */
  final class Runner extends ScopeTask {

    private volatile boolean begun;
    private volatile boolean busy;

    /** Whether a failure of this runner fails the scope. */
    private boolean fatal;

    Runner(ScopeImpl inside, int number) {
      super(inside, null, number, null);
    }

    private ScopeExecutor executor() {
      return ScopeExecutor.this;
    }

    @Override
    public @Nullable Object work() throws InterruptedException {
      begun = true;
      dropped.set(0);
      starting.decrementAndGet();
      for (Runnable task; decision() == null && (task = next()) != null; ) {
        restart();
        run(task);
      }
      return null;
    }

    private @Nullable Runnable next() throws InterruptedException {
      Runnable task = tasks.tryReceive();
      if (task != null || tasks.isClosed()) {
        return task;
      }
      try {
        return idle.incrementAndGet() <= MOST_IDLE ? receive() : null;
      } finally {
        idle.decrementAndGet();
      }
    }

    private @Nullable Runnable receive() throws InterruptedException {
      for (; ; ) {
        try {
          return tasks.receiveOrNull();
        } catch (InterruptedException e) {
          if (decision() != null) {
            throw e;
          } // ignores an interrupt from outside, because no task is running
        }
      }
    }

    private void run(Runnable task) {
      busy = true;
      try {
        task.run();
      } catch (Throwable t) {
        Throwables.report(Thread.currentThread(), t);
      } finally {
        busy = false;
        endUserCode(); // clears an interrupt that Future.cancel sent for this task
        finished();
      }
    }

    /**
     * Called only if the runner could not begin. The launcher then starts another. If too many in a
     * row could not begin, the scope fails, because the waiting tasks would never run.
     */
    @Override
    public @Nullable Interrupter failing(Throwable thrown) {
      fatal = dropped.incrementAndGet() >= MOST_DROPPED && runners.get() == 1;
      return fatal ? launcher.failing(thrown) : null;
    }

    @Override
    public void failed(Throwable thrown, @Nullable Interrupter interrupter) {
      if (fatal) {
        launcher.failed(thrown, interrupter);
      }
    }

    @Override
    public boolean isIdle() {
      return !busy;
    }

    @Override
    public void left() {
      if (!begun) {
        starting.decrementAndGet();
      }
      runners.decrementAndGet();
      launcher.wake(); // a waiting task may now get a thread
      super.left();
    }
  }
}
