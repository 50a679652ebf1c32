package dev.holdfast.internal.root;

import java.time.Duration;

/** Ends a root when the JVM exits, and bounds the delay of the exit. */
public final class ShutdownHook implements Runnable {

  /** Keeps the root reachable: a root that is closed on exit is not leaked. */
  @SuppressWarnings("unused")
  private final Object handle;

  private final RootThread root;
  private final Thread thread;
  private volatile Duration bound;

  public ShutdownHook(Object handle, RootThread root, Duration bound) {
    this.handle = handle;
    this.root = root;
    this.bound = bound;
    this.thread =
        Thread.ofPlatform()
            .name("holdfast-exit-" + root.name())
            .inheritInheritableThreadLocals(false)
            .unstarted(this);
  }

  void bound(Duration bound) {
    this.bound = bound;
  }

  void add() {
    Runtime.getRuntime().addShutdownHook(thread);
  }

  void remove() {
    try {
      Runtime.getRuntime().removeShutdownHook(thread);
    } catch (IllegalStateException exiting) {
      // the hook runs, or has run
    }
  }

  @Override
  public void run() {
    root.closeForExit(bound);
  }
}
