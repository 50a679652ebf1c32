package dev.holdfast.junit.stalls;

import dev.holdfast.Inspect;
import dev.holdfast.inspect.Report;
import dev.holdfast.inspect.Snapshot;
import dev.holdfast.junit.threads.TestExecution;
import dev.holdfast.junit.threads.TestExecutions;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Interrupts the test in which a stall is reported. */
public final class StallListener {

  private final List<RunningTest> running = new CopyOnWriteArrayList<>();

  /** Starts to listen for a test that runs on the current thread. */
  public RunningTest begin(TestExecution execution, boolean failsOnStall) {
    var test = new RunningTest(execution, failsOnStall);
    running.add(test);
    return test;
  }

  /** Stops listening for a test; {@return the report of its stall, or null if there was none} */
  public @Nullable String end(RunningTest test) {
    running.remove(test);
    return test.end();
  }

  /** Handles a report, on any thread. */
  public void onReport(Report report) {
    if (report.kind() == Report.Kind.STUCK || report.kind() == Report.Kind.LOST) {
      return;
    }
    for (Snapshot scope : Inspect.live()) {
      Thread owner = scope.thread();
      if (owner != null && isAbout(scope, report)) {
        RunningTest test = testOf(owner);
        if (test != null && test.failsOnStall()) {
          test.stalled(report.text(), owner);
          return;
        }
      }
    }
  }

  private static boolean isAbout(Snapshot live, Report report) {
    return contains(
            live, it -> it.kind() == Snapshot.Kind.SCOPE && it.name().equals(report.scope()))
        && (report.tasks().isEmpty() || contains(live, it -> report.tasks().contains(it.name())));
  }

  private static boolean contains(Snapshot live, Predicate<Snapshot> what) {
    return what.test(live) || live.inside().stream().anyMatch(in -> contains(in, what));
  }

  /** {@return the test that runs on a thread, or else the only one that can have created it} */
  private @Nullable RunningTest testOf(Thread owner) {
    List<RunningTest> now = List.copyOf(running);
    TestExecution creator = TestExecutions.owner(owner.threadId());
    for (RunningTest test : now) {
      if (test.thread() == owner) {
        return test;
      }
    }
    List<RunningTest> candidates =
        now.stream().filter(test -> creator == null || test.execution() == creator).toList();
    return candidates.size() == 1 ? candidates.getFirst() : null;
  }
}
