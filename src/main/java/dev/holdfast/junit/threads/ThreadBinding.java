package dev.holdfast.junit.threads;

import dev.holdfast.junit.threads.ThreadCreation.Lineage;
import org.jspecify.annotations.Nullable;

/** Makes the current thread create its threads on behalf of a test, until {@link #undo}. */
public final class ThreadBinding {

  private final TestExecution execution;
  private final Thread thread = Thread.currentThread();
  private final @Nullable Lineage before;

  private ThreadBinding(TestExecution execution) {
    this.execution = execution;
    this.before = ThreadCreations.enter(execution);
  }

  public static ThreadBinding bind(TestExecution execution) {
    return new ThreadBinding(execution);
  }

  public TestExecution execution() {
    return execution;
  }

  /** Restores the previous state. */
  public void undo() {
    if (Thread.currentThread() == thread) {
      ThreadCreations.leave(before);
    }
  }
}
