package dev.holdfast.internal.root;

import dev.holdfast.internal.util.StackTraces;
import java.time.Duration;

/** Ends a root when the JVM exits, and bounds the delay of the exit. */
public final class ShutdownHook implements Runnable {

  /** How long a root has to end once it was cancelled. */
  private static final Duration LAST = Duration.ofSeconds(1);

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
    Duration patience = bound;
    root.beginExit();
    if (root.awaitEnd(patience)) {
      return;
    }
    root.cancel("the JVM exits, and it did not end within " + patience);
    if (!root.awaitEnd(LAST)) {
      System.err.println(report(patience)); // loggers may have shut down already
    }
  }

  private String report(Duration patience) {
    var text = new StringBuilder();
    root.scope()
        .forEach(late -> {
          String what = late.running();
          if (!what.isEmpty()) {
            text.append("\n  ").append(what).append(StackTraces.of(late.threadScope().thread()));
          }
        });
    return root.scope().label()
        + " did not end within "
        + patience
        + " of the exit of the JVM, was cancelled, and this has not stopped; the JVM does not wait"
        + " for it:"
        + text
        + "\nLet it end when interrupted, or unblock it with Scope.onCancel.";
  }
}
