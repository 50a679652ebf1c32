package dev.holdfast.simulation.engine;

import dev.holdfast.Inspect;
import dev.holdfast.inspect.Snapshot;
import dev.holdfast.inspect.WaitInfo;
import dev.holdfast.internal.util.StackTraces;
import dev.holdfast.internal.util.Throwables;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Writes the verdicts. */
final class Verdicts {

  private Verdicts() {}

  static Verdict failed(Throwable thrown) {
    return new Verdict(Verdict.Kind.FAILED, Throwables.describe(thrown), thrown);
  }

  static Verdict deadlock(List<Strand> live) {
    return new Verdict(
        Verdict.Kind.DEADLOCK,
        "Deadlock: no thread can run, and no timer is set:" + describe(live),
        null);
  }

  static Verdict leak(List<Strand> live, int alarms) {
    var text = new StringBuilder("Leak: the body has ended, and this is left:");
    text.append(describe(live));
    Map<Thread, Snapshot> known = snapshots();
    for (Strand strand : live) {
      Snapshot scope = known.get(strand.thread);
      if (scope != null) {
        scope.channels().forEach(channel -> text.append("\n  ").append(channel));
        scope.resources().forEach(resource -> text.append("\n  resource ").append(resource));
      }
    }
    if (alarms > 0) {
      text.append("\n  ").append(alarms).append(alarms == 1 ? " timer" : " timers");
    }
    return new Verdict(Verdict.Kind.LEAK, text.toString(), null);
  }

  static Verdict livelock(String what, List<Strand> live) {
    return new Verdict(
        Verdict.Kind.LIVELOCK,
        "Livelock: "
            + what
            + " and has not ended. If the code needs more, raise the limit. What is live:"
            + describe(live),
        null);
  }

  static Verdict spinning(List<Strand> live) {
    return new Verdict(
        Verdict.Kind.LIVELOCK,
        "Livelock: no thread can run except loops of Thread.yield, and no timer is set:"
            + describe(live),
        null);
  }

  static Verdict realTime(Strand strand) {
    return new Verdict(
        Verdict.Kind.REAL_TIME,
        strand.label()
            + " "
            + realWait(strand)
            + ", in real time, for which a simulation does not wait:"
            + StackTraces.of(strand.thread)
            + "\nUse Scopes.sleep or an operation of Holdfast with a timeout; replace I/O with a"
            + " test double.",
        null);
  }

  static Verdict stuck(@Nullable Strand strand, List<Strand> live) {
    return new Verdict(
        Verdict.Kind.STUCK,
        "No scheduling point was reached for "
            + Limits.TURN.toSeconds()
            + " s of real time: "
            + (strand == null
                ? "it waits for threads outside the simulation"
                : strand.label() + " computes, does I/O or holds its carrier")
            + ":"
            + describe(live),
        null);
  }

  static Verdict interrupted() {
    return new Verdict(
        Verdict.Kind.FAILED,
        "the thread that runs the simulation was interrupted",
        new InterruptedException());
  }

  static boolean isInSocket(Strand strand) {
    for (StackTraceElement frame : strand.thread.getStackTrace()) {
      if (frame.getClassName().startsWith("sun.nio.ch.")) { // not java.net: URLs load classes
        return true;
      }
    }
    return false;
  }

  private static String realWait(Strand strand) {
    if (isInSocket(strand)) {
      return "waits for a socket";
    }
    for (StackTraceElement frame : strand.thread.getStackTrace()) {
      if (frame.getClassName().equals("java.lang.Thread")
          && frame.getMethodName().startsWith("sleep")) {
        return "sleeps in Thread.sleep";
      }
    }
    return "waits with a timeout outside Holdfast";
  }

  private static String describe(List<Strand> live) {
    Map<Thread, Snapshot> known = snapshots();
    var text = new StringBuilder();
    for (Strand strand : live) {
      text.append("\n  ").append(strand.label()).append(' ').append(wait(strand, known));
      text.append(StackTraces.of(strand.thread));
    }
    return text.toString();
  }

  private static String wait(Strand strand, Map<Thread, Snapshot> known) {
    Snapshot snapshot = known.get(strand.thread);
    WaitInfo wait = snapshot == null ? null : snapshot.waitsFor();
    if (wait != null) {
      return wait.toString();
    }
    Object blocker = LockSupport.getBlocker(strand.thread);
    return switch (strand.state) {
      case RUNNING -> "runs";
      case SPINNING -> "yields in a loop";
      case READY -> "can run";
      case WAITING, BLOCKED, ENDED -> blocker == null ? "waits" : "waits for " + blocker;
    };
  }

  /** {@return the innermost scope or task of each thread} */
  private static Map<Thread, Snapshot> snapshots() {
    var found = new HashMap<Thread, Snapshot>();
    Inspect.live().forEach(live -> collect(live, found));
    return found;
  }

  private static void collect(Snapshot live, Map<Thread, Snapshot> found) {
    Thread thread = live.thread();
    if (thread != null) {
      found.put(thread, live);
    }
    live.inside().forEach(inside -> collect(inside, found));
  }
}
