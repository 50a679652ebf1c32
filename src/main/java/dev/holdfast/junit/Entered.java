package dev.holdfast.junit;

import org.jspecify.annotations.Nullable;

/** A window on the thread of its test: what is created there is its own. */
final class Entered {

  private final Window window;
  private final Thread thread = Thread.currentThread();
  private final @Nullable ClassLoader loaderBefore = thread.getContextClassLoader();
  private final @Nullable Window windowBefore;
  private final TestLoader loader;

  private Entered(Window window) {
    this.window = window;
    this.loader = new TestLoader(window, loaderBefore);
    this.windowBefore = Creation.enter(window);
    thread.setContextClassLoader(loader);
  }

  static Entered into(Window window) {
    return new Entered(window);
  }

  Window window() {
    return window;
  }

  /** Puts back what was before, unless the test has put something else there. */
  void leave() {
    if (Thread.currentThread() == thread) {
      Creation.leave(windowBefore);
      if (thread.getContextClassLoader() == loader) {
        thread.setContextClassLoader(loaderBefore);
      }
    }
  }
}
