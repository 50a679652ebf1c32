package dev.holdfast;

import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;

/** Passes reports on: to the log, to those who listen, to what is counted and recorded. */
final class Reports {

  private static final List<Consumer<? super Report>> LISTENERS = new CopyOnWriteArrayList<>();

  private static final List<Function<? super Thread, String>> EXPLAINERS =
      new CopyOnWriteArrayList<>();

  private Reports() {}

  static void add(Consumer<? super Report> listener) {
    LISTENERS.add(listener);
  }

  static void remove(Consumer<? super Report> listener) {
    LISTENERS.remove(listener);
  }

  static void addExplainer(Function<? super Thread, String> explainer) {
    EXPLAINERS.add(explainer);
  }

  static void removeExplainer(Function<? super Thread, String> explainer) {
    EXPLAINERS.remove(explainer);
  }

  /** {@return what is told of a thread besides; may block} */
  static List<String> explanations(Thread thread) {
    var told = new ArrayList<String>();
    for (Function<? super Thread, String> explainer : EXPLAINERS) {
      try {
        String more = explainer.apply(thread);
        if (!more.isEmpty()) {
          told.add(more);
        }
      } catch (Throwable t) {
        Failures.report(Thread.currentThread(), t);
      }
    }
    return told;
  }

  /** Logs, and may block in a logger or a listener: not for the housekeeper's own thread. */
  static void pass(Report report, Tally tally) {
    tally.reported(report.kind(), report.tasks().size());
    Flight.reported(report);
    for (Consumer<? super Report> listener : LISTENERS) {
      try {
        listener.accept(report);
      } catch (Throwable t) {
        Failures.report(Thread.currentThread(), t);
      }
    }
    try {
      System.getLogger("dev.holdfast").log(Level.WARNING, report.text());
    } catch (Throwable brokenLogger) {
      Failures.report(Thread.currentThread(), brokenLogger);
    }
  }
}
