package dev.holdfast;

import dev.holdfast.inspect.CarrierStats;
import dev.holdfast.inspect.GuardInfo;
import dev.holdfast.inspect.Report;
import dev.holdfast.inspect.ScopeStats;
import dev.holdfast.inspect.Snapshot;
import dev.holdfast.internal.clock.CurrentScope;
import dev.holdfast.internal.guard.LiveGuards;
import dev.holdfast.internal.scheduling.Wakeups;
import dev.holdfast.internal.scope.Snapshots;
import dev.holdfast.internal.telemetry.CounterRegistry;
import dev.holdfast.internal.telemetry.Reports;
import dev.holdfast.internal.telemetry.ScopeCounters;
import dev.holdfast.internal.util.Checks;
import dev.holdfast.internal.util.ForkSites;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Shows the live scopes and tasks of this JVM, for diagnostics.
 *
 * <p>Any thread may call the methods at any time. Unless its description says otherwise, a method
 * neither blocks nor stops other threads.
 *
 * @since 0.1
 */
public final class Inspect {

  private Inspect() {}

  /**
   * Takes a snapshot of every live scope and task.
   *
   * @return the outermost scopes with everything inside them, in no particular order: one for each
   *     thread that is in a scope and runs no task
   */
  public static List<Snapshot> live() {
    return Snapshots.all();
  }

  /**
   * Returns counters for all scopes since the JVM started.
   *
   * @return a record for each scope name, one for all scopes without a name, and one for all names
   *     after the first thousand; in no particular order
   */
  public static List<ScopeStats> stats() {
    return CounterRegistry.ALL.stats();
  }

  /**
   * Returns the load of each reachable guard that has been used more than once.
   *
   * @return a record for each guard, in no particular order; several guards may have the same name
   */
  public static List<GuardInfo> guards() {
    return LiveGuards.all();
  }

  /**
   * Returns how long virtual threads wait for a carrier.
   *
   * @return counters since the JVM started
   */
  public static CarrierStats carriers() {
    return new CarrierStats(
        Wakeups.probes(), Wakeups.lateProbes(), Wakeups.waitedNanos(), Wakeups.waitingNanos());
  }

  /**
   * Registers a listener for every {@link Report}. The logger {@code dev.holdfast} logs every
   * report as well.
   *
   * @param listener handles a report. Holdfast threads call it. It may block. Its exceptions go to
   *     the uncaught-exception handler of the calling thread
   * @return the registration; close it to remove the listener
   */
  public static Listening onReport(Consumer<? super Report> listener) {
    Consumer<Report> own = Checks.<Consumer<? super Report>>given(listener, "listener")::accept;
    Reports.add(own); // a new object, because a listener may be registered twice
    return () -> Reports.remove(own);
  }

  /**
   * Registers a function that adds a line to the report of a task that does not stop. The line can
   * name the thread that holds the lock the task waits for, for example.
   *
   * @param explainer returns a line, or an empty string, for the thread of a task. A Holdfast
   *     thread calls it. It may block, which delays the report. Its exceptions go to the
   *     uncaught-exception handler of the calling thread
   * @return the registration; close it to remove the function
   */
  public static Listening explainWith(Function<? super Thread, String> explainer) {
    Function<Thread, String> own =
        Checks.<Function<? super Thread, String>>given(explainer, "explainer")::apply;
    Reports.addExplainer(own);
    return () -> Reports.removeExplainer(own);
  }

  /**
   * Publishes a report of another diagnostic tool. Like Holdfast's own reports, the report goes to
   * the log, to the listeners and to {@link ScopeStats}. This method blocks until every listener
   * has returned.
   *
   * @param report the report, counted for the name of its scope
   */
  public static void report(Report report) {
    ScopeCounters counters = CounterRegistry.ALL.known(Checks.given(report, "report").scope());
    Reports.pass(report, counters, CurrentScope.place());
  }

  /**
   * The registration of a listener or function, which lasts until it is closed.
   *
   * @since 0.1
   */
  @FunctionalInterface
  public interface Listening extends AutoCloseable {

    /** Removes what was registered. Calls after the first do nothing. */
    @Override
    void close();
  }

  /**
   * Sets whether tasks record where they are forked. To record it, each fork walks the stack of the
   * forking thread.
   *
   * <p>The default is the value that the system property {@code holdfast.forkSites} has when
   * Holdfast is loaded, or {@code false} if it is not set.
   *
   * @param on whether to record from now on
   */
  public static void recordForkSites(boolean on) {
    ForkSites.record(on);
  }
}
