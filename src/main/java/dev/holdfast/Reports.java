package dev.holdfast;

import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Passes reports on: to the log, to those who listen, to what is counted and recorded. */
final class Reports {

  private static final List<Consumer<? super Report>> LISTENERS = new CopyOnWriteArrayList<>();

  private Reports() {}

  static void add(Consumer<? super Report> listener) {
    LISTENERS.add(listener);
  }

  static void remove(Consumer<? super Report> listener) {
    LISTENERS.remove(listener);
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
    System.getLogger("dev.holdfast").log(Level.WARNING, report.text());
  }
}
