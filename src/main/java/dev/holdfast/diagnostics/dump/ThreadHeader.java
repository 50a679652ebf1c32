package dev.holdfast.diagnostics.dump;

import dev.holdfast.diagnostics.dump.data.ThreadBuilder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The line that begins a thread in a text dump, in the forms of several tools. */
final class ThreadHeader {

  /** jstack, jcmd Thread.print, kill -3, ThreadInfo.toString, VisualVM, Spring's actuator. */
  private static final Pattern QUOTED =
      Pattern.compile(
          "\"(.*?)\"(?=,? (?:#\\d|\\[\\d|daemon|prio=|os_prio=|tid=|nid=|[Ii]d=|- Thread"
              + " t@|t@))(.*)",
          Pattern.DOTALL);

  /** jcmd Thread.dump_to_file. */
  private static final Pattern NUMBERED =
      Pattern.compile(
          "#(\\d{1,18}) \"(.*)\"( virtual)?(?: ([A-Z_]+))?(?: \\d{4}-\\S+)?", Pattern.DOTALL);

  private static final Pattern BEGINS_NUMBERED = Pattern.compile("#\\d{1,18} \"");

  /** jstack -F and jhsdb jstack of JDK 8. */
  private static final Pattern SERVICEABILITY_AGENT =
      Pattern.compile("Thread (\\d{1,18}): \\(state = \\w+\\).*");

  /** Thread.toString, for programs that print Thread.getAllStackTraces. */
  private static final Pattern TO_STRING =
      Pattern.compile("(Virtual)?Thread\\[(?:#(\\d{1,18}),?)?([^\\]]*?)(?:,\\d+,[^\\],]*)?\\].*");

  private static final Pattern NUMBER = Pattern.compile("(?: #|[Ii]d=|t@)(\\d{1,18})\\b");
  private static final Pattern NATIVE_ID =
      Pattern.compile(" nid=(?:0x([1-9a-f][0-9a-f]{0,14})|([1-9]\\d{0,17}))\\b");

  /** IntelliJ writes the number of a thread here; other tools write an address. */
  private static final Pattern SHORT_TID = Pattern.compile(" tid=0x([1-9a-f][0-9a-f]{0,6})\\b");

  private static final Pattern THREAD_INFO =
      Pattern.compile(
          " [Ii]d=\\d+ (?:\\w+=\\S+ )*(?:state=)?([A-Z_]+)(?: on (\\S+))?(?: owned by \".*\""
              + " Id=(\\d{1,18}))?.*");

  /** What JConsole writes after "State: ". */
  private static final Pattern STATE = Pattern.compile("([A-Z_]+)(?: on (\\S+@\\w+))?.*");

  private ThreadHeader() {}

  /** {@return the thread for a name and a state that JConsole wrote, or null} */
  static @Nullable ThreadBuilder ofState(String name, String state, long nextId) {
    Matcher matcher = STATE.matcher(state);
    if (!matcher.matches()) {
      return null;
    }
    var thread = new ThreadBuilder(nextId, name);
    thread.setState(matcher.group(1));
    if (matcher.group(2) != null) {
      thread.waitsFor(matcher.group(2));
    }
    return thread.state == null ? null : thread;
  }

  /**
   * Parses a line.
   *
   * @param line the line, without a log prefix
   * @param nextId an identifier for a thread whose line has none
   * @return the thread, or null if the line does not begin a thread
   */
  static @Nullable ThreadBuilder parse(String line, long nextId) {
    if (line.isEmpty()) {
      return null;
    }
    return switch (line.charAt(0)) {
      case '"' -> quoted(line, nextId);
      case '#' -> numbered(line);
      case 'T', 'V' -> unquoted(line, nextId);
      default -> null;
    };
  }

  /** {@return whether a line seems to begin a thread, whose name may continue in the next line} */
  static boolean isBegin(String line) {
    char first = line.isEmpty() ? ' ' : line.charAt(0);
    return first == '"' || (first == '#' && BEGINS_NUMBERED.matcher(line).lookingAt());
  }

  private static @Nullable ThreadBuilder quoted(String line, long nextId) {
    Matcher matcher = QUOTED.matcher(line);
    if (!matcher.matches()) {
      return null;
    }
    String attributes = matcher.group(2);
    var thread = new ThreadBuilder(id(attributes, nextId), matcher.group(1));
    Matcher info = THREAD_INFO.matcher(attributes);
    if (info.find()) {
      thread.setState(info.group(1));
      if (info.group(2) != null) {
        thread.waitsFor(info.group(2));
      }
      thread.lockOwner = info.group(3) == null ? null : Long.valueOf(info.group(3));
    }
    return thread;
  }

  /**
   * {@return the identifier of a thread; dumps of JDK 7 contain only the one that the operating
   * system assigns}
   */
  private static long id(String attributes, long nextId) {
    Matcher number = NUMBER.matcher(attributes);
    if (number.find()) {
      return Long.parseLong(number.group(1));
    }
    Matcher nativeId = NATIVE_ID.matcher(attributes);
    if (nativeId.find()) {
      return nativeId.group(1) == null
          ? Long.parseLong(nativeId.group(2))
          : Long.parseLong(nativeId.group(1), 16);
    }
    Matcher shortTid = SHORT_TID.matcher(attributes);
    return shortTid.find() ? Long.parseLong(shortTid.group(1), 16) : nextId;
  }

  private static @Nullable ThreadBuilder numbered(String line) {
    Matcher matcher = NUMBERED.matcher(line);
    if (!matcher.matches()) {
      return null;
    }
    var thread = new ThreadBuilder(Long.parseLong(matcher.group(1)), matcher.group(2));
    thread.virtual = matcher.group(3) != null;
    thread.setState(matcher.group(4));
    return thread;
  }

  private static @Nullable ThreadBuilder unquoted(String line, long nextId) {
    Matcher agent = SERVICEABILITY_AGENT.matcher(line);
    if (agent.matches()) {
      return new ThreadBuilder(Long.parseLong(agent.group(1)), "");
    }
    Matcher matcher = TO_STRING.matcher(line);
    if (!matcher.matches()) {
      return null;
    }
    long id = matcher.group(2) == null ? nextId : Long.parseLong(matcher.group(2));
    var thread = new ThreadBuilder(id, matcher.group(3));
    thread.virtual = matcher.group(1) != null;
    return thread;
  }
}
