package dev.holdfast.junit;

import org.jspecify.annotations.Nullable;

/**
 * The context class loader of a test: it loads nothing, but threads inherit it, and it can be read
 * off them from outside.
 */
final class TestLoader extends ClassLoader {

  private final Window window;

  TestLoader(Window window, @Nullable ClassLoader parent) {
    super("holdfast-test", parent);
    this.window = window;
  }

  /** {@return the test in which a thread was created, null if its loader does not tell} */
  static @Nullable Window of(Thread thread) {
    for (ClassLoader at = thread.getContextClassLoader(); at != null; at = at.getParent()) {
      if (at instanceof TestLoader own) {
        return own.window;
      }
    }
    return null;
  }
}
