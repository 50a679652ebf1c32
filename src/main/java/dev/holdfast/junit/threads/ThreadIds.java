package dev.holdfast.junit.threads;

/**
 * Identifiers of threads.
 *
 * <p>The JVM assigns identifiers in the order in which threads are created, and never twice. So a
 * thread with a larger identifier than one drawn earlier was created later.
 */
final class ThreadIds {

  private ThreadIds() {}

  /** {@return the next identifier; a thread that is never started uses it up} */
  static long next() {
    return new Thread(null, null, "", 0, false).threadId();
  }
}
