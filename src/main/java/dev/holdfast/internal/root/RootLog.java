package dev.holdfast.internal.root;

import dev.holdfast.inspect.Report;
import dev.holdfast.internal.cancel.Blocker;
import dev.holdfast.internal.cancel.CancelScope;
import dev.holdfast.internal.clock.CurrentScope;
import dev.holdfast.internal.scope.ScopeImpl;
import dev.holdfast.internal.telemetry.CounterRegistry;
import dev.holdfast.internal.telemetry.Reports;
import dev.holdfast.internal.telemetry.ScopeCounters;
import dev.holdfast.internal.timer.BackgroundAction;
import dev.holdfast.internal.timer.TimerThread;
import dev.holdfast.internal.util.StackTraces;
import dev.holdfast.internal.util.Throwables;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** What a root reports to the logger, or to {@link System#err} while the JVM exits. */
final class RootLog {

  /** How many tasks a report describes, because each stack takes processor time. */
  private static final int DESCRIBED = 100;

  private final AtomicBoolean isClosingReported = new AtomicBoolean();
  private volatile boolean exiting;

  /** Called when the JVM exits: from here on loggers may not work. */
  void exiting() {
    exiting = true;
  }

  void warn(String text, @Nullable Throwable thrown) {
    if (exiting) {
      System.err.println(text);
      if (thrown != null) {
        thrown.printStackTrace();
      }
      return;
    }
    try {
      System.getLogger("dev.holdfast").log(Level.WARNING, text, thrown);
    } catch (Throwable brokenLogger) {
      Throwables.report(Thread.currentThread(), thrown == null ? brokenLogger : thrown);
    }
  }

  /** Logs a warning on a helper thread, because a logger may block. */
  void warnInBackground(String text, @Nullable Throwable thrown) {
    TimerThread.run(
        new BackgroundAction() {
          @Override
          public void act() {
            warn(text, thrown);
          }
        });
  }

  /** Reports that nothing can close a root any more, and where it was opened. */
  void lost(ScopeImpl root, Throwable opened) {
    String text =
        root.label()
            + " was lost: nothing refers to its RootScope any more, and it was not closed."
            + " Holdfast cancelled it. Keep the RootScope and close it, or use closeOnExit.\n"
            + opened.getMessage()
            + StackTraces.format(opened.getStackTrace());
    var report = new Report(Report.Kind.LOST, root.name(), List.of(), text);
    ScopeCounters counted = root.counters();
    ScopeCounters counters = counted == null ? CounterRegistry.ALL.of(null) : counted;
    var place = new CurrentScope.Place(root.recordedId(), root.recordedParent(), "");
    TimerThread.run(
        new BackgroundAction() {
          @Override
          public void act() {
            Reports.pass(report, counters, place);
          }
        });
  }

  /** Reports, once, what a root that closes still waits for. */
  void stillClosing(ScopeImpl root) {
    String running = running(root);
    if (!running.isEmpty() && isClosingReported.compareAndSet(false, true)) {
      print(root.label() + " has been closing for a second and still waits for:" + running);
    }
  }

  /**
   * Reports what a root that was closed and cancelled leaves running.
   *
   * @param within how long it had to end, in words
   */
  void leftRunning(ScopeImpl root, String within) {
    print(
        root.label()
            + " did not end within "
            + within
            + ", was cancelled, and this has not stopped; "
            + (exiting ? "the JVM does not wait for it:" : "close returns without it:")
            + running(root)
            + "\nLet it end when interrupted, or unblock it with Scope.onCancel.");
  }

  /**
   * Prints on the current thread if the JVM exits, because the exit does not wait for other
   * threads.
   */
  private void print(String text) {
    if (exiting) {
      warn(text, null);
    } else {
      warnInBackground(text, null);
    }
  }

  /** {@return what runs in a root, and where each thread waits; empty if nothing does} */
  private static String running(ScopeImpl root) {
    var running = new ArrayList<CancelScope>();
    CancelScope inside = root.threadScope().topAcquire();
    if (inside != root && inside.outer() == root && root.isClosing()) {
      running.add(inside); // a resource that is being closed is not below its scope
    }
    root.forEach(running::add);
    running.removeIf(scope -> scope.running().isEmpty());
    var text = new StringBuilder();
    for (CancelScope scope : running.subList(0, Math.min(DESCRIBED, running.size()))) {
      text.append("\n  ").append(scope.running());
      Blocker.describe(scope, text);
    }
    if (running.size() > DESCRIBED) {
      text.append("\n  and ").append(running.size() - DESCRIBED).append(" more");
    }
    return text.toString();
  }
}
