package dev.holdfast.internal.scope;

import dev.holdfast.internal.clock.Clock;
import dev.holdfast.internal.telemetry.Reports;
import dev.holdfast.internal.util.ThreadContext.InterruptFlag;
import dev.holdfast.internal.util.Throwables;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The failures of an isolated scope that no thread has joined yet. Those that remain at its end, or
 * exceed a bound, go to the uncaught-exception handler.
 */
public final class UnjoinedFailures {

  /** The largest number of failures kept for a join; further failures are reported at once. */
  public static final int KEPT = 256;

  /** A task whose failure a thread may take by joining it. */
  public interface Joinable {

    /** {@return whether it has failed and no thread has taken the failure} */
    boolean failedUnobserved();

    /** {@return the failure} */
    Throwable thrown();

    /** {@return the task in words} */
    String label();
  }

  private static final class Failed {

    private final Joinable fork;
    private final Thread thread = Thread.currentThread();
    private final Thread.UncaughtExceptionHandler handler = thread.getUncaughtExceptionHandler();
    private final long atNanos = Clock.nanoTime();
    private boolean logged;

    Failed(Joinable fork) {
      this.fork = fork;
    }

    void report() {
      if (fork.failedUnobserved()) {
        if (!logged) {
          Reports.unjoined(fork.label(), fork.thrown());
        }
        Throwables.report(handler, thread, fork.thrown());
      }
    }
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<Failed> failed = new ArrayDeque<>();
  private final AtomicInteger leftOut = new AtomicInteger();
  private volatile @Nullable Runnable onAdded;

  /** Called on the thread that failed. */
  public void add(Joinable fork) {
    Failed oldest = null;
    lock.lock();
    try {
      failed.removeIf(f -> !f.fork.failedUnobserved());
      if (!fork.failedUnobserved()) {
        return; // a thread has already joined it, so no later join would remove it
      }
      if (failed.size() == KEPT) {
        oldest = failed.poll();
      }
      failed.add(new Failed(fork));
    } finally {
      lock.unlock();
    }
    Runnable hook = onAdded;
    if (hook != null) {
      hook.run();
    }
    if (oldest != null) {
      if (hook != null && !oldest.logged) {
        oldest.logged = true; // the hook logs how many there were
        leftOut.incrementAndGet();
      }
      oldest.report();
    }
  }

  /** Sets code to run on the thread of each task that fails; it must not block. */
  public void onAdded(Runnable hook) {
    onAdded = hook;
  }

  /** {@return the tasks that failed before the given time and that no earlier call has returned} */
  public List<Joinable> takeUnlogged(long beforeNanos) {
    var taken = new ArrayList<Joinable>();
    lock.lock();
    try {
      for (Failed one : failed) {
        if (!one.logged && one.atNanos - beforeNanos < 0 && one.fork.failedUnobserved()) {
          one.logged = true;
          taken.add(one.fork);
        }
      }
    } finally {
      lock.unlock();
    }
    return taken;
  }

  /** {@return how many failures since the last call were too many to keep} */
  public int takeLeftOut() {
    return leftOut.getAndSet(0);
  }

  /** {@return whether there is a failed task that {@link #takeUnlogged} has not returned yet} */
  public boolean hasUnlogged() {
    lock.lock();
    try {
      return failed.stream().anyMatch(one -> !one.logged && one.fork.failedUnobserved());
    } finally {
      lock.unlock();
    }
  }

  void report() {
    var flag = new InterruptFlag();
    for (Failed one : failed) {
      one.report();
      flag.take();
    }
    flag.restore();
  }
}
