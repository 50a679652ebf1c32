package dev.holdfast.internal.telemetry;

import dev.holdfast.inspect.Report;
import dev.holdfast.internal.clock.CurrentScope;
import dev.holdfast.internal.util.Printable;
import dev.holdfast.internal.util.ThreadContext.InterruptFlag;
import dev.holdfast.internal.util.Throwables;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;

/** Passes reports to the log, the listeners, the counters and the flight recorder. */
public final class Reports {

  private static final List<Consumer<? super Report>> LISTENERS = new CopyOnWriteArrayList<>();

  private static final List<Function<? super Thread, String>> EXPLAINERS =
      new CopyOnWriteArrayList<>();

  /** The largest number of log entries in a second for failures that no call throws. */
  static final int MOST_UNJOINED = 100;

  private static final AtomicLong SECOND = new AtomicLong();
  private static final AtomicInteger LOGGED = new AtomicInteger();
  private static final AtomicInteger LEFT_OUT = new AtomicInteger();

  private Reports() {}

  public static void add(Consumer<? super Report> listener) {
    LISTENERS.add(listener);
  }

  public static void remove(Consumer<? super Report> listener) {
    LISTENERS.remove(listener);
  }

  public static void addExplainer(Function<? super Thread, String> explainer) {
    EXPLAINERS.add(explainer);
  }

  public static void removeExplainer(Function<? super Thread, String> explainer) {
    EXPLAINERS.remove(explainer);
  }

  /** {@return the lines that explainers add for a thread; may block} */
  public static List<String> explanations(Thread thread) {
    var lines = new ArrayList<String>();
    var flag = new InterruptFlag();
    for (Function<? super Thread, String> explainer : EXPLAINERS) {
      try {
        String more = explainer.apply(thread);
        if (!more.isEmpty()) {
          lines.add(more);
        }
      } catch (Throwable t) {
        Throwables.report(Thread.currentThread(), t);
      }
      flag.take();
    }
    flag.restore();
    return lines;
  }

  /**
   * Passes a report on. May block in a logger or a listener, so it must not run on the timer
   * thread.
   */
  public static void pass(Report report, ScopeCounters counters, CurrentScope.Place place) {
    counters.reported(report.kind(), report.tasks().size());
    JfrEvents.reported(report, place);
    var flag = new InterruptFlag();
    for (Consumer<? super Report> listener : LISTENERS) {
      try {
        listener.accept(report);
      } catch (Throwable t) {
        Throwables.report(Thread.currentThread(), t);
      }
      flag.take();
    }
    warn(report.text());
    flag.restore();
  }

  /**
   * Logs the failure of a task that no call throws, and passes it to the uncaught-exception
   * handler. If there are very many failures, logs only some of them, because a service may fail
   * for every message.
   */
  public static void unjoined(String task, Throwable thrown) {
    if (!mayLogUnjoined()) {
      LEFT_OUT.incrementAndGet();
      return;
    }
    int leftOut = LEFT_OUT.getAndSet(0);
    try {
      System.getLogger("dev.holdfast")
          .log(
              Level.WARNING,
              task
                  + " of an isolated scope has failed, and no call throws the failure"
                  + (leftOut == 0 ? "" : "; " + leftOut + " such failures were not logged"),
              thrown);
    } catch (Throwable brokenLogger) {
      Throwables.report(Thread.currentThread(), brokenLogger);
    }
  }

  private static boolean mayLogUnjoined() {
    long second = System.nanoTime() / 1_000_000_000;
    if (SECOND.getAndSet(second) != second) {
      LOGGED.set(0);
    }
    return LOGGED.incrementAndGet() <= MOST_UNJOINED;
  }

  /** Logs a warning, and may block in the logger. */
  public static void warn(String text) {
    try {
      System.getLogger("dev.holdfast").log(Level.WARNING, Printable.lines(text));
    } catch (Throwable brokenLogger) {
      Throwables.report(Thread.currentThread(), brokenLogger);
    }
  }
}
