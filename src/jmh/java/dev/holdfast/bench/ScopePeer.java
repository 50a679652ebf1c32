package dev.holdfast.bench;

import java.util.concurrent.Callable;

/** A library whose scopes {@link Growth} measures. What one lacks is unsupported. */
interface ScopePeer {

  /** {@return the peer of this name} */
  static ScopePeer of(String name) {
    return switch (name) {
      case GrowthRow.US -> new HoldfastScopes();
      case GrowthRow.JDK -> new JdkScopes();
      case GrowthRow.EXECUTOR -> new ExecutorScopes();
      default -> ofClass(name);
    };
  }

  // Peers outside the JDK are in src/jmh-peers, which only -Pjmh compiles.
  private static ScopePeer ofClass(String name) {
    try {
      return (ScopePeer)
          Class.forName(ScopePeer.class.getPackageName() + "." + name + "Scopes")
              .getDeclaredConstructor()
              .newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException("No such peer: " + name, e);
    }
  }

  /** Opens a scope, runs the body in it, waits for its forks and closes it. */
  void run(Body body) throws Exception;

  /** What runs in a scope. */
  interface Body {

    void run(Open scope) throws Exception;
  }

  /** An open scope. */
  interface Open {

    /** Starts a task on a virtual thread, and returns what waits for it. */
    Callable<?> fork(Callable<?> task) throws Exception;

    /** Cancels all forks. */
    default void cancel() throws Exception {
      throw new UnsupportedOperationException();
    }

    /** Opens a channel of capacity 16, or makes a queue. */
    default Pipe channel() {
      throw new UnsupportedOperationException();
    }

    /** Runs an action later, unless the scope ends before. */
    default void after(long nanos, Runnable action) {
      throw new UnsupportedOperationException();
    }
  }
}
