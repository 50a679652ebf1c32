package dev.holdfast.internal.background;

import dev.holdfast.channel.Channel;
import dev.holdfast.channel.ChannelClosedException;
import dev.holdfast.channel.ChannelSpec;
import dev.holdfast.internal.cancel.CancelScope;
import dev.holdfast.internal.cancel.Interrupter;
import dev.holdfast.internal.cancel.ThreadScope;
import dev.holdfast.internal.scope.ScopeImpl;
import dev.holdfast.internal.scope.ScopeTask;
import dev.holdfast.internal.util.Checks;
import dev.holdfast.internal.util.ThreadContext;
import dev.holdfast.internal.util.Throwables;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** An executor whose threads are children of a scope. */
final class ScopeExecutor extends AbstractExecutorService {

  /*
   * What is submitted goes into a channel, whose receivers are the runners. A runner that waits is
   * handed it at once; if none waits it stays in the channel, and the submitter wakes the launcher,
   * which starts a runner for it (it alone may). A runner goes on as long as there is something to
   * run, and so saves the next task a thread; a few that find nothing wait for more.
   *
   * `pending` counts what was submitted and has not ended. It is raised before the task is in the
   * channel and lowered when it has run, so at 0 nothing is on its way.
   */

  /** What waits for a thread, at most. */
  private static final int MOST_WAITING = 1 << 20;

  /** Runners that wait for more. */
  private static final int MOST_IDLE = 16;

  private final ScopeImpl scope;
  private final Launcher launcher;
  private final Channel<Runnable> tasks;
  private final AtomicLong pending = new AtomicLong();
  private final CountDownLatch terminated = new CountDownLatch(1);

  /** Runners that have not ended, those of them that have not begun, and those that wait. */
  private final AtomicInteger runners = new AtomicInteger();

  private final AtomicInteger starting = new AtomicInteger();
  private final AtomicInteger idle = new AtomicInteger();

  ScopeExecutor(ScopeImpl scope, Launcher launcher) {
    this.scope = scope;
    this.launcher = launcher;
    // It is closed by the executor, not by an owner.
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
          "The executor of " + scope.label() + " has " + MOST_WAITING + " tasks waiting already");
    }
    if (tasks.size() > 0) {
      launcher.wake();
    }
  }

  private void finished() {
    if (pending.decrementAndGet() == 0) {
      if (tasks.isClosed()) {
        terminated.countDown();
      }
      scope.executorIdle();
    }
  }

  boolean isIdle() {
    return pending.get() == 0;
  }

  /** {@return whether nothing waits for a thread any more} */
  boolean isDrained() {
    return tasks.isClosed() && tasks.size() == 0;
  }

  /** {@return whether something waits for a thread, and may have one} */
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
      terminated.countDown();
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

  /** Ends it when there is no thread left for what waits: those who wait for that must hear. */
  void abort() {
    shutdown();
    for (Runnable task : drain()) {
      if (task instanceof Future<?> future) {
        try {
          future.cancel(true);
        } catch (Throwable t) { // of what hangs on it
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
    return terminated.getCount() == 0;
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
    if (isTerminated()) {
      return true;
    }
    ThreadScope.checkpointCurrent();
    return terminated.await(timeout, unit);
  }

  /** As that of the JDK, which would wait by the method above, and for ever where that throws. */
  @Override
  public void close() {
    refuseInside();
    shutdown();
    boolean interrupted = false;
    while (!isTerminated()) {
      try {
        terminated.await();
      } catch (InterruptedException e) {
        if (!interrupted) {
          interrupted = true;
          shutdownNow();
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void refuseInside() {
    for (CancelScope s = ThreadScope.currentScope(); s != null; s = s.parent()) {
      if (s instanceof Runner runner && runner.executor() == this) {
        throw new IllegalStateException(
            "The executor of "
                + scope.label()
                + " cannot be closed by one of its own tasks, which it would wait for. Call"
                + " shutdown() there, or close it elsewhere.");
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

    Runner(ScopeImpl inside, int number) {
      super(inside, null, number, null);
    }

    private ScopeExecutor executor() {
      return ScopeExecutor.this;
    }

    @Override
    public @Nullable Object work() throws InterruptedException {
      begun = true;
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
          } // from outside: to a thread without a task it means nothing
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
        endUserCode(); // Future.cancel interrupts, too; that was for this task
        finished();
      }
    }

    /** Only what keeps it from beginning: then what waits would wait for ever. */
    @Override
    public @Nullable Interrupter failing(Throwable thrown) {
      return launcher.failing(thrown);
    }

    @Override
    public void failed(Throwable thrown, @Nullable Interrupter interrupter) {
      launcher.failed(thrown, interrupter);
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
      launcher.wake(); // what waits may have a thread now
      super.left();
    }
  }
}
