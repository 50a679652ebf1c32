package dev.holdfast.junit;

import java.util.Arrays;
import java.util.List;

/** The platform threads of this JVM. */
final class Platform {

  private Platform() {}

  /** {@return those that live; costs little, no stack is walked} */
  static List<Thread> threads() {
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
}
