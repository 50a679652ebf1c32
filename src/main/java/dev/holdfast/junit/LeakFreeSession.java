package dev.holdfast.junit;

import dev.holdfast.Inspect;
import dev.holdfast.diagnostics.Watch;
import dev.holdfast.junit.leaks.LeakRules;
import dev.holdfast.junit.leaks.Leaks;
import dev.holdfast.junit.leaks.RepeatedSearch;
import dev.holdfast.junit.leaks.ReportFiles;
import dev.holdfast.junit.stalls.StallListener;
import dev.holdfast.junit.threads.TestExecution;
import dev.holdfast.junit.threads.TestExecutions;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A run of tests. JUnit closes it when all tests have ended. */
final class LeakFreeSession implements AutoCloseable {

  private static final String WATCH = "holdfast.leakfree.watch";
  private static final String DIRECTORY = "holdfast.leakfree.directory";

  private static final ReentrantLock CREATING = new ReentrantLock();

  private final ReportFiles files;
  private final @Nullable Watch watch;
  private final StallListener stalls = new StallListener();
  private final Inspect.Listening listening = Inspect.onReport(stalls::onReport);
  private final TestExecutions executions = new TestExecutions();

  private LeakFreeSession(ExtensionContext root) {
    files =
        new ReportFiles(
            Path.of(root.getConfigurationParameter(DIRECTORY).orElse("target/holdfast")));
    watch = watch(root);
  }

  /** {@return the stall detector, or null if it is switched off} */
  private static @Nullable Watch watch(ExtensionContext root) {
    if (root.getConfigurationParameter(WATCH).map(Boolean::parseBoolean).orElse(true)) {
      try {
        return Watch.start();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    return null;
  }

  static LeakFreeSession of(ExtensionContext context) {
    ExtensionContext root = context.getRoot();
    ExtensionContext.Store store = root.getStore(LeakFreeExtension.NAMESPACE);
    CREATING.lock();
    try {
      LeakFreeSession session = store.get(LeakFreeSession.class, LeakFreeSession.class);
      if (session == null) {
        session = new LeakFreeSession(root);
        store.put(LeakFreeSession.class, session);
      }
      return session;
    } finally {
      CREATING.unlock();
    }
  }

  StallListener stalls() {
    return stalls;
  }

  void begin(TestExecution execution) {
    executions.begin(execution);
  }

  /** Checks a test and ends it; {@return the failure, or null if it left nothing running} */
  @Nullable AssertionError end(TestExecution execution, LeakRules rules) {
    try {
      return rules.enabled() ? check(execution, rules) : null;
    } finally {
      executions.end(execution, !rules.enabled());
    }
  }

  private @Nullable AssertionError check(TestExecution execution, LeakRules rules) {
    Leaks leaks =
        RepeatedSearch.run(executions.ownedBy(execution), rules, execution.mayHaveVirtualThreads());
    executions.settle(leaks.settled());
    if (leaks.isEmpty()) {
      files.delete(execution.name());
      return null;
    }
    return failure(execution.name(), rules, leaks);
  }

  private AssertionError failure(String test, LeakRules rules, Leaks leaks) {
    return new AssertionError(files.write(test, rules.linger(), leaks));
  }

  /** Checks for threads that may belong to any of several tests. */
  @Override
  public void close() {
    listening.close();
    if (watch != null) {
      watch.close();
    }
    if (executions.hasUnchecked()) {
      Leaks leaks = RepeatedSearch.run(executions.ownedByNone(), LeakRules.DEFAULT, true);
      if (!leaks.isEmpty()) {
        throw failure("tests that ran in parallel", LeakRules.DEFAULT, leaks);
      }
    }
  }
}
