package dev.holdfast.diagnostics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.Fork;
import dev.holdfast.Inspect;
import dev.holdfast.RootScope;
import dev.holdfast.Scope;
import dev.holdfast.ScopeAction;
import dev.holdfast.ScopeCancelledException;
import dev.holdfast.Scopes;
import dev.holdfast.channel.Channel;
import dev.holdfast.channel.ChannelSpec;
import dev.holdfast.channel.Select;
import dev.holdfast.diagnostics.stall.StallDetector;
import dev.holdfast.inspect.Report;
import dev.holdfast.inspect.Snapshot;
import dev.holdfast.inspect.WaitInfo;
import dev.holdfast.junit.LeakFree;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Poll;
import dev.holdfast.testing.Warnings;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@LeavesNothing
@LeakFree(failOnStall = false)
class WatchTest {

  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration PERIOD = Duration.ofMillis(25);
  private static final Duration MIN_AGE = Duration.ofMillis(100);

  @RegisterExtension final Warnings warnings = new Warnings();

  private final Queue<Report> reports = new ConcurrentLinkedQueue<>();

  private RootScope watch;
  private Inspect.Listening listening;

  @BeforeEach
  void watch() throws Exception {
    listening = Inspect.onReport(reports::add);
    watch = Scopes.open(Scopes.named(Watch.NAME));
    watch.run(scope -> Watch.in(scope, PERIOD, new StallDetector(MIN_AGE)));
  }

  @AfterEach
  void stop() {
    watch.close();
    listening.close();
  }

  /** A structure that stalls: runs until it is reported, and is cancelled then. */
  private Report reported(ScopeAction<Exception> structure) {
    runUntil(() -> !reports.isEmpty(), "s", structure);
    assertEquals(1, reports.size(), reports::toString);
    return reports.element();
  }

  /** Runs a structure in a scope of that name, and cancels it when the condition holds. */
  private static void runUntil(
      BooleanSupplier condition, String name, ScopeAction<Exception> structure) {
    assertThrows(
        ScopeCancelledException.class,
        () ->
            Scopes.named("guarded")
                .run(guarded -> {
                  guarded.worker(
                      "ends it",
                      () -> {
                        Poll.until(condition);
                        guarded.cancel("reported");
                      });
                  Scopes.named(name).run(structure);
                }));
  }

  /**
   * Returns when a stall would have been reported of what is blocked by now: when two younger ones
   * were, one after the other.
   */
  private void awaitReportOfYoungerStalls() {
    for (String name : List.of("younger", "youngest")) {
      runUntil(
          () -> reports.removeIf(report -> report.scope().equals(name)),
          name,
          scope -> channel(scope, "none").receive());
    }
  }

  /** Waits for at least so many; an idle thread of an executor is blocked at a channel as well. */
  private static void awaitBlockedAtChannels(int tasks) {
    Poll.until(() -> blockedAtChannels(Inspect.live()) >= tasks);
  }

  private static int blockedAtChannels(List<Snapshot> live) {
    int blocked = 0;
    for (Snapshot task : live) {
      WaitInfo wait = task.waitsFor();
      boolean atChannel =
          wait != null
              && (wait.operation() == WaitInfo.Operation.RECEIVE
                  || wait.operation() == WaitInfo.Operation.SEND);
      blocked += (atChannel ? 1 : 0) + blockedAtChannels(task.inside());
    }
    return blocked;
  }

  private static void assertNames(Report report, Report.Kind kind, String... tasks) {
    assertEquals(kind, report.kind(), report::text);
    assertEquals("s", report.scope(), report::text);
    assertEquals(Set.of(tasks), new TreeSet<>(report.tasks()), report::text);
  }

  private static Channel<String> channel(Scope scope, String name) {
    return scope.channel(ChannelSpec.<String>of(0).named(name));
  }

  @Test
  void a_watch_with_its_own_period_reports() throws Exception {
    watch.close();
    try (Watch own = Watch.start()) {
      assertNames(reported(WatchTest::receiverWithoutSender), Report.Kind.STALLED, "reader", "s");
      assertTrue(own.toString().contains(Watch.NAME), own::toString);
    }
  }

  private static void receiverWithoutSender(Scope scope) {
    Channel<String> lines = channel(scope, "lines");
    scope.fork("reader", () -> lines.receive());
  }

  @Test
  void a_receiver_without_a_sender_is_reported() throws Exception {
    Report report = reported(WatchTest::receiverWithoutSender);
    assertNames(report, Report.Kind.STALLED, "reader", "s");
    String text = report.text();
    assertTrue(text.contains("Task 'reader': receives from Channel 'lines'"), text);
    assertTrue(text.contains("The body of scope 's': waits for the end of its tasks"), text);
    assertTrue(text.contains("WatchTest"), text);
  }

  /** The case "Mixed". */
  @Test
  void a_body_that_joins_a_sender_before_it_receives_is_reported() throws Exception {
    Report report =
        reported(scope -> {
          Channel<String> lines = channel(scope, "lines");
          Fork<Void> child =
              scope.fork(
                  "child",
                  () -> {
                    lines.send("x");
                    return null;
                  });
          child.join();
          lines.receive();
        });
    assertNames(report, Report.Kind.STALLED, "child", "s");
    assertTrue(report.text().contains("joins Task 'child'"), report.text());
  }

  /** The case "cockroach24808". */
  @Test
  void a_body_that_fills_a_channel_before_it_starts_the_consumer_is_reported() throws Exception {
    Report report =
        reported(scope -> {
          Channel<String> suggestions = scope.channel(1);
          suggestions.send("first");
          suggestions.send("second");
          scope.consume(suggestions, 1, suggestion -> {});
        });
    assertNames(report, Report.Kind.STALLED, "s");
  }

  /** The case "cockroach25456". */
  @Test
  void a_task_that_waits_for_an_element_that_is_never_sent_is_reported() throws Exception {
    Report report =
        reported(scope -> {
          Channel<String> quiesce = channel(scope, "quiesce");
          scope.fork("asks", () -> quiesce.receiveOrNull()).join();
          quiesce.close();
        });
    assertNames(report, Report.Kind.STALLED, "asks", "s");
  }

  /** The case "moby30408". */
  @Test
  void tasks_that_wait_for_a_failed_task_are_reported() throws Exception {
    Report report =
        reported(scope -> {
          Channel<String> activated = channel(scope, "activated");
          Fork<String> plugin = scope.fork("plugin", () -> activated.receive());
          scope.fork("user", () -> plugin.join());
          scope.fork("activator", () -> "failed without a message to the other");
        });
    assertNames(report, Report.Kind.STALLED, "plugin", "user", "s");
  }

  /** The case "kubernetes10182"; "kubernetes6632" is the same with the close in place of a read. */
  @Test
  void a_sender_that_holds_the_lock_of_the_receiver_is_reported() throws Exception {
    var lock = new ReentrantLock();
    Report report =
        reported(scope -> {
          Channel<String> updates = channel(scope, "updates");
          var taken = new CountDownLatch(1);
          scope.fork(
              "setter",
              () -> {
                lock.lockInterruptibly();
                try {
                  taken.countDown();
                  updates.send("x");
                } finally {
                  lock.unlock();
                }
                return null;
              });
          scope.fork(
              "loop",
              () -> {
                taken.await();
                lock.lockInterruptibly();
                try {
                  return updates.receive();
                } finally {
                  lock.unlock();
                }
              });
        });
    assertEquals(Report.Kind.STALLED, report.kind());
    assertTrue(report.tasks().contains("setter"), report::text);
    assertTrue(report.tasks().contains("loop"), report::text);
    assertTrue(report.text().contains("waits for a ReentrantLock"), report::text);
  }

  @Test
  void forks_that_join_each_other_are_reported() throws Exception {
    Report report =
        reported(scope -> {
          var second = new CompletableFuture<Fork<Object>>();
          Fork<Object> first = scope.fork("first", () -> second.get().join());
          second.complete(scope.fork("second", () -> first.join()));
        });
    assertNames(report, Report.Kind.DEADLOCKED, "first", "second");
    assertTrue(report.text().contains("in a cycle"), report::text);
  }

  @Test
  void an_owner_that_waits_for_the_limit_and_tasks_that_wait_for_it_are_reported()
      throws Exception {
    Report report =
        reported(outer ->
            Scopes.named("limited")
                .limit(1)
                .run(scope -> {
                  Channel<String> work = channel(scope, "work");
                  scope.fork("first", () -> work.receive());
                  scope.fork("second", () -> 2);
                  work.send("x");
                }));
    assertEquals("limited", report.scope());
    assertEquals(Set.of("first", "limited"), new TreeSet<>(report.tasks()));
  }

  @Test
  void tasks_that_select_from_channels_that_only_they_use_are_reported() throws Exception {
    Report report =
        reported(scope -> {
          Channel<String> left = channel(scope, "left");
          Channel<String> right = channel(scope, "right");
          scope.fork("l", () -> Select.of(left.onReceive(e -> e), right.onReceive(e -> e)).await());
          scope.fork("r", () -> right.receive());
        });
    assertNames(report, Report.Kind.STALLED, "l", "r", "s");
  }

  @Test
  void only_the_stalled_scope_is_reported() throws Exception {
    Scopes.named("busy")
        .run(busy -> {
          var done = new CountDownLatch(1);
          busy.fork(
              "works",
              () -> {
                done.await();
                return null;
              });
          busy.fork(
              "outer",
              () -> {
                Scopes.named("stalled")
                    .run(scope -> {
                      Channel<String> none = channel(scope, "none");
                      scope.fork("waits", () -> none.receive());
                    });
                return null;
              });
          Poll.until(() -> !reports.isEmpty());
          done.countDown();
          busy.cancel("seen");
        });
    assertEquals(1, reports.size(), reports::toString);
    assertEquals("stalled", reports.element().scope());
  }

  @Test
  void a_stall_is_reported_once_and_so_is_the_next() throws Exception {
    var lines = new CompletableFuture<Channel<String>>();
    Scopes.named("outer")
        .run(outer -> {
          outer.worker(
              "rescue",
              () -> {
                for (int i = 1; i <= 2; i++) {
                  int seen = i;
                  Poll.until(() -> reports.size() >= seen);
                  awaitReportOfYoungerStalls();
                  assertEquals(seen, reports.size(), reports::toString);
                  lines.join().send("x");
                }
              });
          Scopes.named("s")
              .run(scope -> {
                lines.complete(channel(scope, "lines"));
                scope.fork("reader", () -> lines.join().receive() + lines.join().receive());
              });
        });
    assertEquals(2, reports.size(), reports::toString);
  }

  /** A healthy service: nothing in it may be reported. */
  @Test
  void an_idle_service_is_not_reported() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        RootScope root = Scopes.open(Scopes.named("service"))) {
      root.run(scope -> {
        Channel<String> fromOutside = scope.channel(ChannelSpec.<String>of(16).named("jobs"));
        for (int i = 0; i < 4; i++) {
          scope.worker("worker-" + i, () -> fromOutside.forEach(job -> {}));
        }
        scope.worker("accepts", () -> server.accept().close());
        scope.onCancel(server::close);
        scope.every(Duration.ofHours(1), () -> {});
        scope.after(MINUTE, () -> {});
        scope.consume(scope.ticker(Duration.ofHours(1)), 1, tick -> {});
        scope.executor().execute(() -> {});
      });
      var stop = new CountDownLatch(1);
      Thread request =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  Scopes.named("request")
                      .run(scope -> {
                        Channel<String> shared =
                            scope.channel(ChannelSpec.<String>of(0).named("shared").shared());
                        scope.fork("is served from outside", () -> shared.receive());
                        scope.fork("gives up", () -> scope.channel(0).receive(MINUTE));
                        scope.worker("latch", () -> stop.await());
                        stop.await();
                        scope.cancel("enough");
                      });
                } catch (Exception e) {
                  throw new AssertionError(e);
                }
              });
      awaitBlockedAtChannels(7);
      awaitReportOfYoungerStalls();
      assertEquals(List.of(), List.copyOf(reports));
      stop.countDown();
      request.join();
      root.cancel("enough");
    } catch (ScopeCancelledException expected) {
      // the root was cancelled
    }
    assertEquals(List.of(), List.copyOf(reports));
  }

  @Test
  void a_wait_with_a_timeout_or_served_from_outside_is_not_reported() throws Exception {
    var channels = new ArrayBlockingQueue<Channel<String>>(2);
    List<OnThread<Void>> owners = new ArrayList<>();
    ScopeAction<Exception> shared =
        scope -> {
          Channel<String> lines = scope.channel(ChannelSpec.<String>of(0).named("lines").shared());
          channels.add(lines);
          scope.fork("is served from outside", () -> lines.receive());
        };
    ScopeAction<Exception> timed =
        scope -> {
          Channel<String> lines = channel(scope, "lines");
          channels.add(lines);
          scope.fork("gives up", () -> lines.receive(MINUTE));
        };
    for (ScopeAction<Exception> action : List.of(shared, timed)) {
      owners.add(
          OnThread.start(
              Thread.ofVirtual().factory(),
              () -> {
                Scopes.named("s").run(action);
                return null;
              }));
    }
    try {
      awaitBlockedAtChannels(2);
      awaitReportOfYoungerStalls();
      assertEquals(List.of(), List.copyOf(reports));
    } finally {
      for (int i = 0; i < 2; i++) {
        channels.take().send("x");
      }
    }
    owners.forEach(OnThread::end);
  }

  /** An ordinary wait for a lock is not. */
  @Test
  @SuppressWarnings("LockNotBeforeTry") // to have it is all that is wanted
  void a_wait_for_a_lock_held_outside_is_not_reported() throws Exception {
    var lock = new ReentrantLock();
    lock.lock();
    OnThread<Void> owner =
        OnThread.run(() ->
            Scopes.named("s")
                .run(scope -> {
                  scope.fork(
                      "waits",
                      () -> {
                        lock.lockInterruptibly();
                        lock.unlock();
                        return null;
                      });
                  Scopes.named("inner")
                      .run(inner -> {
                        lock.lockInterruptibly();
                        lock.unlock();
                      });
                }));
    try {
      Poll.until(() -> lock.getQueueLength() == 2);
      awaitReportOfYoungerStalls();
    } finally {
      lock.unlock();
    }
    owner.value();
    assertEquals(List.of(), List.copyOf(reports));
  }

  @Test
  void a_stall_inside_a_race_is_reported() throws Exception {
    Report report =
        reported(scope -> {
          Channel<String> none = channel(scope, "none");
          Scopes.race(List.of("a", "b"), name -> none.receive() + name);
        });
    assertEquals(Report.Kind.STALLED, report.kind());
  }

  @Test
  void a_logger_that_throws_does_not_end_the_program() {
    Logger logger = Logger.getLogger("dev.holdfast");
    Handler broken =
        new Handler() {
          @Override
          public void publish(LogRecord record) {
            throw new IllegalStateException("disk full");
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    logger.addHandler(broken);
    try {
      reported(WatchTest::receiverWithoutSender);
      assertTrue(Inspect.live().stream().anyMatch(live -> live.name().equals(Watch.NAME)));
      Inspect.report(reports.element()); // does not throw either
    } finally {
      logger.removeHandler(broken);
    }
  }

  @Test
  void a_closed_watch_has_ended() throws Exception {
    watch.close();
    Watch own = Watch.start();
    assertTrue(
        Inspect.live().stream().anyMatch(live -> live.name().equals(Watch.NAME)),
        () -> Inspect.live().toString());
    own.close();
    assertEquals(List.of(), Inspect.live());
  }
}
