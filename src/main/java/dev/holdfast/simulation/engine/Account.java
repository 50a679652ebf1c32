package dev.holdfast.simulation.engine;

import dev.holdfast.internal.util.LibraryFrames;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The record of a run: its fingerprint and, on request, its switches and its last steps. */
public final class Account {

  /** A step of a strand. */
  record Step(Strand strand, long atNanos, String what) {}

  private static final int KEPT = 2_000;

  private static final StackWalker WALKER = StackWalker.getInstance();

  private final boolean recording;

  /** The decisions that differ from the default, by where they were made. */
  private final Map<Chooser.Point, Integer> switches = new LinkedHashMap<>();

  private final Deque<Step> lastSteps = new ArrayDeque<>();
  private long fingerprint = 1;
  private boolean outside;

  /** Creates an account. Recording makes a run slow. */
  public Account(boolean recording) {
    this.recording = recording;
  }

  /** {@return a number that equal runs have in common} */
  public long fingerprint() {
    return fingerprint;
  }

  Map<Chooser.Point, Integer> switches() {
    return switches;
  }

  /** {@return whether a thread outside the simulation took part in it} */
  boolean hadOutside() {
    return outside;
  }

  void outside() {
    outside = true;
  }

  /** Called by the strand, which usually has the turn. */
  void reached(Strand strand, long at, String operation, @Nullable Object subject) {
    fingerprint = (fingerprint * 31 + strand.id) * 31 + operation.hashCode();
    fingerprint = fingerprint * 31 + at;
    if (recording) {
      if (lastSteps.size() == KEPT) {
        lastSteps.removeFirst();
      }
      String place = place();
      String what = subject == null ? operation : operation + " " + subject;
      lastSteps.add(new Step(strand, at, place.isEmpty() ? what : what + " at " + place));
    }
  }

  /** {@return the line of user code that the current thread is at} */
  private static String place() {
    return WALKER.walk(frames ->
        frames
            .filter(
                f -> !f.getClassName().startsWith("java.") && !f.getClassName().startsWith("jdk."))
            .filter(f -> !LibraryFrames.isLibrary(f.getClassName()))
            .findFirst()
            .map(f -> f.getFileName() + ":" + f.getLineNumber())
            .orElse(""));
  }

  void chosen(@Nullable Strand last, Strand next, @Nullable Strand current, List<Strand> ready) {
    if (!recording) {
      return;
    }
    Strand usual = current != null ? current : Chooser.byDefault(ready, null);
    if (last != null && next != usual) {
      switches.put(new Chooser.Point(last.id, last.decisions), next.id);
    }
  }

  /** {@return the last turns, one on each line} */
  String text(int turns) {
    var lines = new ArrayDeque<String>();
    Strand before = null;
    var line = new StringBuilder();
    for (Step step : lastSteps) {
      if (step.strand() != before) {
        flush(lines, line, turns);
        before = step.strand();
        line.append("\n  ")
            .append(millis(step.atNanos()))
            .append(" ms  ")
            .append(before.label())
            .append(": ");
      } else {
        line.append("; ");
      }
      line.append(step.what());
    }
    flush(lines, line, turns);
    return String.join("", lines);
  }

  private static void flush(Deque<String> lines, StringBuilder line, int most) {
    if (!line.isEmpty()) {
      lines.add(line.toString());
      line.setLength(0);
      if (lines.size() > most) {
        lines.removeFirst();
      }
    }
  }

  private static String millis(long at) {
    long nanos = at - Controller.BEGINNING;
    String part =
        nanos % 1_000_000 == 0
            ? ""
            : String.format(java.util.Locale.ROOT, ".%03d", nanos / 1_000 % 1_000);
    return nanos / 1_000_000 + part;
  }
}
