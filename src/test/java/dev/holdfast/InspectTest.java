package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.channel.Channel;
import dev.holdfast.channel.ChannelSpec;
import dev.holdfast.channel.Select;
import dev.holdfast.inspect.Report;
import dev.holdfast.inspect.ScopeStats;
import dev.holdfast.inspect.Snapshot;
import dev.holdfast.inspect.WaitInfo;
import dev.holdfast.internal.telemetry.CounterRegistry;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Poll;
import dev.holdfast.testing.Warnings;
import java.io.StringReader;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Snapshots of live scopes, counters by name, and reports.
 *
 * <p>Tests {@code SnapshotText} and {@code Snapshots} as well.
 */
@LeavesNothing
class InspectTest {

  private static final Duration LONG = Duration.ofMinutes(1);

  @RegisterExtension final Warnings warnings = new Warnings();

  private final CountDownLatch go = new CountDownLatch(1);

  /** Opens when a task has reached its uninterruptible wait. */
  private final CountDownLatch deaf = new CountDownLatch(1);

  /** Not forever: a test that fails must be able to end. */
  private void awaitUninterruptibly() {
    Deadline limit = Deadline.after(Duration.ofSeconds(15));
    deaf.countDown();
    while (go.getCount() > 0 && !limit.isExpired()) {
      try {
        go.await(1, TimeUnit.SECONDS);
      } catch (InterruptedException deaf) {
        // goes on waiting
      }
    }
  }

  private static Snapshot find(String name) {
    return Inspect.live().stream()
        .map(live -> find(live, name))
        .filter(InspectTest::some)
        .findFirst()
        .orElse(null);
  }

  private static boolean some(Snapshot live) {
    return live != null;
  }

  private static Snapshot find(Snapshot in, String name) {
    if (in.name().equals(name)) {
      return in;
    }
    return in.inside().stream()
        .map(live -> find(live, name))
        .filter(InspectTest::some)
        .findFirst()
        .orElse(null);
  }

  /** Waits until a picture shows it so. */
  private static Snapshot await(String name, Predicate<Snapshot> condition) {
    Poll.until(() -> {
      Snapshot live = find(name);
      return live != null && condition.test(live);
    });
    Snapshot live = find(name);
    assertNotNull(live, () -> name + " in: " + Inspect.live());
    assertTrue(condition.test(live), live::toString);
    return live;
  }

  private static Snapshot awaitWait(String name, WaitInfo.Operation operation) {
    return await(name, live -> live.waitsFor() != null && live.waitsFor().operation() == operation);
  }

  private static ScopeStats stats(String name) {
    return Inspect.stats().stream().filter(s -> s.name().equals(name)).findFirst().orElseThrow();
  }

  @Test
  void a_snapshot_shows_the_tree() throws Exception {
    Scopes.named("outer")
        .run(outer -> {
          outer.fork(
              "task",
              () -> {
                Scopes.named("inner")
                    .run(inner -> {
                      inner.fork("deep", () -> go.await());
                      inner.join();
                    });
                return null;
              });
          outer.worker("loop", () -> Blocked.forever());
          outer.after("later", LONG, () -> {});
          outer.channel(ChannelSpec.<String>of(4).named("lines"));
          outer.use(new StringReader("x"));
          outer.onExit(() -> {});
          await("deep", live -> live.state() == Snapshot.State.RUNNING);
          awaitWait("inner", WaitInfo.Operation.JOIN);
          Snapshot picture = find("outer");
          assertEquals(Snapshot.Kind.SCOPE, picture.kind());
          assertSame(Thread.currentThread(), picture.thread());
          assertNull(picture.waitsFor());
          assertEquals(1, picture.timers());
          assertEquals(
              List.of("an action of InspectTest", "java.io.StringReader"), picture.resources());
          assertEquals("lines", picture.channels().getFirst().name());
          assertEquals(
              List.of("loop", "task"),
              picture.inside().stream().map(Snapshot::name).sorted().toList());
          Snapshot task = find("task");
          assertEquals(Snapshot.Kind.TASK, task.kind());
          assertEquals(List.of("inner"), task.inside().stream().map(Snapshot::name).toList());
          assertEquals(Snapshot.Kind.WORKER, find("loop").kind());
          String text = outer.toString();
          assertTrue(text.startsWith("Scope 'outer', "), text);
          assertTrue(text.contains("1 timer"), text);
          assertTrue(text.contains("\n├─ ") && text.contains("└─ Scope 'inner'"), text);
          assertTrue(text.contains("joins the tasks of Scope 'inner'"), text);
          go.countDown();
        });
    assertEquals(List.of(), Inspect.live());
  }

  @Test
  void a_scope_shows_its_own_branch_only() throws Exception {
    var inside = new String[1];
    Scope[] kept = new Scope[1];
    Scopes.named("outer")
        .run(outer ->
            Scopes.named("inner")
                .run(inner -> {
                  kept[0] = inner;
                  inside[0] = inner.toString();
                }));
    assertTrue(inside[0].startsWith("Scope 'inner', "), inside[0]);
    assertFalse(inside[0].contains("outer"), inside[0]);
    assertTrue(kept[0].toString().contains("ended"), kept[0].toString());
  }

  @Test
  void a_wait_is_shown_at_the_innermost_scope_of_its_thread() throws Exception {
    var owner =
        OnThread.run(() ->
            Scopes.named("around")
                .run(around ->
                    Scopes.named("within")
                        .run(within -> {
                          within.fork(() -> go.await());
                          within.join();
                        })));
    awaitWait("within", WaitInfo.Operation.JOIN);
    assertNull(find("around").waitsFor());
    go.countDown();
    owner.end();
  }

  @Test
  @SuppressWarnings("LockNotBeforeTry") // a thread that waits for it stops with the scope
  void each_kind_of_wait_is_shown() throws Exception {
    var lock = new ReentrantLock();
    var guard = Guard.named("door").maxConcurrent(1).waitingUpTo(LONG);
    Scopes.named("s")
        .run(scope -> {
          Channel<String> full = scope.channel(ChannelSpec.<String>of(1).named("full"));
          Channel<String> empty = scope.channel(ChannelSpec.<String>of(1).named("empty"));
          full.send("x");
          lock.lock();
          guard.run(inside -> {
            Fork<Void> sends =
                scope.fork(
                    "sends",
                    () -> {
                      full.send("y");
                      return null;
                    });
            scope.fork("receives", () -> empty.receive(LONG));
            scope.fork(
                "selects",
                () -> Select.of(empty.onReceive(e -> e), full.onSend("z", () -> "")).await());
            scope.fork("joins", () -> sends.join());
            scope.fork(
                "locks",
                () -> {
                  lock.lockInterruptibly();
                  lock.unlock();
                  return null;
                });
            scope.fork("enters", () -> guard.call(s -> "in"));
            WaitInfo send = awaitWait("sends", WaitInfo.Operation.SEND).waitsFor();
            assertSame(full, send.objects().getFirst());
            assertFalse(send.timed());
            assertTrue(send.on().contains("'full'"), send::toString);
            assertTrue(awaitWait("receives", WaitInfo.Operation.RECEIVE).waitsFor().timed());
            assertEquals(
                List.of(empty, full),
                awaitWait("selects", WaitInfo.Operation.SELECT).waitsFor().objects());
            WaitInfo join = awaitWait("joins", WaitInfo.Operation.JOIN).waitsFor();
            assertSame(find("sends").identity(), join.objects().getFirst());
            assertEquals(
                "a ReentrantLock", awaitWait("locks", WaitInfo.Operation.OTHER).waitsFor().on());
            assertTrue(awaitWait("enters", WaitInfo.Operation.GUARD).waitsFor().timed());
            await("joins", live -> live.waitsFor().age().toMillis() >= 20);
            await("sends", live -> live.waitsFor().age().toMillis() >= 20);
            Snapshot selects = find("selects");
            assertTrue(
                selects.toString().contains("selects from Channel 'empty'"), selects::toString);
          });
          lock.unlock();
          scope.cancel("enough");
        });
  }

  @Test
  void an_owner_that_waits_for_the_end_or_a_place_is_shown() throws Exception {
    var owner = OnThread.run(() -> Scopes.named("ends").run(scope -> scope.fork(() -> go.await())));
    awaitWait("ends", WaitInfo.Operation.END);
    assertEquals(Snapshot.State.ENDING, find("ends").state());
    var full =
        OnThread.run(() ->
            Scopes.named("full")
                .limit(1)
                .run(scope -> {
                  scope.fork(() -> go.await());
                  scope.fork(() -> go.await());
                }));
    awaitWait("full", WaitInfo.Operation.LIMIT);
    go.countDown();
    owner.end();
    full.end();
  }

  @Test
  void a_worker_between_its_ticks_is_shown() throws Exception {
    Scopes.run(scope -> {
      scope.every("ticks", LONG, () -> {});
      WaitInfo idle = awaitWait("ticks", WaitInfo.Operation.IDLE).waitsFor();
      assertEquals("its next turn", idle.on());
      assertTrue(idle.timed());
    });
  }

  @Test
  void a_cancelled_task_shows_the_reason() throws Exception {
    Scopes.named("s")
        .run(scope -> {
          Fork<?> fork = scope.fork("deaf", () -> awaitUninterruptibly());
          deaf.await();
          fork.cancel();
          assertTrue(
              find("deaf").cancelled().contains("Fork.cancel"), () -> find("deaf").toString());
          go.countDown();
        });
  }

  @Test
  void where_a_task_was_forked_is_recorded_on_demand() throws Exception {
    Scopes.run(scope -> {
      scope.fork("before", () -> go.await());
      Inspect.recordForkSites(true);
      try {
        scope.fork("after", () -> go.await());
      } finally {
        Inspect.recordForkSites(false);
      }
      assertEquals(List.of(), find("before").forkedAt());
      StackTraceElement site = find("after").forkedAt().getFirst();
      assertEquals(InspectTest.class.getName(), site.getClassName());
      assertTrue(find("after").toString().contains("forked at "), () -> find("after").toString());
      go.countDown();
    });
  }

  @Test
  void an_executor_and_its_tasks_are_shown() throws Exception {
    Scopes.named("s")
        .run(scope -> {
          ExecutorService executor = scope.executor();
          var submitted = executor.submit(() -> awaitUninterruptibly());
          await(
              "s/host", live -> live.kind() == Snapshot.Kind.EXECUTOR && !live.inside().isEmpty());
          awaitWait("s/host", WaitInfo.Operation.IDLE); // it has just started the task
          go.countDown();
          submitted.get();
        });
  }

  @Test
  void a_snapshot_of_ten_thousand_tasks_is_fast() throws Exception {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    Scopes.named("many")
        .limit(20_000)
        .run(scope -> {
          for (int i = 0; i < 10_000; i++) {
            scope.fork(() -> go.await());
          }
          await("many", live -> live.inside().size() == 10_000);
          assertTrue(threads.isThreadCpuTimeEnabled());
          long busy = Long.MAX_VALUE;
          long all = Long.MAX_VALUE;
          for (int i = 0; i < 10; i++) {
            long began = System.nanoTime();
            long begun = threads.getCurrentThreadCpuTime();
            assertEquals(10_000, find("many").inside().size());
            busy = Math.min(busy, threads.getCurrentThreadCpuTime() - begun);
            all = Math.min(all, System.nanoTime() - began);
          }
          // Some tasks may be waiting for a processor only.
          String taken = busy + " ns busy, " + all + " ns in all";
          assertTrue(busy < 200_000_000 && all < 5_000_000_000L, taken);
          go.countDown();
        });
  }

  @Test
  void snapshots_are_taken_while_scopes_open_and_close() throws Exception {
    Scopes.named("lasting")
        .run(lasting -> {
          lasting.fork("rock", () -> go.await());
          await("rock", live -> true);
          OnThread<Void> storm =
              OnThread.run(() -> {
                while (go.getCount() > 0) {
                  Scopes.run(scope -> {
                    for (int i = 0; i < 10; i++) {
                      scope.fork(() -> Scopes.call(inner -> inner.fork(() -> 1).join()));
                    }
                  });
                }
              });
          for (int i = 0; i < 2000; i++) {
            assertNotNull(find("rock"), "what lives all the time is in every picture");
          }
          go.countDown();
          storm.end();
        });
  }

  @Test
  void events_are_counted_by_scope_name() throws Exception {
    String name = "counted-" + System.nanoTime();
    Scopes.named(name)
        .isolated()
        .run(scope -> {
          scope.fork(() -> 1).join();
          Fork<?> fails =
              scope.fork(() -> {
                throw new IllegalStateException("marker");
              });
          try {
            fails.join();
          } catch (ForkFailedException e) {
            // the counter is checked below
          }
          Fork<?> waits = scope.fork(() -> go.await());
          ScopeStats live = stats(name);
          assertEquals(1, live.openScopes());
          assertEquals(1, live.liveTasks());
          assertEquals(3, live.started());
          waits.cancel();
        });
    try {
      Scopes.named(name).timeout(Duration.ofMillis(20)).run(scope -> Blocked.forever());
    } catch (ScopeTimeoutException e) {
      // the counter is checked below
    }
    Guard guard = Guard.named(name).maxConcurrent(1).skipping();
    guard.run(scope -> assertFalse(guard.run(inside -> {})));
    ScopeStats all = stats(name);
    assertEquals(3, all.opened());
    assertEquals(3, all.closed());
    assertEquals(List.of(1L, 1L, 1L), List.of(all.succeeded(), all.failed(), all.cancelled()));
    assertEquals(0, all.liveTasks());
    assertEquals(1, all.timeouts());
    assertEquals(1, all.refused());
    assertEquals(1, all.cancelledScopes());
    assertTrue(all.closingNanos() > 0);
  }

  @Test
  void tasks_that_never_started_count_as_cancelled() throws Exception {
    String name = "never-" + System.nanoTime();
    Scopes.named(name)
        .run(scope -> {
          scope.cancel("enough");
          scope.fork(() -> 1);
          scope.fork(() -> 2);
        });
    assertEquals(2, stats(name).started());
    assertEquals(2, stats(name).cancelled());
  }

  @Test
  void a_report_reaches_its_listeners() throws Exception {
    Queue<Report> received = new ConcurrentLinkedQueue<>();
    String name = "reported-" + System.nanoTime();
    var listening = Inspect.onReport(received::add);
    Inspect.recordForkSites(true);
    var owner =
        OnThread.run(() ->
            Scopes.named(name)
                .run(scope -> {
                  scope.fork("stuck", () -> awaitUninterruptibly());
                  deaf.await();
                  scope.cancel("enough");
                }));
    warnings.awaitNaming("stuck", "awaitUninterruptibly");
    Inspect.recordForkSites(false);
    go.countDown();
    owner.end();
    listening.close();
    assertEquals(1, received.size());
    Report report = received.element();
    assertEquals(Report.Kind.STUCK, report.kind());
    assertEquals(name, report.scope());
    assertEquals(List.of("stuck"), report.tasks());
    assertEquals(warnings.messages(), List.of(report.text()));
    assertTrue(report.text().contains("waits for a CountDownLatch"), report.text());
    assertTrue(report.text().contains("forked\n        at "), report.text());
    assertEquals(1, stats(name).stuck());
  }

  @Test
  void the_number_of_counted_names_is_bounded() {
    var tallies = new CounterRegistry(10);
    for (int i = 0; i < 1000; i++) {
      tallies.of("name-" + i).opened.increment();
    }
    assertEquals(12, tallies.stats().size());
    assertEquals(990, tallies.of("one more").stats().opened());
    assertEquals(1, tallies.of("name-3").stats().opened());
    assertEquals(ScopeStats.UNNAMED, tallies.of(null).stats().name());
  }

  @Test
  void a_very_deep_tree_is_cut_off() throws Exception {
    Snapshot deep = nested(400);
    assertTrue(deep.toString().lines().count() > 300, () -> "" + deep.toString().lines().count());
  }

  private Snapshot nested(int depth) throws Exception {
    return Scopes.named("deep")
        .call(scope -> scope.fork(() -> depth == 0 ? find("deep") : nested(depth - 1)).join());
  }

  @Test
  void a_shield_outside_every_scope_that_does_not_end_is_named() throws Exception {
    var owner =
        OnThread.run(() ->
            Scopes.shield(
                Duration.ofMillis(20),
                () -> {
                  awaitUninterruptibly();
                  return null;
                }));
    Poll.until(() -> warnings.count() > 0);
    go.countDown();
    owner.end();
    assertTrue(
        warnings.messages().getFirst().contains("awaitUninterruptibly"),
        () -> "" + warnings.messages());
  }

  @Test
  void a_report_does_not_add_a_counted_name() {
    String name = "made up " + System.nanoTime();
    Inspect.report(new Report(Report.Kind.STALLED, name, List.of("task"), "text"));
    assertTrue(Inspect.stats().stream().noneMatch(s -> s.name().equals(name)));
    assertEquals(List.of("text"), warnings.messages());
  }
}
