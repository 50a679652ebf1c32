package dev.holdfast.diagnostics.dump;

import dev.holdfast.diagnostics.dump.data.DumpData;
import dev.holdfast.diagnostics.dump.data.Stacks;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Separates the lines of the containers in one log, which may alternate.
 *
 * <p>A name at the beginning of a line counts as that of a container once a dump has begun on a
 * line with this name. A line without such a name belongs to the container of the preceding line,
 * because programs also write lines whose beginnings look like container names.
 */
final class LogSources {

  /** The name that kubectl, docker compose and stern write before each line. */
  private static final Pattern NAME =
      Pattern.compile(
          "\\[pod/[^\\]]+\\] |[\\w.-]+ +\\| |[a-z][a-z0-9]*-[a-z0-9.-]+ [a-z][a-z0-9-]* ");

  /** The largest number of container names. If a log has more, they are not names of containers. */
  private static final int MAX = 100;

  private final Stacks stacks;
  private final boolean newestFirst;
  private final Map<String, LogLines> byName = new HashMap<>();
  private final List<LogLines> all = new ArrayList<>();
  private LogLines current;

  LogSources(Stacks stacks, boolean newestFirst) {
    this.stacks = stacks;
    this.newestFirst = newestFirst;
    this.current = add();
  }

  private LogLines add() {
    var lines = new LogLines(new TextDumpReader(stacks), newestFirst);
    all.add(lines);
    return lines;
  }

  /** Reads a line, without its line separator. */
  void line(String raw) {
    String name = name(raw);
    if (name != null) {
      LogLines known = byName.get(name);
      if (known == null && byName.size() < MAX && raw.contains("Full thread dump ")) {
        known = byName.isEmpty() ? current : add();
        byName.put(name, known);
      }
      current = known == null ? current : known;
    }
    current.line(raw);
  }

  private static @Nullable String name(String raw) {
    Matcher matcher = NAME.matcher(LogPrefix.withoutColors(raw));
    return matcher.lookingAt() ? matcher.group() : null;
  }

  /** Reads the entries of a log, or of the response of a log server. */
  void entry(@Nullable Object json) {
    current.entry(json);
  }

  /** Counts a thread or frame that cannot be read. */
  void skip() {
    current.text().skip();
  }

  /** {@return the dumps of each container, in their order} */
  List<DumpData> finish() {
    var dumps = new ArrayList<DumpData>();
    for (LogLines lines : all) {
      lines.finish();
      dumps.addAll(lines.text().finish());
    }
    return dumps;
  }

  /** {@return whether the lines of most threads of a container were in reverse order} */
  boolean isReversed() {
    return all.stream().anyMatch(lines -> lines.text().isReversed());
  }

  /** {@return whether a dump had threads whose frames could not be assigned to them} */
  boolean hasLostStacks() {
    return all.stream().anyMatch(lines -> lines.text().hasLostStacks());
  }
}
