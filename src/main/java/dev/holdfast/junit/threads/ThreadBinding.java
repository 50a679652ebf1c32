package dev.holdfast.junit.threads;

import org.jspecify.annotations.Nullable;

/** Makes the current thread create its threads on behalf of a test, until it is undone. */
public final class ThreadBinding {

  private final TestExecution execution;
  private final Thread thread = Thread.currentThread();
  private final @Nullable ClassLoader loaderBefore = thread.getContextClassLoader();
  private final @Nullable TestExecution executionBefore;
  private final TestClassLoader loader;

  private ThreadBinding(TestExecution execution) {
    this.execution = execution;
    this.loader = new TestClassLoader(execution, loaderBefore);
    this.executionBefore = ThreadCreation.enter(execution);
    thread.setContextClassLoader(loader);
  }

  public static ThreadBinding bind(TestExecution execution) {
    return new ThreadBinding(execution);
  }

  public TestExecution execution() {
    return execution;
  }

  /** Restores the previous state, except where the test has set another class loader. */
  public void undo() {
    if (Thread.currentThread() == thread) {
      ThreadCreation.leave(executionBefore);
      if (thread.getContextClassLoader() == loader) {
        thread.setContextClassLoader(loaderBefore);
      }
    }
  }
}
