package dev.holdfast.junit;

import dev.holdfast.Inspect;
import dev.holdfast.inspect.Report;
import dev.holdfast.inspect.Snapshot;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Turns reports of stalls into failures of the tests in which they are. */
final class Stalls {

  private final List<Running> running = new CopyOnWriteArrayList<>();

  /** Begins to hear for a test that runs on the current thread. */
  Running begin(Window window) {
    var test = new Running(window, Thread.currentThread());
    running.add(test);
    return test;
  }

  /** Ends it; {@return what has stalled, null if nothing has} */
  @Nullable String end(Running test) {
    running.remove(test);
    return test.end();
  }

  /** Hears a report, on whatever thread. */
  void hear(Report report) {
    if (report.kind() == Report.Kind.STUCK) {
      return;
    }
    for (Snapshot scope : Inspect.live()) {
      Thread owner = scope.thread();
      if (owner != null && has(scope, report)) {
        Running test = testOf(owner);
        if (test != null && test.window().rules().failOnStall()) {
          test.stalled(report.text(), owner);
          return;
        }
      }
    }
  }

  private static boolean has(Snapshot live, Report report) {
    return contains(
            live, it -> it.kind() == Snapshot.Kind.SCOPE && it.name().equals(report.scope()))
        && (report.tasks().isEmpty() || contains(live, it -> report.tasks().contains(it.name())));
  }

  private static boolean contains(Snapshot live, Predicate<Snapshot> what) {
    return what.test(live) || live.inside().stream().anyMatch(in -> contains(in, what));
  }

  /** {@return the test whose thread it is, or else the only one that can have started it} */
  private @Nullable Running testOf(Thread owner) {
    List<Running> now = List.copyOf(running);
    Window window = TestLoader.of(owner);
    for (Running test : now) {
      if (test.thread() == owner) {
        return test;
      }
    }
    List<Running> able =
        now.stream().filter(test -> window == null || test.window() == window).toList();
    return able.size() == 1 ? able.getFirst() : null;
  }
}
