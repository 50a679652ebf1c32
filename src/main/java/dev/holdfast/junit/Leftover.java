package dev.holdfast.junit;

import java.util.List;

/**
 * Something a test has left.
 *
 * @param thread the identifier of its thread, 0 if it has none
 * @param created the frames from which it was started, none if that is not known
 */
record Leftover(
    Kind kind,
    String name,
    long thread,
    List<StackTraceElement> stack,
    List<StackTraceElement> created) {

  /** In the order in which they are told. */
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

  /** {@return what those have in common that are told together} */
  Object group() {
    return List.of(kind, stack, created);
  }
}
