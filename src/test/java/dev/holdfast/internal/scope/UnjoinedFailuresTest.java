package dev.holdfast.internal.scope;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import org.junit.jupiter.api.Test;

@LeavesNothing
class UnjoinedFailuresTest {

  private static final class Failed implements UnjoinedFailures.Joinable {

    private final Exception thrown;
    private volatile boolean joined;

    Failed(int number) {
      thrown = new Exception("failure " + number);
    }

    @Override
    public boolean failedUnobserved() {
      return !joined;
    }

    @Override
    public Throwable thrown() {
      return thrown;
    }

    @Override
    public String label() {
      return thrown.getMessage();
    }
  }

  private final UnjoinedFailures failures = new UnjoinedFailures();
  private final List<Throwable> reported = Collections.synchronizedList(new ArrayList<>());
  private final List<Thread> reporters = Collections.synchronizedList(new ArrayList<>());

  private final ThreadFactory failing =
      Thread.ofVirtual()
          .uncaughtExceptionHandler((thread, thrown) -> {
            reporters.add(thread);
            reported.add(thrown);
          })
          .factory();

  private List<Failed> add(int count) {
    var all = new ArrayList<Failed>();
    OnThread.run(
            failing,
            () -> {
              for (int i = 0; i < count; i++) {
                var failed = new Failed(i);
                all.add(failed);
                failures.add(failed);
              }
            })
        .value();
    return all;
  }

  private static List<Throwable> thrownBy(List<Failed> all) {
    return all.stream().map(Failed::thrown).toList();
  }

  @Test
  void the_handler_of_the_thread_that_failed_gets_them_at_the_end() {
    var threads = new ArrayList<Thread>();
    var all = new ArrayList<Failed>();
    for (int i = 0; i < 3; i++) {
      var failed = new Failed(i);
      all.add(failed);
      var thread = OnThread.run(failing, () -> failures.add(failed));
      thread.value();
      threads.add(thread.thread());
    }
    assertEquals(List.of(), reported);
    failures.report();
    assertEquals(thrownBy(all), reported);
    assertEquals(threads, reporters);
  }

  @Test
  void a_failure_that_was_joined_is_not_reported() {
    List<Failed> all = add(3);
    all.get(1).joined = true;
    failures.report();
    assertEquals(List.of(all.get(0).thrown, all.get(2).thrown), reported);
  }

  @Test
  void beyond_the_bound_the_oldest_is_reported_at_once() {
    List<Failed> all = add(UnjoinedFailures.KEPT + 2);
    assertEquals(thrownBy(all.subList(0, 2)), reported);
    failures.report();
    assertEquals(thrownBy(all), reported);
  }

  @Test
  void joined_failures_do_not_count_towards_the_bound() {
    List<Failed> first = add(UnjoinedFailures.KEPT);
    first.subList(1, first.size()).forEach(failed -> failed.joined = true);
    add(UnjoinedFailures.KEPT - 1);
    assertEquals(List.of(), reported); // the first is still kept
  }

  @Test
  void each_failure_is_logged_once_and_none_that_was_joined() {
    long begun = System.nanoTime();
    List<Failed> all = add(3);
    all.get(1).joined = true;
    assertEquals(List.of(), failures.takeUnlogged(begun));
    assertTrue(failures.hasUnlogged());
    long now = System.nanoTime() + 1;
    assertEquals(List.of(all.get(0), all.get(2)), failures.takeUnlogged(now));
    assertEquals(List.of(), failures.takeUnlogged(now));
    assertFalse(failures.hasUnlogged());
    failures.report(); // the log replaces no handler
    assertEquals(List.of(all.get(0).thrown, all.get(2).thrown), reported);
  }

  @Test
  void the_hook_runs_on_the_thread_that_failed() {
    var threads = new ArrayList<Thread>();
    failures.onAdded(() -> threads.add(Thread.currentThread()));
    var failing = OnThread.run(() -> failures.add(new Failed(1)));
    failing.value();
    assertEquals(List.of(failing.thread()), threads);
  }
}
