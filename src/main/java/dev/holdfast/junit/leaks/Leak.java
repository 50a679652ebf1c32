package dev.holdfast.junit.leaks;

import java.util.List;

/**
 * Something that a test left running.
 *
 * @param kind what it is
 * @param name its name; empty if it has none
 * @param thread the identifier of its thread, or 0 if it has none
 * @param stack the frames of the thread
 * @param createdFrom the frames that created it; empty if they are not known
 * @param candidates the tests that may have created it; empty if the test is known
 */
record Leak(
    Kind kind,
    String name,
    long thread,
    List<StackTraceElement> stack,
    List<StackTraceElement> createdFrom,
    List<String> candidates) {

  /** The kinds, in the order in which reports list them. */
  enum Kind {
    SCOPE("scope"),
    TASK("task"),
    WORKER("worker"),
    EXECUTOR("executor"),
    CHANNEL("channel"),
    RESOURCE("resource"),
    TIMER("timer"),
    PLATFORM_THREAD("platform thread"),
    VIRTUAL_THREAD("virtual thread");

    final String word;

    Kind(String word) {
      this.word = word;
    }

    String count(int count) {
      return count + " " + word + (count == 1 ? "" : "s");
    }
  }

  Leak(
      Kind kind,
      String name,
      long thread,
      List<StackTraceElement> stack,
      List<StackTraceElement> createdFrom) {
    this(kind, name, thread, stack, createdFrom, List.of());
  }

  /** {@return the properties in which leaks must agree to be reported together} */
  Object group() {
    return List.of(kind, stack, createdFrom, candidates);
  }
}
