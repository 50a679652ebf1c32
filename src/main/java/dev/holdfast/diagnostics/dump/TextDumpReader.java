package dev.holdfast.diagnostics.dump;

import dev.holdfast.diagnostics.dump.data.ClassicVersion;
import dev.holdfast.diagnostics.dump.data.DumpBuilder;
import dev.holdfast.diagnostics.dump.data.DumpData;
import dev.holdfast.diagnostics.dump.data.Stacks;
import dev.holdfast.diagnostics.dump.data.ThreadBuilder;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads thread dumps from lines of text, alone or in a log, as {@code jstack}, {@code jcmd}, {@code
 * kill -3}, VisualVM, {@code ThreadInfo.toString} and others write them.
 *
 * <p>The reader ignores lines that belong to no dump. It skips and counts damaged threads and
 * frames.
 */
final class TextDumpReader {

  private static final Pattern BANNER =
      Pattern.compile("Full thread dump (?:.*VM.*?)?\\((?!TM\\)|R\\))([^\\s)]+).*");
  private static final Pattern PID = Pattern.compile("(\\d{1,18}):?");
  private static final Pattern STATE = Pattern.compile("java\\.lang\\.Thread\\.State: (\\w+).*");
  private static final Pattern MOUNTED = Pattern.compile("Mounted virtual thread #(\\d{1,18}).*");

  /** The suffix that loggers add to a frame: the file and version of its class. */
  private static final Pattern JAR = Pattern.compile("\\) ~?\\[[^\\[\\]]*\\]$");

  private static final Pattern WAITS_ON =
      Pattern.compile("on (\\S+@\\w+)(?: owned by \".*\" Id=(\\d{1,18}))?");

  /** What follows the last thread of a dump. */
  private static final Pattern END =
      Pattern.compile("JNI global ref.*|Heap|Found .*deadlock.*|Java stack information for .*");

  private static final Pattern FRAME = Pattern.compile("\\bat [\\w.$/@]{2,200}\\(");

  private static final DateTimeFormatter LOCAL_TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss");

  private static final int LOCAL_TIME_LENGTH = "2026-01-01 00:00:00".length();

  /** A frame of a tool that writes no "at". */
  private static final Pattern BARE_FRAME =
      Pattern.compile("[\\w$/@+-][^\\s(),;=]*\\.[^\\s(),;=]+ ?\\([^()]*\\)");

  // Bounds for lines on which patterns would backtrack for a long time.
  private static final int MAX_FRAME = 2_000;
  private static final int MAX_BANNER = 300;

  /** The maximum number of lines in a thread name. */
  private static final int MAX_NAME_LINES = 8;

  /** If every other line has been empty for this many lines, empty lines do not end a stack. */
  private static final int DOUBLE_SPACED = 4;

  private final Stacks stacks;
  private final JavacoreReader javacore;
  private final List<DumpData> dumps = new ArrayList<>();

  private DumpBuilder dump;
  private @Nullable ThreadBuilder thread;

  /** Whether the next frames belong to the current thread, as they do until an empty line. */
  private boolean inStack;

  /** Whether the head of a dump was read. */
  private boolean inDump;

  /** The lines read so far of a thread name that contains line ends; empty outside such a name. */
  private String openName = "";

  private int openLines;

  /** The two preceding lines, which may give the process and the time of a dump. */
  private String before = "";

  private String beforeThat = "";
  private boolean versionFollows;

  /** For how many lines every other line has been empty. */
  private int alternating;

  /** Whether there were frames that belong to no thread since the beginning of the dump. */
  private boolean lostFrames;

  private boolean lostStacks;

  /** How many more states come after the first line of a thread than before it. */
  private int statesInOrder;

  TextDumpReader(Stacks stacks) {
    this.stacks = stacks;
    this.dump = new DumpBuilder(stacks);
    this.javacore = new JavacoreReader(stacks);
  }

  /** Reads a line as the tool has written it, without its line separator. */
  void line(String line) {
    String text = line.strip();
    alternating = text.isEmpty() == before.isEmpty() ? 0 : alternating + 1;
    if (text.isEmpty()) {
      inStack &= alternating >= DOUBLE_SPACED;
      continueName(line);
    } else if (!isBanner(text) && !beginsThread(line) && !javacore.line(text)) {
      lostFrames |=
          (thread == null || !inStack) && text.endsWith(")") && FRAME.matcher(text).find();
      if (thread != null) {
        detail(text, thread);
      }
    }
    beforeThat = before;
    before = text;
  }

  private boolean isBanner(String text) {
    if (versionFollows) {
      versionFollows = false;
      dump.runtimeVersion = text;
      return true;
    }
    Matcher banner = BANNER.matcher(text.length() < MAX_BANNER ? text : "");
    if (banner.matches()) {
      beginDump();
      inDump = true;
      dump.runtimeVersion = ClassicVersion.of(banner.group(1));
      dump.time = localTime(before);
      dump.pid = pid(beforeThat);
      return true;
    }
    Instant time = pid(before) == 0 ? null : instant(text);
    if (time != null) { // jcmd Thread.dump_to_file
      beginDump();
      inDump = true;
      dump.pid = pid(before);
      dump.time = time;
      versionFollows = true;
      return true;
    }
    return false;
  }

  private void beginDump() {
    giveUpName();
    endThread();
    if (dump.hasThreads()) {
      if (dump.hasFrames() || (inDump && !lostFrames)) {
        dumps.add(dump.build());
      } else {
        lostStacks |= lostFrames;
      }
    }
    lostFrames = false;
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

  /** {@return the time at the end of a line, to which a log may have added a prefix} */
  private static Instant localTime(String text) {
    try {
      String last = text.substring(Math.max(0, text.length() - LOCAL_TIME_LENGTH));
      return LocalDateTime.parse(last, LOCAL_TIME).atZone(ZoneId.systemDefault()).toInstant();
    } catch (DateTimeException e) {
      return DumpData.UNKNOWN;
    }
  }

  private boolean beginsThread(String line) {
    long nextId = dump.nextId() + (thread == null ? 0 : 1);
    ThreadBuilder next = ThreadHeader.parse(line, nextId);
    if (next == null && line.startsWith("State: ") && before.startsWith("Name: ")) { // JConsole
      next = ThreadHeader.ofState(before.substring(6), line.substring(7), nextId);
    }
    if (next == null && !openName.isEmpty()) {
      next = ThreadHeader.parse(openName + line, nextId);
      openName = next == null ? openName : "";
    }
    if (next != null) {
      giveUpName();
      endThread();
      statesInOrder -= before.startsWith("java.lang.Thread.State: ") ? 1 : 0;
      thread = next;
      inStack = true;
      return true;
    }
    if (ThreadHeader.isBegin(line)) {
      giveUpName();
      endThread();
      // The heading of a deadlock report, whose threads are also listed above, or the end of a
      // quotation.
      boolean section = line.endsWith("\":") || line.equals("\"");
      openName = section ? "" : line + "\n";
      openLines = 1;
      return true;
    }
    return continueName(line);
  }

  /** {@return whether a line is part of a name or follows a damaged one} */
  private boolean continueName(String line) {
    if (openName.isEmpty()) {
      return false;
    }
    if (++openLines > MAX_NAME_LINES || line.stripLeading().startsWith("at ")) {
      giveUpName();
    } else {
      openName += line + "\n";
    }
    return true;
  }

  /** Counts a thread or frame that cannot be read. */
  void skip() {
    dump.skipped++;
  }

  /** Counts a thread whose first line is damaged. */
  private void giveUpName() {
    if (!openName.isEmpty() && (inDump || dump.hasThreads())) {
      dump.skipped++;
    }
    openName = "";
  }

  private void endThread() {
    if (thread != null) {
      thread.tellMonitorFromLock();
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
      inStack |= thread.stack.isEmpty();
      statesInOrder += ThreadHeader.isBegin(before) ? 1 : 0;
      thread.setState(state.matches() ? state.group(1) : null);
    } else if (text.startsWith("Mounted virtual thread #")) {
      mounted(text, thread);
    } else if (END.matcher(text).matches()) {
      endThread();
    } else if (text.equals("Stack trace:")) { // JConsole
      inStack = true;
    } else if (text.startsWith("on ")) { // IntelliJ
      waitsFor(text, thread);
    } else if (inStack && text.endsWith(")") && isBareFrame(text)) {
      frame(text, thread);
    }
  }

  private void frame(String text, ThreadBuilder thread) {
    if (inStack) {
      int jar = JAR.matcher(text).find() ? text.indexOf(')') : text.lastIndexOf(')');
      String call = text.substring(0, jar + 1).strip().replace(" (", "(");
      StackTraceElement frame = stacks.frame(call);
      if (frame == null) {
        dump.skipped++;
      } else {
        thread.stack.add(frame);
      }
    }
  }

  private static boolean isBareFrame(String text) {
    return text.length() < MAX_FRAME && BARE_FRAME.matcher(text).matches();
  }

  private static void waitsFor(String text, ThreadBuilder thread) {
    Matcher matcher = WAITS_ON.matcher(text);
    if (matcher.matches()) {
      thread.waitsFor(matcher.group(1));
      thread.lockOwner = matcher.group(2) == null ? null : Long.valueOf(matcher.group(2));
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
      inStack = true;
    }
  }

  /** {@return whether a dump had threads whose frames could not be assigned to them} */
  boolean hasLostStacks() {
    return lostStacks;
  }

  /** {@return whether the lines of most threads were in reverse order} */
  boolean isReversed() {
    return statesInOrder < 0;
  }

  /** {@return the dumps in the lines, in their order} */
  List<DumpData> finish() {
    beginDump();
    dumps.addAll(javacore.finish());
    return dumps;
  }
}
