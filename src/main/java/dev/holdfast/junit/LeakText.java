package dev.holdfast.junit;

import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/** What was left, as text. */
final class LeakText {

  private static final int GROUPS = 20;
  private static final int NAMES = 5;
  private static final int FRAMES = 40;

  private LeakText() {}

  /** {@return all of it} */
  static String full(String of, Duration linger, Found found) {
    return text(of, linger, found, Integer.MAX_VALUE, Integer.MAX_VALUE);
  }

  /** {@return as much as a failure can show} */
  static String brief(String of, Duration linger, Found found) {
    return text(of, linger, found, GROUPS, NAMES);
  }

  private static String text(String of, Duration linger, Found found, int groups, int names) {
    var text = new StringBuilder();
    text.append(of).append(" left ").append(found.count()).append(" behind");
    text.append(", ").append(linger.toMillis()).append(" ms after its end.\n");
    List<List<Leftover>> all = found.groups();
    all.stream().limit(groups).forEach(group -> append(group, names, text));
    if (all.size() > groups) {
      text.append("\nand ").append(all.size() - groups).append(" more groups\n");
    }
    found.scopes().forEach(scope -> text.append('\n').append(scope).append('\n'));
    return text.toString();
  }

  private static void append(List<Leftover> group, int names, StringBuilder text) {
    Leftover first = group.getFirst();
    text.append('\n').append(first.kind().count(group.size())).append(": ");
    text.append(group.stream().limit(names).map(LeakText::name).collect(Collectors.joining(", ")));
    if (group.size() > names) {
      text.append(" and ").append(group.size() - names).append(" more");
    }
    text.append('\n');
    append(first.stack(), "    at ", text);
    if (!first.created().isEmpty()) {
      text.append("  started by\n");
      append(first.created(), "    at ", text);
    }
  }

  private static String name(Leftover one) {
    String name = one.name().isEmpty() ? "" : "'" + one.name() + "'";
    return one.thread() == 0 ? name : (name + " #" + one.thread()).strip();
  }

  private static void append(List<StackTraceElement> stack, String before, StringBuilder text) {
    stack.stream().limit(FRAMES).forEach(frame -> text.append(before).append(frame).append('\n'));
    if (stack.size() > FRAMES) {
      text.append("    and ").append(stack.size() - FRAMES).append(" more frames\n");
    }
  }
}
