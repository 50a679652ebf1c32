package dev.holdfast.diagnostics.dump;

import dev.holdfast.diagnostics.dump.data.DumpBuilder;
import dev.holdfast.diagnostics.dump.data.DumpData;
import dev.holdfast.diagnostics.dump.data.Stacks;
import dev.holdfast.diagnostics.dump.data.ThreadBuilder;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the lines of a javacore, the dump of OpenJ9. Each line begins with a tag. */
final class JavacoreReader {

  private static final Pattern LINE = Pattern.compile("(\\d[A-Z][A-Z0-9]{3,20})\\s+(.*)");
  private static final Pattern THREAD = Pattern.compile("\"(.*)\" .*state:(\\w+).*");
  private static final Pattern ID = Pattern.compile(".*getId:0x([0-9A-Fa-f]{1,15}).*");
  private static final Pattern PID = Pattern.compile("Process ID: (\\d{1,18}).*");
  private static final Pattern BUILD = Pattern.compile(".*\\(build (\\d[^)\\s]*)\\).*");
  private static final Pattern DATE =
      Pattern.compile("Date: (\\d{4}/\\d\\d/\\d\\d at \\d\\d:\\d\\d:\\d\\d).*");
  private static final Pattern LOCK = Pattern.compile("(Waiting|Blocked|Parked) on: (\\S+@\\w+).*");
  private static final Pattern ENTERED = Pattern.compile("\\(entered lock: (\\S+@\\w+),.*");

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu/MM/dd 'at' HH:mm:ss");

  private final Stacks stacks;
  private final List<DumpData> dumps = new ArrayList<>();
  private DumpBuilder dump;
  private @Nullable ThreadBuilder thread;
  private String name = "";
  private String state = "";

  JavacoreReader(Stacks stacks) {
    this.stacks = stacks;
    this.dump = new DumpBuilder(stacks);
  }

  /** Reads a line; {@return whether it is one of a javacore} */
  boolean line(String text) {
    if (text.isEmpty() || !Character.isDigit(text.charAt(0))) {
      return false;
    }
    Matcher line = LINE.matcher(text);
    if (!line.matches()) {
      return false;
    }
    String value = line.group(2);
    switch (line.group(1)) {
      case "1TIDATETIME" -> {
        endDump();
        time(value);
      }
      case "1CIPROCESSID" -> pid(value);
      case "1CIJAVAVERSION" -> version(value);
      case "3XMTHREADINFO" -> header(value);
      case "3XMJAVALTHREAD" -> id(value);
      case "4XESTACKTRACE" -> frame(value);
      case "3XMTHREADBLOCK" -> lock(value);
      case "5XESTACKTRACE" -> entered(value);
      default -> {
        // not about threads
      }
    }
    return true;
  }

  private void time(String value) {
    Matcher date = DATE.matcher(value);
    if (date.matches()) {
      try {
        dump.time =
            LocalDateTime.parse(date.group(1), TIME).atZone(ZoneId.systemDefault()).toInstant();
      } catch (DateTimeException e) {
        // the time stays unknown
      }
    }
  }

  private void version(String value) {
    Matcher build = BUILD.matcher(value);
    dump.runtimeVersion = build.matches() ? build.group(1) : value.replaceFirst("^JRE ", "");
  }

  private void pid(String value) {
    Matcher pid = PID.matcher(value);
    if (pid.matches()) {
      dump.pid = Long.parseLong(pid.group(1));
    }
  }

  /**
   * Reads the name of a thread; the identifier is in the next line. Native threads have no name.
   */
  private void header(String value) {
    endThread();
    Matcher header = THREAD.matcher(value);
    name = header.matches() ? header.group(1) : "";
    state = header.matches() ? header.group(2) : "";
  }

  private void id(String value) {
    Matcher id = ID.matcher(value);
    if (!state.isEmpty() && id.matches()) {
      thread = new ThreadBuilder(Long.parseLong(id.group(1), 16), name);
      thread.state =
          switch (state) {
            case "R" -> Thread.State.RUNNABLE;
            case "B" -> Thread.State.BLOCKED;
            case "CW", "P" -> Thread.State.WAITING;
            default -> null;
          };
    }
  }

  private void frame(String value) {
    if (thread != null && value.startsWith("at ")) {
      int compiled = value.indexOf("(Compiled Code)");
      String text = compiled < 0 ? value : value.substring(0, compiled) + ")";
      int file = text.indexOf('(');
      String method = file < 0 ? text : text.substring(3, file).replace('/', '.');
      StackTraceElement frame =
          file < 0 ? null : stacks.frame(method + text.substring(file).strip());
      if (frame == null) {
        dump.skipped++;
      } else {
        thread.stack.add(frame);
      }
    }
  }

  private void lock(String value) {
    Matcher lock = LOCK.matcher(value);
    if (thread != null && lock.matches()) {
      String object = object(lock.group(2));
      switch (lock.group(1)) {
        case "Waiting" -> thread.waitingOn = object;
        case "Blocked" -> thread.blockedOn = object;
        default -> thread.parkBlocker = object;
      }
    }
  }

  private void entered(String value) {
    Matcher lock = ENTERED.matcher(value);
    if (thread != null && lock.matches()) {
      thread.owns(object(lock.group(1)));
    }
  }

  /** {@return an object as {@code type@hash}; its address stands for the hash} */
  private static String object(String text) {
    int at = text.indexOf('@');
    String address = text.substring(at + 1).toLowerCase(Locale.ROOT).replaceFirst("^0x0*", "");
    return text.substring(0, at).replace('/', '.') + "@" + address;
  }

  private void endThread() {
    if (thread != null) {
      dump.add(thread);
      thread = null;
    }
  }

  private void endDump() {
    endThread();
    if (dump.hasThreads()) {
      dumps.add(dump.build());
      dump = new DumpBuilder(stacks);
    }
  }

  /** {@return the dumps in the lines, in their order} */
  List<DumpData> finish() {
    endDump();
    return dumps;
  }
}
