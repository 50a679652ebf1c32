package dev.holdfast.diagnostics.stall;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.Inspect;
import dev.holdfast.Scopes;
import dev.holdfast.diagnostics.Watch;
import dev.holdfast.inspect.Report;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Poll;
import dev.holdfast.testing.Warnings;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.extension.RegisterExtension;

@LeavesNothing
class LockOwnersTest {

  @RegisterExtension final Warnings warnings = new Warnings();

  private final CountDownLatch go = new CountDownLatch(1);

  private void awaitUninterruptibly() {
    while (go.getCount() > 0) {
      try {
        go.await();
      } catch (InterruptedException deaf) {
        // goes on waiting
      }
    }
  }

  private static boolean isVirtual(ThreadFactory threads) {
    return threads.newThread(() -> {}).isVirtual();
  }

  private Report stuck(ThreadFactory threads, Runnable holds, Runnable waits) throws Exception {
    var report = new CompletableFuture<Report>();
    try (Watch watch = Watch.start();
        Inspect.Listening listening = Inspect.onReport(report::complete)) {
      assertTrue(watch.toString().contains("Watch") && listening != null);
      OnThread<Void> owner =
          OnThread.start(
              Thread.ofVirtual().factory(),
              () -> {
                Scopes.named("s")
                    .threads(threads)
                    .run(scope -> {
                      scope.fork("holder", () -> holds.run());
                      scope.worker(
                          "waiter",
                          () -> {
                            Poll.until(() -> held);
                            waits.run();
                          });
                      Poll.until(LockOwnersTest::waitsForLock);
                      scope.cancel("enough");
                    });
                return null;
              });
      Poll.until(report::isDone);
      go.countDown();
      owner.end();
    }
    return report.getNow(null);
  }

  private volatile boolean held;

  private static boolean waitsForLock() {
    return Inspect.live().stream()
        .flatMap(scope -> scope.inside().stream())
        .filter(task -> task.name().equals("waiter") && task.thread() != null)
        .anyMatch(task ->
            task.thread().getState() == Thread.State.BLOCKED
                || (task.waitsFor() != null && task.waitsFor().on().equals("a ReentrantLock")));
  }

  @EachThreadKind
  @SuppressWarnings("LockNotBeforeTry") // to have it is all that is wanted
  void a_report_names_the_owner_of_a_lock(ThreadFactory threads) throws Exception {
    assumeTrue(
        !isVirtual(threads) || Runtime.version().feature() >= 26, "the JVM knows since JDK 26");
    var lock = new ReentrantLock();
    Report report =
        stuck(
            threads,
            () -> {
              lock.lock();
              try {
                held = true;
                awaitUninterruptibly();
              } finally {
                lock.unlock();
              }
            },
            () -> {
              lock.lock();
              lock.unlock();
            });
    assertEquals(Report.Kind.STUCK, report.kind());
    assertTrue(report.text().contains("is held by task 'holder'"), report::text);
    assertTrue(report.text().contains("waits for a ReentrantLock"), report::text);
  }

  @EachThreadKind
  @SuppressWarnings({"SynchronizeOnNonFinalField", "EmptySynchronizedBlock"})
  void a_report_names_the_owner_of_a_monitor(ThreadFactory threads) throws Exception {
    assumeTrue(
        !isVirtual(threads) || Runtime.version().feature() >= 25, "the JVM knows since JDK 25");
    var monitor = new Object();
    Report report =
        stuck(
            threads,
            () -> {
              synchronized (monitor) {
                held = true;
                awaitUninterruptibly();
              }
            },
            () -> {
              synchronized (monitor) {
                held = false;
              }
            });
    assertTrue(report.text().contains("is held by task 'holder'"), report::text);
  }
}
