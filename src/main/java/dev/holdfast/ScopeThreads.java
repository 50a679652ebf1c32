package dev.holdfast;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/** Makes the threads of a scope; for its owner. */
final class ScopeThreads implements ThreadFactory {

  private static final ThreadFactory VIRTUAL = Thread.ofVirtual().factory();

  private final ScopeFrame scope;
  private @Nullable Child child;

  /** The JDK's scope lets go of a platform thread shortly before it has terminated. */
  private @Nullable List<WeakReference<Thread>> platform;

  ScopeThreads(ScopeFrame scope) {
    this.scope = scope;
  }

  /** Says whose thread will be asked for next. */
  void makeFor(@Nullable Child child) {
    this.child = child;
  }

  @Override
  public Thread newThread(Runnable task) {
    Child owner = child;
    if (owner == null) {
      throw new IllegalStateException(scope.label() + " starts its threads itself");
    }
    ThreadFactory factory = scope.spec().factory();
    Thread thread = factory == null ? virtual(task, owner) : made(factory, task, owner);
    if (!thread.isVirtual()) {
      track(thread);
    }
    owner.setThread(thread);
    return thread;
  }

  private static Thread virtual(Runnable task, Child owner) {
    String name = owner.threadName();
    return name.isEmpty() ? VIRTUAL.newThread(task) : Thread.ofVirtual().name(name).unstarted(task);
  }

  private Thread made(ThreadFactory factory, Runnable task, Child owner) {
    Thread thread = factory.newThread(task);
    if (thread == null) {
      throw new RejectedExecutionException(
          scope.label() + ": the thread factory gave no thread for " + owner.label());
    }
    if (thread.getState() != Thread.State.NEW) {
      throw new IllegalThreadStateException(
          scope.label()
              + ": the thread factory gave a thread for "
              + owner.label()
              + " that was started already");
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
    tracked.add(new WeakReference<>(thread)); // one that is alive is reachable
  }

  private static boolean hasEnded(@Nullable Thread thread) {
    return thread == null || !thread.isAlive(); // a TERMINATED one may be, for a moment
  }

  /** {@return whether the owner was interrupted while waiting for platform threads to terminate} */
  boolean awaitPlatformThreads() {
    boolean interrupted = false;
    if (platform != null) {
      for (WeakReference<Thread> ref : platform) {
        Thread thread = ref.get();
        while (thread != null && thread.isAlive()) {
          try {
            thread.join();
          } catch (InterruptedException e) {
            interrupted = true;
          }
        }
      }
    }
    return interrupted;
  }
}
