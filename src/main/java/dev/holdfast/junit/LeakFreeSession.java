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
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A run of tests. JUnit closes it when all tests have ended. */
final class LeakFreeSession implements StoredResource {

  private static final String WATCH = "holdfast.leakfree.watch";
  private static final String DIRECTORY = "holdfast.leakfree.directory";

  /** A client of {@code java.net.http} checks every three seconds whether it has been collected. */
  private static final Duration COLLECTION = Duration.ofSeconds(5);

  private static final ReentrantLock CREATING = new ReentrantLock();

  private final ReportFiles files;
  private final @Nullable Watch watch;
  private final StallListener stalls = new StallListener();
  private final Inspect.Listening listening = Inspect.onReport(stalls::onReport);
  private final TestExecutions executions = new TestExecutions();

  private LeakFreeSession(ExtensionContext root) {
    JUnitVersion.check();
    files =
        new ReportFiles(
            Path.of(root.getConfigurationParameter(DIRECTORY).orElse("target/holdfast")));
    watch = watch(root);
  }

  /** {@return the stall detector, or null if it is disabled} */
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

  /** Prepares for a class, or for a test in it. */
  void prepare(Class<?> test, boolean first) {
    executions.prepare(test, first);
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
    if (!leaks.isEmpty() && leaks.areCollectable() && execution.isClass()) {
      leaks = afterCollection(execution, rules);
    }
    executions.settle(leaks.settled(), leaks.workers());
    if (leaks.isEmpty()) {
      files.delete(execution.name());
      return null;
    }
    return failure(execution.name(), rules, leaks);
  }

  /** Checks a class again without the clients in fields of its instances, which are garbage. */
  private Leaks afterCollection(TestExecution execution, LeakRules rules) {
    System.gc();
    return RepeatedSearch.run(executions.ownedBy(execution), rules.lingering(COLLECTION), false);
  }

  private AssertionError failure(String test, LeakRules rules, Leaks leaks) {
    return new AssertionError(files.write(test, rules.linger(), leaks));
  }

  /** Checks the threads that may belong to any of several tests. */
  @Override
  public void close() {
    listening.close();
    if (watch != null) {
      watch.close();
    }
    if (executions.hasUnchecked()) {
      Leaks leaks = RepeatedSearch.run(executions.ownedByNone(), LeakRules.DEFAULT, true);
      if (!leaks.isEmpty()) {
        AssertionError failure = failure("tests that ran in parallel", LeakRules.DEFAULT, leaks);
        // Some build tools do not show a failure outside a class.
        System.getLogger("dev.holdfast").log(Level.ERROR, failure.getMessage());
        throw failure;
      }
    }
  }
}
