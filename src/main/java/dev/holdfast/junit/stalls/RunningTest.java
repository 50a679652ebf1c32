package dev.holdfast.junit.stalls;

import dev.holdfast.internal.timer.RepeatingAlarm;
import dev.holdfast.junit.threads.TestExecution;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A test that is running, and that a stall interrupts until it ends: one interrupt can be lost in
 * code that clears the flag.
 */
public final class RunningTest {

  private static final long AGAIN_NANOS = 100_000_000;

  private final TestExecution execution;
  private final boolean failsOnStall;
  private final Thread thread = Thread.currentThread();
  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by the lock.
  private final Set<Thread> stalled = new HashSet<>();
  private @Nullable String stall;
  private boolean ended;

  private final RepeatingAlarm again =
      new RepeatingAlarm(AGAIN_NANOS) {
        @Override
        public void look() {
          interrupt();
        }
      };

  RunningTest(TestExecution execution, boolean failsOnStall) {
    this.execution = execution;
    this.failsOnStall = failsOnStall;
  }

  TestExecution execution() {
    return execution;
  }

  boolean failsOnStall() {
    return failsOnStall;
  }

  Thread thread() {
    return thread;
  }

  /**
   * Records a stall and interrupts the test, so that it ends.
   *
   * @param owner the thread of the outermost scope, which may not be the thread of the test
   */
  void stalled(String text, Thread owner) {
    lock.lock();
    try {
      if (ended) {
        return;
      }
      stalled.add(owner);
      stalled.add(thread);
      if (stall == null) {
        stall = text;
        again.start();
      }
      interrupt();
    } finally {
      lock.unlock();
    }
  }

  private void interrupt() {
    lock.lock();
    try {
      if (!ended) {
        stalled.forEach(Thread::interrupt);
      }
    } finally {
      lock.unlock();
    }
  }

  /** {@return the report of the stall, or null if there was none} */
  public @Nullable String stall() {
    lock.lock();
    try {
      return stall;
    } finally {
      lock.unlock();
    }
  }

  /** Stops interrupting, and clears an interrupt that the test has not seen. */
  @Nullable String end() {
    lock.lock();
    try {
      ended = true;
      if (stall != null) {
        again.stop();
        Thread.interrupted();
      }
      return stall;
    } finally {
      lock.unlock();
    }
  }
}
