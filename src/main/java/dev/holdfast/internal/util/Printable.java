package dev.holdfast.internal.util;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Makes names safe to show. Threads, scopes and the frames of a foreign dump may have any name, and
 * no terminal, log or page may interpret it.
 */
public final class Printable {

  /**
   * Control characters, line separators, halves of surrogate pairs, and characters that are
   * invisible or change the direction of text.
   */
  private static final Pattern UNSAFE = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Cs}\u2028\u2029]");

  private Printable() {}

  /** {@return the text with each unsafe character as an escape of Java and JSON: {@code \}u001b} */
  public static String of(String text) {
    return isPlain(text)
        ? text
        : UNSAFE.matcher(text).replaceAll(m -> Matcher.quoteReplacement(escape(m.group())));
  }

  /** {@return the text with each unsafe character escaped, except its line ends} */
  public static String lines(String text) {
    return text.lines().map(Printable::of).collect(Collectors.joining("\n"));
  }

  /** {@return printable text for the content or a quoted attribute of an HTML element} */
  public static String html(String text) {
    var html = new StringBuilder();
    String printable = of(text);
    for (int i = 0; i < printable.length(); i++) {
      char c = printable.charAt(i);
      switch (c) {
        case '&' -> html.append("&amp;");
        case '<' -> html.append("&lt;");
        case '>' -> html.append("&gt;");
        case '"' -> html.append("&quot;");
        case '\'' -> html.append("&#39;");
        default -> html.append(c);
      }
    }
    return html.toString();
  }

  /** {@return a JSON string, with its quotes} */
  public static String json(String text) {
    var json = new StringBuilder("\"");
    text.codePoints()
        .forEach(c -> {
          if (c == '"' || c == '\\') {
            json.append('\\').append((char) c);
          } else if (c < ' ' || c > '~') {
            String character = Character.toString(c);
            boolean unsafe = UNSAFE.matcher(character).matches();
            json.append(unsafe ? escape(character) : character);
          } else {
            json.append((char) c);
          }
        });
    return json.append('"').toString();
  }

  /** {@return JSON that may stand in a script element: markup occurs only in its strings} */
  public static String script(String json) {
    return json.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e");
  }

  private static boolean isPlain(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c > '~') {
        return false;
      }
    }
    return true;
  }

  private static String escape(String character) {
    var escape = new StringBuilder();
    character.chars().forEach(unit -> escape.append("\\u%04x".formatted(unit)));
    return escape.toString();
  }
}
