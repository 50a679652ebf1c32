package dev.holdfast.junit.leaks;

import dev.holdfast.internal.util.Printable;
import dev.holdfast.junit.threads.CodeOrigin;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/** Writes leaks as text. */
final class LeakText {

  private static final int GROUPS = 20;
  private static final int NAMES = 5;
  private static final int FRAMES = 40;
  private static final int CREATOR_FRAMES = 16;

  private LeakText() {}

  /** {@return the text with all leaks, for a file} */
  static String full(String test, Duration linger, Leaks leaks) {
    return text(test, linger, leaks, Integer.MAX_VALUE, Integer.MAX_VALUE);
  }

  /** {@return a shorter text, for the message of a failure} */
  static String brief(String test, Duration linger, Leaks leaks) {
    return text(test, linger, leaks, GROUPS, NAMES);
  }

  private static String text(String test, Duration linger, Leaks leaks, int groups, int names) {
    var text = new StringBuilder();
    text.append(test).append(" left ").append(leaks.count()).append(" running");
    text.append(", ").append(linger.toMillis()).append(" ms after its end.\n");
    List<List<Leak>> all = leaks.groups();
    all.stream().limit(groups).forEach(group -> append(group, names, text));
    if (all.size() > groups) {
      text.append("\nand ").append(all.size() - groups).append(" more groups\n");
    }
    leaks.scopes().forEach(scope -> text.append('\n').append(scope).append('\n'));
    return text.toString();
  }

  private static void append(List<Leak> group, int names, StringBuilder text) {
    Leak first = group.getFirst();
    text.append('\n').append(first.kind().count(group.size())).append(": ");
    text.append(group.stream().limit(names).map(LeakText::name).collect(Collectors.joining(", ")));
    if (group.size() > names) {
      text.append(" and ").append(group.size() - names).append(" more");
    }
    text.append('\n');
    appendStack(first.stack(), FRAMES, text);
    if (!first.candidates().isEmpty()) {
      text.append("  created by one of these tests, or by a thread that one of them left: ");
      text.append(first.candidates().stream().limit(names).collect(Collectors.joining(", ")));
      int more = first.candidates().size() - names;
      text.append(more > 0 ? " and " + more + " more\n" : "\n");
    }
    if (!first.createdFrom().isEmpty()) {
      text.append("  created by\n");
      int frames = names == Integer.MAX_VALUE ? names : throughApplication(first.createdFrom());
      appendStack(first.createdFrom(), frames, text);
    }
  }

  /** {@return how many frames to show so that a frame of the application is among them} */
  private static int throughApplication(List<StackTraceElement> stack) {
    int frame = 0;
    while (frame < stack.size() && !CodeOrigin.isApplication(stack.get(frame))) {
      frame++;
    }
    return frame == stack.size() ? CREATOR_FRAMES : Math.max(CREATOR_FRAMES, frame + 2);
  }

  private static String name(Leak leak) {
    String name = leak.name().isEmpty() ? "" : "'" + Printable.of(leak.name()) + "'";
    return leak.thread() == 0 ? name : (name + " #" + leak.thread()).strip();
  }

  private static void appendStack(List<StackTraceElement> stack, int frames, StringBuilder text) {
    stack.stream()
        .limit(frames)
        .forEach(frame -> text.append("    at ").append(frame).append('\n'));
    if (stack.size() > frames) {
      text.append("    and ").append(stack.size() - frames).append(" more frames\n");
    }
  }
}
