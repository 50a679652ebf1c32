package dev.holdfast.internal.util;

/**
 * Finds out that the stack is nearly full before anything is started, not while it is being ended.
 */
public final class StackProbe {

  /** Calls enough for opening and ending a scope, classes being loaded on the way. */
  private static final int CALLS = 100;

  /** Calls enough for giving a place back, and for waking who waits for it. */
  private static final int FEW_CALLS = 16;

  /** From so many frames of one thread on, it is also tried whether the thread can still park. */
  private static final int DEEP = 16;

  /**
   * More frames than these are a recursion without end. It would not always overflow by itself:
   * whenever a virtual thread parks, its stack moves to the heap and the next one begins empty.
   */
  private static final int DEEPEST = 1000;

  private StackProbe() {}

  /**
   * Returns if a frame opened now can also be ended.
   *
   * @param depth how many frames the thread is in
   * @throws StackOverflowError if not
   */
  public static void ensureRoom(int depth) {
    if (depth >= DEEPEST) {
      throw new StackOverflowError(
          DEEPEST
              + " scopes are open inside one another on thread '"
              + Thread.currentThread().getName()
              + "'");
    }
    descend(CALLS, depth >= DEEP && Thread.currentThread().isVirtual(), 1, 2, 3, 4, 5, 6, 7, 8);
  }

  /**
   * Returns if a place taken now can also be given back; a sixth of the price of {@link
   * #ensureRoom}.
   *
   * @throws StackOverflowError if not
   */
  public static void ensureRoomToLeave() {
    descend(FEW_CALLS, false, 1, 2, 3, 4, 5, 6, 7, 8);
  }

  // The arguments take stack in interpreted and compiled code alike.
  private static long descend(
      int calls, boolean park, long a, long b, long c, long d, long e, long f, long g, long h) {
    if (calls == 0) {
      if (park) {
        unmount();
      }
      return a;
    }
    return descend(calls - 1, park, b, c, d, e, f, g, h, a) + (a ^ b ^ c ^ d ^ e ^ f ^ g ^ h);
  }

  // To take a virtual thread off its carrier the JVM walks the stack, by recursion on that very
  // stack: parking a thread with a deep one overflows though there is room for many more calls.
  @SuppressWarnings("ThreadPriorityCheck")
  private static void unmount() {
    Thread.yield();
  }
}
