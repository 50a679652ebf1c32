package dev.holdfast.junit.threads;

import java.util.Arrays;
import java.util.List;

/** The platform threads of this JVM. */
public final class PlatformThreads {

  private PlatformThreads() {}

  /** {@return the live platform threads; this is cheap, as it walks no stack} */
  public static List<Thread> live() {
    ThreadGroup root = Thread.currentThread().getThreadGroup();
    for (ThreadGroup outer; (outer = root.getParent()) != null; ) {
      root = outer;
    }
    Thread[] found = new Thread[root.activeCount() + 32];
    int count;
    while ((count = root.enumerate(found)) == found.length) { // there may be more
      found = new Thread[2 * found.length];
    }
    return List.of(Arrays.copyOf(found, count));
  }

  /** {@return whether a thread waits, like an idle worker of a pool; this is cheap} */
  static boolean isWaiting(Thread thread) {
    Thread.State state = thread.getState();
    return state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING;
  }
}
