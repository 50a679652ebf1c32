package dev.holdfast.internal.util;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Pictures of what threads are doing, for exceptions and reports. */
public final class StackTraces {

  private static final int FRAMES = 5;

  private static final Set<String> OWN =
      Set.of("dev.holdfast", "dev.holdfast.channel", "dev.holdfast.http", "dev.holdfast.jdk");

  private StackTraces() {}

  /** {@return the top frames of a thread, each on a line of its own; empty without one} */
  public static String of(@Nullable Thread thread) {
    if (thread == null) {
      return "";
    }
    StackTraceElement[] stack = thread.getStackTrace();
    if (stack.length == 0) {
      return "\n      nowhere: it is about to run, or has just ended";
    }
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

  /** {@return whether a class is one of the library's; its tests live in the same packages} */
  static boolean isOwn(String type) {
    return type.startsWith("dev.holdfast.internal.")
        || (OWN.contains(type.substring(0, Math.max(0, type.lastIndexOf('.'))))
            && !type.contains("Test"));
  }

  private static boolean isInternal(String type) {
    return type.startsWith("java.")
        || type.startsWith("jdk.")
        || type.startsWith("sun.")
        || isOwn(type);
  }
}
