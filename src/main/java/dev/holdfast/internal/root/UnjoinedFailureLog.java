package dev.holdfast.internal.root;

import dev.holdfast.internal.clock.Clock;
import dev.holdfast.internal.scope.ScopeImpl;
import dev.holdfast.internal.scope.UnjoinedFailures;
import dev.holdfast.internal.timer.BlockingAlarm;
import dev.holdfast.internal.timer.TimerThread;
import dev.holdfast.internal.util.Throwables;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;

/**
 * Logs the failed tasks of an isolated root that no thread has joined, at most once a second,
 * because the root may live as long as the JVM.
 */
final class UnjoinedFailureLog extends BlockingAlarm {

  /** The time between a failure and its report, in which a thread can still join the task. */
  private static final long DELAY_NANOS = 1_000_000_000L;

  /** Failures younger than this wait for the next report. */
  private static final long YOUNG_NANOS = 100_000_000L;

  /** How many tasks a report names. */
  private static final int NAMED = 10;

  private final ScopeImpl root;
  private final UnjoinedFailures failures;
  private final RootLog log;
  private final AtomicBoolean isSet = new AtomicBoolean();
  private volatile boolean stopped;

  UnjoinedFailureLog(ScopeImpl root, UnjoinedFailures failures, RootLog log) {
    this.root = root;
    this.failures = failures;
    this.log = log;
  }

  /** Called when a task has failed. */
  void failed() {
    if (!stopped && isSet.compareAndSet(false, true)) {
      TimerThread.set(this, Clock.nanoTime() + DELAY_NANOS);
      if (stopped) { // stop() may have run before this set the alarm
        TimerThread.clear(this);
      }
    }
  }

  /** Called when the root has ended; the root reports the remaining failures. */
  void stop() {
    stopped = true;
    TimerThread.clear(this);
  }

  @Override
  public void expired() {
    isSet.set(false);
    List<UnjoinedFailures.Joinable> failed = failures.takeUnlogged(Clock.nanoTime() - YOUNG_NANOS);
    if (failures.hasUnlogged()) {
      failed();
    }
    if (!failed.isEmpty()) {
      Throwable first = failed.getFirst().thrown();
      log.warnInBackground(
          "In "
              + root.label()
              + " no thread has joined these failed tasks: "
              + names(failed, failures.takeLeftOut())
              + "; the first threw "
              + Throwables.describe(first)
              + ". Join their forks, or handle the exceptions in the tasks.",
          first);
    }
  }

  private static String names(List<UnjoinedFailures.Joinable> failed, int leftOut) {
    String names =
        failed.stream()
            .limit(NAMED)
            .map(UnjoinedFailures.Joinable::label)
            .collect(Collectors.joining(", "));
    int more = Math.max(0, failed.size() - NAMED) + leftOut;
    return more > 0 ? names + " and " + more + " more" : names;
  }
}
