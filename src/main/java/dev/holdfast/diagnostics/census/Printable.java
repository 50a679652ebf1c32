package dev.holdfast.diagnostics.census;

import java.util.regex.Pattern;

/**
 * Makes text from a dump safe to print: a terminal must not interpret control characters in the
 * name of a thread.
 */
public final class Printable {

  /** Control characters, and those that change the direction of text. */
  private static final Pattern UNSAFE =
      Pattern.compile("[\\p{Cc}\u061C\u200E\u200F\u2028\u2029\u202A-\u202E\u2066-\u2069]");

  private Printable() {}

  /** {@return the text with unsafe characters as hexadecimal escapes} */
  public static String of(String text) {
    return UNSAFE.matcher(text).replaceAll(m -> "\\\\u%04x".formatted((int) m.group().charAt(0)));
  }
}
