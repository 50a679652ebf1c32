package dev.holdfast;

import org.jspecify.annotations.Nullable;

/** Pictures of what threads are doing, for exceptions and reports. */
final class Stacks {

  private static final int FRAMES = 5;

  private Stacks() {}

  /** {@return the top frames of a thread, each on a line of its own; empty if it has ended} */
  static String of(@Nullable Thread thread) {
    if (thread == null) {
      return "";
    }
    StackTraceElement[] stack = thread.getStackTrace();
    var text = new StringBuilder();
    int from = firstOfInterest(stack);
    for (int i = from; i < Math.min(stack.length, from + FRAMES); i++) {
      text.append("\n      at ").append(stack[i]);
    }
    return text.toString();
  }

  /** {@return the call by which user code entered the JDK or Holdfast, if that is where it is} */
  private static int firstOfInterest(StackTraceElement[] stack) {
    for (int i = 0; i < stack.length; i++) {
      if (!isInternal(stack[i].getClassName())) {
        return Math.max(0, i - 1);
      }
    }
    return 0;
  }

  /** {@return whether a class is one of the library's; its tests live in the same package} */
  private static boolean isOwn(String type) {
    return type.startsWith("dev.holdfast.") && !type.contains("Test") && type.indexOf('.', 13) < 0;
  }

  private static boolean isInternal(String type) {
    return type.startsWith("java.")
        || type.startsWith("jdk.")
        || type.startsWith("sun.")
        || isOwn(type);
  }
}
