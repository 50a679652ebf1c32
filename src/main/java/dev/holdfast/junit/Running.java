package dev.holdfast.junit;

import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A test on its thread, which a stall interrupts. */
final class Running {

  private final Window window;
  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by the lock.
  private @Nullable String stall;
  private boolean over;

  Running(Window window, Thread thread) {
    this.window = window;
    this.thread = thread;
  }

  Window window() {
    return window;
  }

  Thread thread() {
    return thread;
  }

  /**
   * Interrupts it, so that it goes on.
   *
   * @param owner the thread of the outermost scope, which may be another
   */
  void stalled(String text, Thread owner) {
    lock.lock();
    try {
      if (!over) {
        stall = stall == null ? text : stall;
        owner.interrupt();
        thread.interrupt();
      }
    } finally {
      lock.unlock();
    }
  }

  /** {@return what has stalled so far, null if nothing has} */
  @Nullable String stall() {
    lock.lock();
    try {
      return stall;
    } finally {
      lock.unlock();
    }
  }

  /** Interrupts it no more, and takes back what it has not noticed; {@return what has stalled} */
  @Nullable String end() {
    lock.lock();
    try {
      over = true;
      if (stall != null) {
        Thread.interrupted();
      }
      return stall;
    } finally {
      lock.unlock();
    }
  }
}
