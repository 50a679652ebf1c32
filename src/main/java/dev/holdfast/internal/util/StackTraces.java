package dev.holdfast.internal.util;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Formats the stacks of threads for reports.
 *
 * <p>A stack is shown from the call by which user code entered the JDK or the library. Below that
 * call, frames of the application take precedence over those of drivers and frameworks. The frame
 * that the library called, at the bottom of the user's part of the stack, belongs to the
 * application, and so do all frames of its package. The topmost application frame and the topmost
 * frame of the called class are always shown.
 */
public final class StackTraces {

  private static final int FRAMES = 5;

  private StackTraces() {}

  /**
   * Returns the informative frames of a thread, each on a line of its own; empty without a thread.
   */
  public static String of(@Nullable Thread thread) {
    return thread == null ? "" : format(thread.getStackTrace());
  }

  /** Returns the top frames of user code in a thread, each on a line; empty without a thread. */
  public static String ofUserCode(@Nullable Thread thread) {
    return thread == null ? "" : formatUserCode(thread.getStackTrace());
  }

  static String formatUserCode(StackTraceElement[] stack) {
    int user = firstOfUser(stack, 0);
    if (user == stack.length) {
      return "";
    }
    StackTraceElement body = stack[lastOfUser(stack, user)];
    StackTraceElement[] code =
        Arrays.stream(stack).filter(StackTraces::isUser).toArray(StackTraceElement[]::new);
    var text = new StringBuilder();
    int shown = Math.min(code.length, FRAMES);
    for (int i = 0; i < shown; i++) {
      append(text, code[i]);
    }
    appendApplication(text, code, shown, 0, body);
    return text.toString();
  }

  /** Returns the informative frames of a stack, each on a line of its own. */
  public static String format(StackTraceElement[] stack) {
    if (stack.length == 0) {
      return "\n      nowhere: it is about to run, or has just ended";
    }
    int user = firstOfUser(stack, 0);
    int from = user == stack.length ? 0 : Math.max(0, user - 1);
    int to = Math.min(stack.length, from + FRAMES);
    var text = new StringBuilder();
    for (int i = from; i < to; i++) {
      append(text, stack[i]);
    }
    if (user < stack.length) {
      appendApplication(text, stack, to, user, stack[lastOfUser(stack, user)]);
    }
    return text.toString();
  }

  /**
   * Appends the first frame of the application and the first of the class that the library called.
   */
  private static void appendApplication(
      StringBuilder text, StackTraceElement[] stack, int shown, int from, StackTraceElement body) {
    int end = appendFirst(text, stack, shown, from, application(body.getClassName()));
    appendFirst(text, stack, end, from, outermost(body.getClassName()));
  }

  /**
   * Appends the first frame of classes with this prefix unless it is already shown; returns the
   * number of frames shown.
   */
  private static int appendFirst(
      StringBuilder text, StackTraceElement[] stack, int shown, int from, String prefix) {
    int i = from;
    while (!isOf(prefix, stack[i].getClassName())) {
      i++;
    }
    if (i < shown) {
      return shown;
    }
    if (i > shown) {
      text.append("\n      ...");
    }
    append(text, stack[i]);
    return i + 1;
  }

  private static void append(StringBuilder text, StackTraceElement frame) {
    text.append("\n      at ").append(frame);
  }

  private static int firstOfUser(StackTraceElement[] stack, int from) {
    int i = from;
    while (i < stack.length && !isUser(stack[i])) {
      i++;
    }
    return i;
  }

  /**
   * Returns the index of the bottom frame of user code in the part of a stack that begins at an
   * index.
   */
  private static int lastOfUser(StackTraceElement[] stack, int from) {
    int last = from;
    for (int i = from; i < stack.length && !LibraryFrames.isLibrary(stack[i].getClassName()); i++) {
      if (isUser(stack[i])) {
        last = i;
      }
    }
    return last;
  }

  /** Returns the package of a class, or its first two parts: {@code com.acme}. */
  private static String application(String className) {
    int first = className.indexOf('.');
    int second = className.indexOf('.', first + 1);
    return first < 0 ? outermost(className) : className.substring(0, second < 0 ? first : second);
  }

  private static String outermost(String className) {
    int end = className.indexOf('$');
    return end < 0 ? className : className.substring(0, end);
  }

  private static boolean isOf(String prefix, String className) {
    return className.startsWith(prefix)
        && (className.length() == prefix.length()
            || ".$".indexOf(className.charAt(prefix.length())) >= 0);
  }

  private static boolean isUser(StackTraceElement frame) {
    String type = frame.getClassName();
    String module = frame.getModuleName();
    return !type.startsWith("java.")
        && !type.startsWith("jdk.")
        && !type.startsWith("sun.")
        && (module == null || !(module.startsWith("java.") || module.startsWith("jdk.")))
        && !LibraryFrames.isLibrary(type);
  }
}
