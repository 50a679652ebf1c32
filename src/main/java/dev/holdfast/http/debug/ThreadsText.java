package dev.holdfast.http.debug;

import dev.holdfast.diagnostics.DumpedThread;
import dev.holdfast.diagnostics.census.JvmThreads;
import dev.holdfast.diagnostics.census.ThreadSummarizer;
import dev.holdfast.diagnostics.census.ThreadSummary;
import dev.holdfast.internal.util.Printable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes threads as Go's pprof writes goroutines. */
final class ThreadsText {

  /** How many threads and stacks are written: more would not fit into memory. */
  static final int SHOWN = 10_000;

  private ThreadsText() {}

  /** {@return each distinct stack with its number of threads} */
  static String stacks(Observation of) {
    var text = new StringBuilder();
    text.append("thread profile: total ").append(of.stacks().threads()).append('\n');
    missing(of, text);
    var stacks = new ArrayList<>(of.stacks().byLine().entrySet());
    stacks.sort(Map.Entry.comparingByValue(Comparator.reverseOrder()));
    for (Map.Entry<List<StackTraceElement>, Integer> entry :
        stacks.subList(0, Math.min(SHOWN, stacks.size()))) {
      text.append(entry.getValue()).append(" @\n");
      for (StackTraceElement frame : entry.getKey()) {
        text.append("#\t").append(frame(frame)).append('\n');
      }
      text.append('\n');
    }
    return more(text, stacks.size(), "stacks");
  }

  /** {@return each thread with its stack} */
  static String threads(Observation of) {
    var text = new StringBuilder();
    missing(of, text);
    var summarizer = new ThreadSummarizer();
    List<DumpedThread> threads =
        of.census().dump().threads().stream().filter(t -> !JvmThreads.isInternal(t)).toList();
    for (DumpedThread thread : threads.subList(0, Math.min(SHOWN, threads.size()))) {
      ThreadSummary summary = summarizer.summarize(thread);
      text.append(thread.virtual() ? "virtual thread " : "thread ").append(thread.id());
      if (!thread.name().isEmpty()) {
        text.append(" '").append(Printable.of(thread.name())).append('\'');
      }
      text.append(" [").append(summary.activity());
      text.append(summary.operation().isEmpty() ? "" : " " + summary.operation());
      waits(text, ", blocked on ", thread.blockedOn());
      waits(text, ", waiting on ", thread.waitingOn());
      waits(text, ", parked for ", thread.parkBlocker());
      text.append("]:\n");
      for (StackTraceElement frame : thread.stack()) {
        text.append('\t').append(frame(frame)).append('\n');
      }
      text.append('\n');
    }
    return more(text, threads.size(), "threads");
  }

  private static void waits(StringBuilder text, String words, @Nullable String object) {
    if (object != null) {
      text.append(words).append(Printable.of(object));
    }
  }

  private static void missing(Observation of, StringBuilder text) {
    if (!of.missing().isEmpty()) {
      text.append("# ").append(Printable.of(of.missing())).append('\n');
    }
  }

  private static String more(StringBuilder text, int all, String what) {
    if (all > SHOWN) {
      text.append(all - SHOWN).append(" more ").append(what).append('\n');
    }
    return text.toString();
  }

  private static String frame(StackTraceElement frame) {
    return frame.getClassName().isEmpty() // stands for a thread without frames
        ? frame.getMethodName()
        : Printable.of(frame.toString());
  }
}
