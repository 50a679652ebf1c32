package dev.holdfast.internal.scope;

import dev.holdfast.ScopeException;
import dev.holdfast.internal.clock.LateStart;
import dev.holdfast.internal.clock.Simulator;
import dev.holdfast.internal.jdk.JdkScope;
import dev.holdfast.internal.scheduling.DeepParking;
import dev.holdfast.internal.scheduling.Wakeups;
import dev.holdfast.internal.timer.RepeatingAlarm;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The threads of a scope, and the JDK's scope whose children they are. Only the owner uses it. */
final class ScopeThreads implements ThreadFactory {

  private static final ThreadFactory VIRTUAL = Thread.ofVirtual().factory();

  private final ScopeImpl scope;
  private final TaskSet tasks;
  private final JdkScope jdk = new JdkScope();

  private boolean used;

  /** Whether the owner has called the join of the JDK's scope, which may be called only once. */
  private boolean joined;

  /** Whether the owner has begun to leave the JDK's scope, or cannot leave it. */
  private boolean closed;

  /** The task for which the JDK's scope requests a thread. */
  private @Nullable ScopeTask starting;

  /** The tasks that could not be started. */
  private @Nullable ScopeTask unstarted;

  private @Nullable Reaper reaper;

  /**
   * Platform threads to wait for, because the JDK's scope stops waiting for a thread shortly before
   * it has terminated.
   */
  private @Nullable List<WeakReference<Thread>> platform;

  ScopeThreads(ScopeImpl scope, TaskSet tasks) {
    this.scope = scope;
    this.tasks = tasks;
  }

  /** Opens the JDK's scope. */
  void open() {
    jdk.open(scope.name(), this);
  }

  /**
   * Starts a task, which the caller has counted, on a thread of its own. Ends it if the scope was
   * cancelled.
   */
  void start(ScopeTask task) {
    boolean started = false;
    try {
      tasks.add(task, scope.live() - 1);
      if (scope.decision() == null) { // read last; see TaskSet.add
        fork(task);
        started = true;
      }
    } finally {
      if (!started) {
        task.nextUnstarted = unstarted;
        unstarted = task;
      }
    }
    if (!started) { // not if this throws, because the stack may be full here
      endUnstarted();
    }
  }

  private void fork(ScopeTask task) {
    if (scope.settings().factory() != null && reaper == null) {
      reaper = new Reaper(tasks);
      reaper.start();
    }
    starting = task;
    used = true;
    try {
      jdk.fork(task);
    } catch (RuntimeException e) {
      throw JdkScope.isBindingsChanged(e) ? bindingsChanged(task, e) : e;
    } finally {
      starting = null;
    }
  }

  private ScopeException bindingsChanged(ScopeTask task, RuntimeException cause) {
    return new ScopeException(
        scope.label()
            + " cannot start "
            + task.described()
            + ": a ScopedValue was bound on the owner's thread since the scope was opened. Bind it"
            + " around the call that opens the scope, or open a scope inside the binding.",
        cause);
  }

  boolean hasUnstarted() {
    return unstarted != null;
  }

  void endUnstarted() {
    while (unstarted != null) {
      ScopeTask task = unstarted;
      unstarted = task.nextUnstarted;
      task.endIfUnstarted(scope.cancellation());
    }
  }

  /**
   * Waits in the JDK's scope until every thread has ended.
   *
   * <p>This saves a second wait. Otherwise Holdfast would wake the owner when the last task has
   * ended, and the owner would then wait until the thread of that task has ended, too.
   *
   * @return false if it did not wait: a user's thread factory may drop tasks; while threads starve,
   *     Holdfast must wake them itself; and while the timer thread is missing, the owner must start
   *     it
   * @throws InterruptedException if the owner was interrupted
   */
  boolean join() throws InterruptedException {
    if (!used
        || joined
        || scope.settings().factory() != null
        || !Wakeups.isDirect()
        || LateStart.isPending()) {
      return false;
    }
    joined = true;
    LockSupport.setCurrentBlocker(scope);
    try {
      jdk.join();
    } finally {
      LockSupport.setCurrentBlocker(null);
    }
    return true;
  }

  /** {@return whether {@link #close} has been called} */
  boolean isClosed() {
    return closed;
  }

  /**
   * Leaves the JDK's scope when its threads have ended.
   *
   * @param done whether all threads have ended their tasks; otherwise the scope stays open
   */
  void close(boolean done) throws InterruptedException {
    if (reaper != null) {
      reaper.stop();
    }
    closed = true;
    if (done) {
      try {
        if (!joined) {
          joined = true;
          jdk.join();
        }
      } catch (StackOverflowError e) {
        // the thread could not park; the tasks have ended
      } finally {
        jdk.close();
      }
    }
  }

  /** Leaves the JDK's scope without having used it, if it was opened. */
  void abandon() {
    if (jdk.isOpen()) {
      boolean interrupted = Thread.interrupted();
      try {
        jdk.join();
      } catch (InterruptedException e) {
        interrupted = true;
      } finally {
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
        jdk.close();
      }
    }
  }

  @Override
  public Thread newThread(Runnable task) {
    ScopeTask owner = starting;
    if (owner == null) {
      throw new IllegalStateException(scope.label() + " starts its threads itself");
    }
    ThreadFactory factory = scope.settings().factory();
    Thread thread = factory == null ? virtual(task, owner) : made(factory, task, owner);
    if (!thread.isVirtual()) {
      track(thread);
    }
    owner.setThread(thread);
    Simulator.starting(thread, owner::threadLabel);
    return thread;
  }

  private static Thread virtual(Runnable task, ScopeTask owner) {
    String name = owner.threadName();
    return name.isEmpty() ? VIRTUAL.newThread(task) : Thread.ofVirtual().name(name).unstarted(task);
  }

  private Thread made(ThreadFactory factory, Runnable task, ScopeTask owner) {
    Thread thread = factory.newThread(task);
    if (thread == null) {
      throw new RejectedExecutionException(
          scope.label() + ": the thread factory returned no thread for " + owner.label());
    }
    if (thread.getState() != Thread.State.NEW) {
      throw new IllegalThreadStateException(
          scope.label()
              + ": the thread factory returned a started thread for "
              + owner.label()
              + "; it must return unstarted ones");
    }
    if (owner.hasOwnName()) {
      thread.setName(owner.threadName());
    }
    return thread;
  }

  private void track(Thread thread) {
    List<WeakReference<Thread>> tracked = platform;
    if (tracked == null) {
      platform = tracked = new ArrayList<>();
    }
    tracked.removeIf(ref -> hasEnded(ref.get()));
    tracked.add(new WeakReference<>(thread)); // the JVM keeps a live thread reachable
  }

  private static boolean hasEnded(@Nullable Thread thread) {
    return thread == null || !thread.isAlive(); // the state TERMINATED may come earlier
  }

  /** {@return whether the owner was interrupted while waiting for platform threads to terminate} */
  boolean awaitPlatformThreads() {
    boolean interrupted = false;
    if (platform != null) {
      for (int i = 0; i < platform.size(); i++) { // an iterator would need memory
        Thread thread = platform.get(i).get();
        while (thread != null && thread.isAlive()) {
          try {
            thread.join();
          } catch (InterruptedException e) {
            interrupted = true;
          } catch (StackOverflowError e) {
            DeepParking.blockCarrier(e);
          }
        }
      }
    }
    return interrupted;
  }

  /**
   * Finds tasks that the threads of a user's factory did not run: if the factory drops the task,
   * its thread ends without running it.
   */
  private static final class Reaper extends RepeatingAlarm {

    private final TaskSet tasks;

    Reaper(TaskSet tasks) {
      super(100_000_000L);
      this.tasks = tasks;
    }

    @Override
    public void look() {
      tasks.forEach(ScopeTask::failIfThreadHasEnded);
    }
  }
}
