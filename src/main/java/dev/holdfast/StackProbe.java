package dev.holdfast;

/**
 * Finds out that the stack is nearly full before anything is started, not while it is being ended.
 */
final class StackProbe {

  /** Enough for opening and ending a scope, classes being loaded on the way. */
  private static final int DEPTH = 100;

  private StackProbe() {}

  /**
   * Returns if a scope opened now can also be ended.
   *
   * @throws StackOverflowError if not
   */
  static void ensureRoom() {
    descend(DEPTH, 1, 2, 3, 4, 5, 6, 7, 8, 9);
  }

  // The arguments take stack in interpreted and compiled code alike.
  private static long descend(
      int depth, long a, long b, long c, long d, long e, long f, long g, long h, long i) {
    return depth == 0
        ? a
        : descend(depth - 1, b, c, d, e, f, g, h, i, a) + descendNot(a, b, c, d, e, f, g, h, i);
  }

  private static long descendNot(
      long a, long b, long c, long d, long e, long f, long g, long h, long i) {
    return a ^ b ^ c ^ d ^ e ^ f ^ g ^ h ^ i;
  }
}
