package dev.holdfast.internal.scope;

import dev.holdfast.internal.util.Throwables;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The failures of an isolated scope that no thread has joined yet. Those left at its end, or beyond
 * a bound, go to the uncaught-exception handler.
 */
public final class UnjoinedFailures {

  /** How many failures are kept for a join; further ones are reported at once. */
  public static final int KEPT = 256;

  /** A task whose failure a thread may take by joining it. */
  public interface Joinable {

    /** {@return whether it has failed and no thread has taken the failure} */
    boolean failedUnobserved();

    /** {@return the failure} */
    Throwable thrown();
  }

  private record Failed(Joinable fork, Thread thread, Thread.UncaughtExceptionHandler handler) {

    void report() {
      if (fork.failedUnobserved()) {
        Throwables.report(handler, thread, fork.thrown());
      }
    }
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<Failed> failed = new ArrayDeque<>();

  /** Called on the thread that failed. */
  public void add(Joinable fork) {
    Failed oldest = null;
    lock.lock();
    try {
      failed.removeIf(f -> !f.fork.failedUnobserved());
      if (!fork.failedUnobserved()) {
        return; // joined since it completed, so nothing else would remove it
      }
      if (failed.size() == KEPT) {
        oldest = failed.poll();
      }
      Thread thread = Thread.currentThread();
      failed.add(new Failed(fork, thread, thread.getUncaughtExceptionHandler()));
    } finally {
      lock.unlock();
    }
    if (oldest != null) {
      oldest.report();
    }
  }

  void report() {
    failed.forEach(Failed::report);
  }
}
