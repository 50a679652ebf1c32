package dev.holdfast.junit;

/**
 * Identifiers of threads. They are given out in the order in which threads are created, and never
 * twice: what is larger than one drawn before was created after.
 */
final class Ids {

  private Ids() {}

  /** Draws one, by creating a thread that nobody starts. */
  static long next() {
    return new Thread(null, null, "", 0, false).threadId();
  }
}
