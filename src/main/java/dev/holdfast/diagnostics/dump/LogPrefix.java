package dev.holdfast.diagnostics.dump;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Removes the prefix that a log adds to each line of a dump, such as a container name, a time, a
 * stream or a level.
 *
 * <p>This class removes known prefixes from every line. When the first line of a dump or of a
 * thread has another prefix, this class remembers it, and removes it from later lines whose prefix
 * differs at most in digits.
 */
final class LogPrefix {

  private static final Pattern KNOWN =
      Pattern.compile(
          "(?:\\[pod/[^\\]]+\\] |[\\w.-]+ +\\| )?" // kubectl logs --prefix, docker compose
              + "(?:\\d{4}-\\d\\d-\\d\\d[T"
              + " ]\\d\\d:\\d\\d:\\d\\d(?:[.,]\\d+)?(?:Z|[+-]\\d\\d:?\\d\\d)?"
              + " )?(?:(?:stdout|stderr) (?:F|(P)) )?" // the container runtime interface
              + "(?:[A-Z][a-z]{2} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d [\\w.-]+"
              + " [^\\s:\\[]+(?:\\[\\d+\\])?: )?");

  private static final Pattern ESCAPE_SEQUENCE = Pattern.compile("\u001b\\[[0-9;]*[A-Za-z]");
  private static final Pattern DIGITS = Pattern.compile("\\d+");

  private @Nullable Pattern learned;

  /** {@return whether the container runtime has split the line after this part} */
  boolean isPart(String line) {
    if (line.indexOf(" P ") < 0) {
      return false;
    }
    Matcher matcher = KNOWN.matcher(line);
    return matcher.lookingAt() && matcher.group(1) != null;
  }

  /** {@return the line without a known prefix} */
  String stripKnown(String line) {
    Matcher matcher = KNOWN.matcher(line);
    return matcher.lookingAt() ? line.substring(matcher.end()) : line;
  }

  static String withoutColors(String line) {
    return line.indexOf('\u001b') < 0 ? line : ESCAPE_SEQUENCE.matcher(line).replaceAll("");
  }

  /** {@return the line without its prefix} */
  String strip(String line) {
    String text = withoutColors(line);
    if (text.isEmpty() || (isBegin(text) && !isIndentedBegin(text))) {
      return text;
    }
    if (learned != null) {
      Matcher matcher = learned.matcher(text);
      if (matcher.lookingAt()) {
        return text.substring(matcher.end());
      }
    }
    String rest = stripKnown(text);
    // A JSON entry has no prefix; its text is taken out later.
    boolean json = rest.startsWith("{") && rest.endsWith("}");
    int begin = json ? -1 : begin(rest);
    if (begin > 0) {
      int end = text.length() - rest.length() + begin;
      learned = shape(text.substring(0, end));
      return text.substring(end);
    }
    return rest;
  }

  /** {@return whether a text begins a dump or a thread} */
  static boolean isBeginOfDump(String text) {
    return text.contains("Full thread dump ")
        || (ThreadHeader.isBegin(text) && ThreadHeader.parse(firstLine(text), 0) != null);
  }

  private static String firstLine(String text) {
    int end = text.indexOf('\n');
    return end < 0 ? text : text.substring(0, end);
  }

  private static boolean isBegin(String text) {
    char c = text.charAt(0);
    return c == ' ' || c == '\t' || c == '"' || c == '#' || c == '-';
  }

  /** {@return whether the whole text is indented, and not only this line of a dump} */
  private boolean isIndentedBegin(String text) {
    char first = text.charAt(0);
    if (first != ' ' && first != '\t') {
      return false;
    }
    String rest = text.stripLeading();
    if (rest.isEmpty()) {
      return false;
    }
    char c = rest.charAt(0);
    return learned != null
        || Character.isDigit(c)
        || (c == '"' && ThreadHeader.parse(rest, 0) != null)
        || rest.startsWith("MESSAGE=") // journalctl -o verbose
        || rest.startsWith("Full thread dump ");
  }

  /** {@return where a dump or a thread begins in a line, or -1} */
  private static int begin(String text) {
    int dump = text.indexOf("Full thread dump ");
    if (dump >= 0) {
      return dump;
    }
    int quote = text.indexOf('"');
    return quote > 0 && ThreadHeader.parse(text.substring(quote), 0) != null ? quote : -1;
  }

  private static Pattern shape(String prefix) {
    var regex = new StringBuilder();
    int from = 0;
    for (Matcher digits = DIGITS.matcher(prefix); digits.find(); from = digits.end()) {
      regex.append(Pattern.quote(prefix.substring(from, digits.start()))).append("\\d+");
    }
    return Pattern.compile(regex + Pattern.quote(prefix.substring(from)));
  }
}
