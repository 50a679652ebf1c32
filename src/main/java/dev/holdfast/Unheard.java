package dev.holdfast;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The failures of an isolated scope that nobody has joined yet; what is left at its end, or beyond
 * a bound, goes to the handler for uncaught exceptions.
 */
final class Unheard {

  /** More than these are not waited for to be joined. */
  private static final int KEPT = 256;

  private record Failed(Fork.Body<?> fork, Thread thread, Thread.UncaughtExceptionHandler handler) {

    void report() {
      if (fork.failedUnheard()) {
        Failures.report(handler, thread, fork.thrown());
      }
    }
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Deque<Failed> failed = new ArrayDeque<>();

  /** Called on the thread that failed. */
  void add(Child child) {
    Fork.Body<?> fork = (Fork.Body<?>) child;
    Failed oldest = null;
    lock.lock();
    try {
      failed.removeIf(f -> !f.fork.failedUnheard());
      if (!fork.failedUnheard()) {
        return; // joined since it completed: nothing would let go of it
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
