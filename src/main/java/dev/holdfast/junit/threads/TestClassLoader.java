package dev.holdfast.junit.threads;

import org.jspecify.annotations.Nullable;

/**
 * The context class loader of a test. It loads nothing itself, but new threads inherit it, so it
 * shows which test created a thread.
 */
final class TestClassLoader extends ClassLoader {

  private final TestExecution execution;

  TestClassLoader(TestExecution execution, @Nullable ClassLoader parent) {
    super("holdfast-test", parent);
    this.execution = execution;
  }

  /** {@return the test that created a thread, or null if its loader does not show that} */
  static @Nullable TestExecution creator(Thread thread) {
    for (ClassLoader at = thread.getContextClassLoader(); at != null; at = at.getParent()) {
      if (at instanceof TestClassLoader own) {
        return own.execution;
      }
    }
    return null;
  }
}
