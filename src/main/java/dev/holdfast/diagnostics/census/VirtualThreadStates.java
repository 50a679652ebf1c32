package dev.holdfast.diagnostics.census;

import dev.holdfast.diagnostics.Activity;
import dev.holdfast.diagnostics.DumpedThread;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Counts the virtual threads of a dump by state. */
public final class VirtualThreadStates {

  /** The names that JVM metrics use for the states. */
  private static final List<String> NAMES =
      List.of("new", "runnable", "blocked", "waiting", "timed-waiting");

  private VirtualThreadStates() {}

  /** {@return how many virtual threads are in each state} */
  public static Map<String, Integer> of(List<DumpedThread> threads) {
    var counts = new LinkedHashMap<String, Integer>();
    NAMES.forEach(name -> counts.put(name, 0));
    var summarizer = new ThreadSummarizer();
    for (DumpedThread thread : threads) {
      if (thread.virtual() || HeldCarriers.isNotStarted(thread)) {
        counts.merge(state(thread, summarizer), 1, Integer::sum);
      }
    }
    return counts;
  }

  private static String state(DumpedThread thread, ThreadSummarizer summarizer) {
    if (HeldCarriers.isNotStarted(thread)) {
      return "new";
    }
    if (thread.state() != null) {
      String name = thread.state().name().toLowerCase(Locale.ROOT).replace('_', '-');
      return NAMES.contains(name) ? name : "runnable"; // the thread has ended in the meantime
    }
    // JVMs before 25 do not write the state.
    Activity activity = summarizer.summarize(thread).activity();
    return switch (activity) {
      case RUNNING -> "runnable";
      case MONITOR -> "blocked";
      case SLEEP -> "timed-waiting";
      default -> "waiting";
    };
  }
}
