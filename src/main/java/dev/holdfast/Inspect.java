package dev.holdfast;

import dev.holdfast.inspect.Report;
import dev.holdfast.inspect.ScopeStats;
import dev.holdfast.inspect.Snapshot;
import dev.holdfast.internal.telemetry.CounterRegistry;
import dev.holdfast.internal.telemetry.Reports;
import dev.holdfast.internal.util.Checks;
import dev.holdfast.internal.util.ForkSites;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Shows what lives in Holdfast, for diagnostics.
 *
 * <p>All of it may be called by any thread at any time, and stops nobody.
 *
 * @since 0.1
 */
public final class Inspect {

  private Inspect() {}

  /**
   * Takes a picture of every live scope and task of this JVM.
   *
   * @return the outermost scopes, one for each thread that is in a scope and not a task itself; in
   *     no order
   */
  public static List<Snapshot> live() {
    return Snapshots.all();
  }

  /**
   * Tells what has happened so far.
   *
   * @return a record for each name of a scope, one for all scopes without a name, one for the names
   *     that were too many; in no order
   */
  public static List<ScopeStats> stats() {
    return CounterRegistry.ALL.stats();
  }

  /**
   * Has something hear each {@link Report}, which goes to the logger {@code dev.holdfast} besides.
   *
   * @param listener called on a thread of Holdfast's, not always the same; may block; what it
   *     throws goes to that thread's uncaught-exception handler
   * @return close it to hear no more
   * @throws NullPointerException if {@code listener} is {@code null}
   */
  public static Listening onReport(Consumer<? super Report> listener) {
    Consumer<Report> own = Checks.<Consumer<? super Report>>given(listener, "listener")::accept;
    Reports.add(own); // not the listener itself: it may be there twice
    return () -> Reports.remove(own);
  }

  /**
   * Has something tell more of each thread that is reported as not stopping, such as who holds the
   * lock it waits for.
   *
   * @param explainer called on a thread of Holdfast's with the thread in question; answers with a
   *     line, or with an empty string; may block, the report waits for it; what it throws goes to
   *     the uncaught-exception handler of that thread
   * @return close it to have it asked no more
   * @throws NullPointerException if {@code explainer} is {@code null}
   */
  public static Listening explainWith(Function<? super Thread, String> explainer) {
    Function<Thread, String> own =
        Checks.<Function<? super Thread, String>>given(explainer, "explainer")::apply;
    Reports.addExplainer(own);
    return () -> Reports.removeExplainer(own);
  }

  /**
   * Passes a report on as those that Holdfast makes itself: to the log, to those who listen, to
   * {@link ScopeStats}. For who looks for trouble by other means.
   *
   * @param report what was found; counted for the name of its scope
   * @throws NullPointerException if {@code report} is {@code null}
   */
  public static void report(Report report) {
    Reports.pass(Checks.given(report, "report"), CounterRegistry.ALL.known(report.scope()));
  }

  /**
   * That somebody listens, until it is closed.
   *
   * @since 0.1
   */
  @FunctionalInterface
  public interface Listening extends AutoCloseable {

    /** Ends it. Of no effect the second time. */
    @Override
    void close();
  }

  /**
   * Says whether tasks note where they are forked, which takes a walk over the stack for each.
   *
   * <p>They do not, unless the system property {@code holdfast.forkSites} was {@code true} when
   * Holdfast was loaded.
   *
   * @param on whether to do so from now on
   */
  public static void recordForkSites(boolean on) {
    ForkSites.record(on);
  }
}
