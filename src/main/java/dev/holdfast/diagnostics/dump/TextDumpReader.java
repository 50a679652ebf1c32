package dev.holdfast.diagnostics.dump;

import dev.holdfast.diagnostics.dump.data.DumpBuilder;
import dev.holdfast.diagnostics.dump.data.DumpData;
import dev.holdfast.diagnostics.dump.data.Stacks;
import dev.holdfast.diagnostics.dump.data.ThreadBuilder;
import dev.holdfast.diagnostics.json.JsonException;
import dev.holdfast.diagnostics.json.JsonReader;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads thread dumps from lines of text: what {@code jstack}, {@code jcmd}, {@code kill -3},
 * VisualVM, {@code ThreadInfo.toString} and others write, on its own or in a log.
 *
 * <p>Lines that belong to no dump are ignored. A damaged thread or frame is skipped and counted.
 */
final class TextDumpReader {

  private static final Pattern BANNER = Pattern.compile("Full thread dump .*?\\(([^\\s)]+).*");
  private static final Pattern PID = Pattern.compile("(\\d{1,18}):?");
  private static final Pattern STATE = Pattern.compile("java\\.lang\\.Thread\\.State: (\\w+).*");
  private static final Pattern MOUNTED = Pattern.compile("Mounted virtual thread #(\\d{1,18}).*");

  /** What follows the last thread of a dump. */
  private static final Pattern END =
      Pattern.compile("JNI global ref.*|Heap|Found .*deadlock.*|Java stack information for .*");

  private static final DateTimeFormatter LOCAL_TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss");

  private final Stacks stacks;
  private final LogPrefix prefix = new LogPrefix();
  private final JavacoreReader javacore;
  private final List<DumpData> dumps = new ArrayList<>();

  private DumpBuilder dump;
  private @Nullable ThreadBuilder thread;

  /** Whether frames belong to the thread: until an empty line. */
  private boolean inStack;

  /** Whether the current thread is of a dump in which frames do not begin with "at". */
  private boolean bareFrames;

  /** The two lines before, which may say the process and the time of a dump. */
  private String before = "";

  private String beforeThat = "";
  private boolean versionFollows;

  TextDumpReader(Stacks stacks) {
    this.stacks = stacks;
    this.dump = new DumpBuilder(stacks);
    this.javacore = new JavacoreReader(stacks);
  }

  /** Reads a line, without its line separator. */
  void line(String raw) {
    String line = prefix.strip(raw).stripTrailing();
    if (line.startsWith("{") && line.endsWith("}") && isLogEntry(line)) {
      return;
    }
    String text = line.stripLeading();
    if (text.isEmpty()) {
      inStack = false;
    } else if (!isBanner(text) && !beginsThread(line) && !javacore.line(text) && thread != null) {
      detail(text, thread);
    }
    beforeThat = before;
    before = text;
  }

  private boolean isLogEntry(String line) {
    try {
      String text = JsonReader.parse(line) instanceof Map<?, ?> map ? LogEntry.text(map) : null;
      if (text != null) {
        text.lines().forEach(this::line);
      }
      return true;
    } catch (JsonException e) {
      return false;
    }
  }

  private boolean isBanner(String text) {
    if (versionFollows) {
      versionFollows = false;
      dump.runtimeVersion = text;
      return true;
    }
    Matcher banner = BANNER.matcher(text);
    if (banner.matches()) {
      beginDump();
      dump.runtimeVersion = banner.group(1);
      dump.time = localTime(before);
      dump.pid = pid(beforeThat);
      return true;
    }
    Instant time = pid(before) == 0 ? null : instant(text);
    if (time != null) { // jcmd Thread.dump_to_file
      beginDump();
      dump.pid = pid(before);
      dump.time = time;
      versionFollows = true;
      return true;
    }
    return false;
  }

  private void beginDump() {
    endThread();
    if (dump.hasThreads()) {
      dumps.add(dump.build());
    }
    dump = new DumpBuilder(stacks);
  }

  private static long pid(String line) {
    Matcher matcher = PID.matcher(line);
    return matcher.matches() ? Long.parseLong(matcher.group(1)) : 0;
  }

  private static @Nullable Instant instant(String text) {
    try {
      return text.endsWith("Z") ? Instant.parse(text) : null;
    } catch (DateTimeException e) {
      return null;
    }
  }

  private static Instant localTime(String text) {
    try {
      return LocalDateTime.parse(text, LOCAL_TIME).atZone(ZoneId.systemDefault()).toInstant();
    } catch (DateTimeException e) {
      return DumpData.UNKNOWN;
    }
  }

  private boolean beginsThread(String line) {
    ThreadBuilder next = ThreadHeader.parse(line, dump.nextId());
    if (next != null) {
      endThread();
      thread = next;
      inStack = true;
      bareFrames = line.charAt(0) == '#';
      return true;
    }
    if (line.charAt(0) == '"') {
      boolean section =
          line.endsWith("\":"); // part of a deadlock report, whose threads are listed above too
      if (!section && dump.hasThreads()) {
        dump.skipped++;
      }
      endThread();
      return true;
    }
    return false;
  }

  private void endThread() {
    if (thread != null) {
      dump.add(thread);
      thread = null;
    }
  }

  private void detail(String text, ThreadBuilder thread) {
    if (text.startsWith("at ")) {
      frame(text.substring(3), thread);
    } else if (text.startsWith("- ") && text.contains(" @bci=")) {
      int end = text.indexOf('(');
      frame(text.substring(2, Math.max(2, end)) + "(Unknown Source)", thread);
    } else if (text.startsWith("-")) {
      LockLine.read(text, thread, dump);
    } else if (text.startsWith("java.lang.Thread.State: ")) {
      Matcher state = STATE.matcher(text);
      thread.setState(state.matches() ? state.group(1) : null);
    } else if (text.startsWith("Mounted virtual thread #")) {
      mounted(text, thread);
    } else if (END.matcher(text).matches()) {
      endThread();
    } else if (bareFrames && inStack && text.endsWith(")")) {
      frame(text, thread);
    }
  }

  private void frame(String text, ThreadBuilder thread) {
    if (inStack) {
      StackTraceElement frame = stacks.frame(text.substring(0, text.lastIndexOf(')') + 1).strip());
      if (frame == null) {
        dump.skipped++;
      } else {
        thread.stack.add(frame);
      }
    }
  }

  private void mounted(String text, ThreadBuilder carrier) {
    Matcher matcher = MOUNTED.matcher(text);
    if (matcher.matches()) {
      endThread();
      var virtual = new ThreadBuilder(Long.parseLong(matcher.group(1)), "");
      virtual.virtual = true;
      virtual.carrier = carrier.id;
      thread = virtual;
    }
  }

  /** {@return the dumps that the lines have, in their order} */
  List<DumpData> finish() {
    beginDump();
    DumpData core = javacore.finish();
    if (core != null) {
      dumps.add(core);
    }
    return dumps;
  }
}
