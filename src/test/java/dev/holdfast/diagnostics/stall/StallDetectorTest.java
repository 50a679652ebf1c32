package dev.holdfast.diagnostics.stall;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.holdfast.Fork;
import dev.holdfast.Inspect;
import dev.holdfast.Scope;
import dev.holdfast.Scopes;
import dev.holdfast.channel.Channel;
import dev.holdfast.inspect.Report;
import dev.holdfast.inspect.Snapshot;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Poll;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/**
 * Tests {@code LockWaits}, {@code StallReport}, {@code TaskNode}, {@code WaitGraph} and {@code
 * WakeAnalysis} as well.
 */
@LeavesNothing
class StallDetectorTest {

  private static final Duration MIN_AGE = Duration.ofMillis(100);

  private final StallDetector detector = new StallDetector(MIN_AGE);

  /** Drops a snapshot that took long: it may delay a report. */
  private List<Report> check() {
    while (true) {
      long begun = System.nanoTime();
      List<Snapshot> live = Inspect.live();
      long ended = System.nanoTime();
      if (ended - begun < MIN_AGE.toNanos()) {
        return detector.check(live, begun, ended);
      }
    }
  }

  private static boolean waitsLong(Snapshot live) {
    return live.waitsFor() != null && live.waitsFor().age().compareTo(MIN_AGE) > 0;
  }

  private static boolean isStalled() {
    return Inspect.live().stream()
        .filter(live -> live.name().equals("s"))
        .anyMatch(s -> waitsLong(s) && s.inside().stream().allMatch(StallDetectorTest::waitsLong));
  }

  @Test
  void a_stall_is_reported_by_the_second_check_and_not_again() {
    whileStalled(() -> {
      assertEquals(List.of(), check());
      List<Report> reports = check();
      assertEquals(1, reports.size(), reports::toString);
      assertEquals(Report.Kind.STALLED, reports.getFirst().kind());
      assertEquals(List.of(), check());
    });
  }

  /** As when the checking thread loses its processor: the ages are those of the beginning. */
  @Test
  void a_snapshot_that_took_long_does_not_repeat_a_report() {
    whileStalled(() -> {
      List<Snapshot> live = Inspect.live();
      long slow = MIN_AGE.toNanos() - 10;
      assertEquals(List.of(), detector.check(live, 0, 1));
      assertEquals(1, detector.check(live, 2, 3).size());
      assertEquals(List.of(), detector.check(live, 4, slow));
      assertEquals(List.of(), detector.check(live, slow, slow + 1));
      assertEquals(List.of(), detector.check(live, slow + 2, slow + 3));
    });
  }

  @Test
  void the_next_wait_of_the_same_thread_is_another_stall() {
    whileStalled(() -> {
      List<Snapshot> live = Inspect.live();
      long later = Duration.ofHours(1).toNanos();
      assertEquals(List.of(), detector.check(live, 0, 0));
      assertEquals(List.of(), detector.check(live, later, later));
      assertEquals(1, detector.check(live, later, later).size());
      assertEquals(List.of(), detector.check(live, 2 * later, 2 * later));
      assertEquals(1, detector.check(live, 2 * later, 2 * later).size());
    });
  }

  private static void whileStalled(Runnable checks) {
    var opened = new AtomicReference<Scope>();
    OnThread<Void> owner =
        OnThread.run(() ->
            Scopes.named("s")
                .run(scope -> {
                  Channel<String> lines = scope.channel(0);
                  scope.fork("reader", () -> lines.receive());
                  opened.set(scope);
                }));
    try {
      Poll.until(StallDetectorTest::isStalled);
      checks.run();
    } finally {
      opened.get().cancel("enough");
    }
    owner.value();
  }

  @Test
  void a_wait_that_a_timer_or_a_free_place_ends_is_no_stall() throws Exception {
    var reports = new ConcurrentLinkedQueue<Report>();
    var done = new CountDownLatch(1);
    OnThread<Void> checks =
        OnThread.start(
            Thread.ofPlatform().daemon().factory(), // its loop would not release a carrier
            () -> {
              while (done.getCount() > 0) {
                reports.addAll(check());
              }
              return null;
            });
    try {
      Scopes.named("s")
          .limit(1)
          .run(scope -> {
            Channel<String> lines = scope.channel(0);
            for (int i = 0; i < 2; i++) {
              scope.after(MIN_AGE.plusMillis(100), () -> lines.send("x"));
              lines.receive();
              scope.fork(() -> Thread.sleep(MIN_AGE.plusMillis(100)));
            }
          });
    } finally {
      done.countDown();
    }
    checks.end();
    assertEquals(List.of(), List.copyOf(reports));
  }

  @Test
  void receivers_are_not_stalled_while_a_running_task_feeds_their_channel() throws Exception {
    Scopes.named("s")
        .run(scope -> {
          Channel<String> lines = scope.channel(0);
          var go = new CountDownLatch(1);
          List<Fork<String>> readers = new ArrayList<>();
          for (int i = 0; i < 3; i++) {
            readers.add(scope.fork(() -> lines.receive()));
          }
          scope.fork(
              "feeds",
              () -> {
                go.await();
                for (int i = 0; i < 3; i++) {
                  lines.send("x");
                }
                return null;
              });
          Poll.until(() -> waiting(3));
          Thread.sleep(MIN_AGE.toMillis() + 100);
          assertEquals(List.of(), check());
          assertEquals(List.of(), check());
          go.countDown();
          for (Fork<String> reader : readers) {
            reader.join();
          }
        });
  }

  private static boolean waiting(int tasks) {
    return Inspect.live().stream()
            .flatMap(scope -> scope.inside().stream())
            .filter(task -> task.waitsFor() != null)
            .map(Snapshot::waitsFor)
            .filter(wait -> !wait.objects().isEmpty())
            .count()
        >= tasks;
  }
}
