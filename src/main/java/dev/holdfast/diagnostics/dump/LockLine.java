package dev.holdfast.diagnostics.dump;

import dev.holdfast.diagnostics.dump.data.DumpBuilder;
import dev.holdfast.diagnostics.dump.data.ThreadBuilder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A line of a text dump that names a monitor or a lock. */
final class LockLine {

  private static final Pattern LINE =
      Pattern.compile(
          "-\\s+(?:(parking to wait for|waiting on|waiting to lock"
              + "|waiting to re-lock in wait\\(\\)|blocked on|locked)\\s+)?"
              + "<?([^<>,\\s]+)>?(?: \\(an? ([^)]+)\\))?"
              + "(?:,? (?:owner #|owned by .*(?:t@|Id=))(\\d{1,18}))?.*");

  private static final Pattern ADDRESS = Pattern.compile("(?:0x)?0*([0-9a-fA-F]+)");

  private LockLine() {}

  /** Adds the lock named in a line to a thread. */
  static void read(String line, ThreadBuilder thread, DumpBuilder dump) {
    Matcher matcher = LINE.matcher(line);
    if (!matcher.matches()) {
      return;
    }
    String object = object(matcher);
    if (object.indexOf('@') < 0) {
      return; // "- None", or "- waiting on <no object reference available>"
    }
    if (matcher.group(4) != null) {
      thread.lockOwner = Long.valueOf(matcher.group(4));
    }
    if (matcher.group(1) == null) {
      dump.ownsLock(thread, object);
      return;
    }
    switch (matcher.group(1)) {
      case "locked" -> thread.owns(object);
      case "waiting on" -> thread.waitingOn = object;
      case "parking to wait for" -> thread.parkBlocker = object;
      default -> thread.blockedOn = object;
    }
  }

  /** {@return the object as {@code type@hash}; an address stands for the hash} */
  private static String object(Matcher matcher) {
    String type = matcher.group(3);
    Matcher address = ADDRESS.matcher(matcher.group(2));
    return type != null && address.matches() ? type + "@" + address.group(1) : matcher.group(2);
  }
}
