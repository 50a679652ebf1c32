package dev.holdfast;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.channel.Channel;
import dev.holdfast.channel.Select;
import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.HeldCarriers;
import dev.holdfast.testing.LawFixtures;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Pace;
import dev.holdfast.testing.Poll;
import dev.holdfast.testing.Warnings;
import java.nio.channels.spi.AbstractInterruptibleChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Traffic through the library starves no other thread, and deadlines, reports and onCancel actions
 * are on time whatever user code does.
 *
 * <p>Tests {@code CarrierReport}, {@code HoldLimit}, {@code WakeupThread} and {@code Wakeups} as
 * well.
 */
@Tag("one-carrier")
@LeavesNothing
@SuppressWarnings("try") // a resource that only has to be closed
class Law13NobodyStarvesTest {

  private static final ThreadFactory PLATFORM = Thread.ofPlatform().daemon().factory();
  private static final ThreadFactory VIRTUAL = Thread.ofVirtual().factory();

  /** Generous: the machine that runs the tests may be busy. What this excludes takes longer. */
  private static final long LATE_MILLIS = 4000;

  @RegisterExtension final Warnings warnings = new Warnings();

  private final CountDownLatch release = new CountDownLatch(1);

  @AfterEach
  void release() {
    release.countDown();
  }

  /** A channel whose close blocks, as one does that has to flush. */
  private final class SlowChannel extends AbstractInterruptibleChannel {

    private final CountDownLatch closing = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile Thread blocked;

    /** Blocks until it was closed. */
    void block() {
      boolean done = false;
      blocked = Thread.currentThread();
      try {
        begin();
        Blocked.stubbornly(closed);
        done = true;
      } finally {
        try {
          end(done);
        } catch (java.nio.channels.AsynchronousCloseException expected) {
          done = false;
        }
      }
    }

    @Override
    protected void implCloseChannel() {
      closing.countDown();
      if (Thread.currentThread() != blocked) { // it was interrupted before it came here
        Blocked.stubbornly(release);
      }
      closed.countDown();
    }
  }

  private static long timeoutMillis() {
    long begun = System.nanoTime();
    assertThrows(
        ScopeTimeoutException.class,
        () -> Scopes.timeout(Duration.ofMillis(20)).run(scope -> Blocked.forever()));
    return (System.nanoTime() - begun) / 1_000_000 - 20;
  }

  private static void assertOnTime(long lateMillis) {
    assertTrue(lateMillis < LATE_MILLIS, () -> "late by " + lateMillis + " ms");
  }

  @EachThreadKind
  void a_slow_close_that_an_interrupt_causes_delays_no_other_deadline(ThreadFactory kind)
      throws Exception {
    var channel = new SlowChannel();
    OnThread<Void> closing =
        OnThread.run(
            kind, () -> Scopes.timeout(Duration.ofMillis(100)).run(scope -> channel.block()));
    LawFixtures.await(channel.closing);
    long late = OnThread.start(PLATFORM, Law13NobodyStarvesTest::timeoutMillis).value();
    release.countDown();
    closing.end();
    assertOnTime(late);
  }

  @Test
  void a_slow_close_does_not_keep_an_enclosing_scope_from_interrupting_other_tasks()
      throws Exception {
    var channel = new SlowChannel();
    var interrupted = new CountDownLatch(1);
    OnThread<Void> owner =
        OnThread.run(
            PLATFORM,
            () ->
                Scopes.named("outer")
                    .run(outer -> {
                      outer.fork(
                          () -> Scopes.timeout(Duration.ofMillis(100)).run(s -> channel.block()));
                      outer.fork(() -> {
                        try {
                          return Blocked.forever();
                        } finally {
                          interrupted.countDown();
                        }
                      });
                      LawFixtures.await(channel.closing);
                      outer.cancel("enough");
                    }));
    LawFixtures.await(interrupted); // while the close still blocks
    release.countDown();
    owner.end();
  }

  @Test
  @SuppressWarnings("try") // held for its lifetime
  void on_cancel_actions_run_on_time_while_user_code_holds_every_carrier() throws Exception {
    try (var held = new HeldCarriers()) {
      var acted = new AtomicLong();
      long begun = System.nanoTime();
      OnThread<Void> owner =
          OnThread.run(
              PLATFORM,
              () ->
                  Scopes.timeout(Duration.ofMillis(20))
                      .run(scope -> {
                        scope.onCancel(() -> acted.set(System.nanoTime()));
                        Blocked.forever();
                      }));
      assertEquals(ScopeTimeoutException.class, owner.thrown().getClass());
      assertOnTime((acted.get() - begun) / 1_000_000 - 20);
    }
  }

  @Test
  @SuppressWarnings("try") // held for its lifetime
  void on_cancel_actions_that_block_delay_no_others_while_user_code_holds_every_carrier()
      throws Exception {
    try (var held = new HeldCarriers()) {
      int many = 50;
      var acted = new CountDownLatch(many);
      var registered = new CompletableFuture<Scope>();
      OnThread<Void> owner =
          OnThread.run(
              PLATFORM,
              () ->
                  Scopes.named("registers")
                      .run(scope -> {
                        for (int i = 0; i < many; i++) {
                          scope.onCancel(() -> {
                            acted.countDown();
                            Blocked.stubbornly(release);
                          });
                        }
                        registered.complete(scope);
                        Blocked.forever();
                      }));
      registered.get().cancel("enough");
      LawFixtures.await(acted); // though none of them has ended
      assertOnTime(OnThread.start(PLATFORM, Law13NobodyStarvesTest::timeoutMillis).value());
      release.countDown();
      owner.end();
    }
  }

  @Test
  @SuppressWarnings("try") // held for its lifetime
  void a_task_that_holds_every_carrier_past_its_deadline_is_named_on_time() throws Exception {
    OnThread<Void> owner;
    long begun = System.nanoTime();
    try (var held = new HeldCarriers()) {
      owner =
          OnThread.run(
              PLATFORM,
              () ->
                  Scopes.timeout(Duration.ofMillis(20))
                      .run(scope -> {
                        scope.fork("waits", () -> Blocked.forever());
                        Blocked.stubbornly(release);
                      }));
      Poll.until(() -> !warnings.messages().isEmpty());
      long late = (System.nanoTime() - begun) / 1_000_000 - 1020;
      release.countDown();
      assertOnTime(late);
    }
    owner.end();
  }

  /** Code that starts the other threads when all its own threads run. */
  private interface Beside {
    void run(Runnable startOthers) throws Exception;
  }

  /**
   * Runs an action on a virtual thread while threads on every carrier yield until it ends.
   *
   * <p>A thread that starts beside them may never run: the JDK puts it into a queue that the
   * carriers may not reach, for example if the thread that starts it runs on a carrier that the
   * scheduler no longer needs.
   */
  private static void besideThreadsThatYield(Beside action) throws Exception {
    var ended = new AtomicBoolean();
    var spinners = new ArrayList<Thread>();
    for (int i = 0; i < HeldCarriers.all(); i++) {
      spinners.add(
          VIRTUAL.newThread(() -> {
            while (!ended.get()) {
              Thread.yield();
            }
          }));
    }
    OnThread<Void> acting = OnThread.run(() -> action.run(() -> spinners.forEach(Thread::start)));
    try {
      acting.end();
    } finally {
      ended.set(true);
      spinners.forEach(spinner -> Poll.until(() -> !spinner.isAlive()));
    }
  }

  private static boolean passed(long end) {
    return System.nanoTime() - end >= 0;
  }

  @Test
  void a_loop_with_checkpoints_continues_while_threads_that_yield_in_a_loop_wait_for_it()
      throws Exception {
    besideThreadsThatYield(startOthers -> {
      startOthers.run();
      long end = System.nanoTime() + 300_000_000;
      while (!passed(end)) {
        Scopes.checkpoint();
      }
    });
  }

  @Test
  void a_hand_over_continues_while_threads_that_yield_in_a_loop_wait_for_it() throws Exception {
    besideThreadsThatYield(startOthers -> {
      Scopes.run(scope -> {
        Channel<Integer> channel = scope.channel(0);
        scope.fork(() -> {
          channel.send(1);
          long end = System.nanoTime() + 300_000_000;
          while (!passed(end)) {
            channel.send(1);
          }
          channel.send(0);
        });
        channel.receive();
        startOthers.run();
        while (channel.receive() != 0) {}
      });
    });
  }

  /** On JDK 21 a monitor pins them, and no virtual thread can run to wake them. */
  @Test
  void threads_that_hold_a_monitor_on_every_carrier_are_woken_at_once() throws Exception {
    int threads = HeldCarriers.all();
    Scopes.run(scope -> {
      List<Channel<Integer>> channels = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        Channel<Integer> channel = scope.channel(0);
        channels.add(channel);
        scope.fork(() -> receiveAll(new Object(), channel));
      }
      OnThread.run(
              PLATFORM,
              () -> {
                for (int i = 300; i >= 0; i--) {
                  for (Channel<Integer> channel : channels) {
                    channel.send(i);
                  }
                }
              })
          .end();
    });
  }

  private static void receiveAll(Object monitor, Channel<Integer> channel) throws Exception {
    synchronized (monitor) {
      while (channel.receive() != 0) {}
    }
  }

  @Test
  void forks_that_spin_on_every_carrier_after_a_cancellation_are_named_with_their_carriers()
      throws Exception {
    var released = new AtomicBoolean();
    var acted = new AtomicLong();
    var spinning = new CountDownLatch(HeldCarriers.all());
    var opened = new CompletableFuture<Scope>();
    OnThread<Void> owner =
        OnThread.run(
            PLATFORM,
            () ->
                Scopes.run(scope -> {
                  scope.onCancel(() -> acted.set(System.nanoTime()));
                  for (int i = 0; i < HeldCarriers.all(); i++) {
                    scope.fork(
                        "spins",
                        () -> {
                          spinning.countDown();
                          while (!released.get()) {
                            Thread.onSpinWait();
                          }
                        });
                  }
                  opened.complete(scope);
                  Blocked.forever();
                }));
    try {
      LawFixtures.await(spinning);
      long cancelled = System.nanoTime();
      opened.get().cancel("enough");
      Poll.until(() -> warnings.messages().stream().anyMatch(m -> m.contains("holds a carrier")));
      long named = (System.nanoTime() - cancelled) / 1_000_000 - 1000;
      assertOnTime((acted.get() - cancelled) / 1_000_000);
      assertOnTime(named);
      String message = warnings.messages().get(0);
      assertTrue(
          message.contains("every carrier is held:\n  'spins' holds a carrier; its task"), message);
    } finally {
      released.set(true);
    }
    assertEquals(ScopeCancelledException.class, owner.thrown().getClass());
  }

  @Test
  void two_hundred_producers_that_block_after_their_consumers_have_stopped_end() throws Exception {
    Pace.repeat(() -> {
      long begun = System.nanoTime();
      Scopes.run(outer -> {
        for (int i = 0; i < 200; i++) {
          outer.fork(Law13NobodyStarvesTest::produceUntilStopped);
        }
      });
      return (System.nanoTime() - begun) / 1_000_000 < LATE_MILLIS;
    });
  }

  private static void produceUntilStopped() throws InterruptedException {
    Scopes.run(scope -> {
      Channel<Integer> data = scope.channel(0);
      Channel<String> stop = scope.channel(0);
      scope.fork(() -> {
        while (true) {
          data.send(1);
        }
      });
      Select<Boolean> next = Select.of(data.onReceive(e -> true), stop.onReceive(e -> false));
      Fork<Void> consumer =
          scope.fork(() -> {
            while (next.await()) {
              Thread.onSpinWait();
            }
            return null;
          });
      stop.send("stop");
      consumer.join();
      scope.cancel("stopped");
    });
  }

  /** A step of a loop that keeps a carrier busy. */
  interface Step {
    void take(int thread) throws Exception;
  }

  /** What two threads for each carrier, and two more, do again and again. */
  enum Traffic {
    RENDEZVOUS {
      @Override
      Step begin(Scope scope) {
        return handOver(channels(scope, 0));
      }
    },
    BUFFERED {
      @Override
      Step begin(Scope scope) {
        return handOver(channels(scope, 16));
      }
    },
    SELECT {
      @Override
      Step begin(Scope scope) {
        List<Channel<Integer>> channels = channels(scope, 1);
        return thread -> {
          Channel<Integer> channel = channels.get(thread / 2);
          if (thread % 2 == 0) {
            channel.send(1);
          } else {
            Channel<Integer> other = channels.get((thread / 2 + 1) % channels.size());
            Select.of(channel.onReceive(e -> e), other.onReceive(e -> e)).await();
          }
        };
      }
    },
    /** It never has to wait. */
    ALONE {
      @Override
      Step begin(Scope scope) {
        List<Channel<Integer>> channels = channels(scope, 16);
        return thread -> {
          Channel<Integer> own = channels.get(thread / 2);
          own.trySend(1);
          own.tryReceive();
        };
      }
    },
    JOINS {
      @Override
      Step begin(Scope scope) {
        return thread -> Scopes.run(s -> s.fork(() -> {}).join());
      }
    },
    FAN_OUT {
      @Override
      Step begin(Scope scope) {
        List<Integer> items = List.of(1, 2, 3);
        return thread -> Scopes.limit(1).fanOut(items, item -> item);
      }
    },
    EMPTY_SCOPES {
      @Override
      Step begin(Scope scope) {
        return thread -> Scopes.run(s -> {});
      }
    },
    CHECKPOINTS {
      @Override
      Step begin(Scope scope) {
        return thread -> Scopes.checkpoint();
      }
    },
    GUARD {
      @Override
      Step begin(Scope scope) {
        var guard = Guard.named("busy").maxConcurrent(1).waitingUpTo(Duration.ofMinutes(1));
        return thread -> guard.call(s -> 1);
      }
    };

    abstract Step begin(Scope scope);

    private static List<Channel<Integer>> channels(Scope scope, int capacity) {
      var channels = new ArrayList<Channel<Integer>>();
      for (int i = 0; i <= HeldCarriers.all(); i++) {
        channels.add(scope.channel(capacity));
      }
      return channels;
    }

    private static Step handOver(List<Channel<Integer>> channels) {
      return thread -> {
        Channel<Integer> channel = channels.get(thread / 2);
        if (thread % 2 == 0) {
          channel.send(1);
        } else {
          channel.receive();
        }
      };
    }
  }

  /**
   * Starts a virtual thread and waits for its end, three times. Each platform thread submits to one
   * of the scheduler's queues, and a carrier may take threads from some of them only.
   */
  private static void startThree() throws InterruptedException {
    for (int i = 0; i < 3; i++) {
      Thread started = VIRTUAL.newThread(() -> {});
      started.start();
      started.join();
    }
  }

  @ParameterizedTest
  @EnumSource
  void traffic_starves_no_thread_that_sleeps_or_starts(Traffic traffic) throws Exception {
    var slept = new AtomicInteger();
    Thread sleeper =
        VIRTUAL.newThread(() -> {
          try {
            while (true) {
              Thread.sleep(1);
              slept.incrementAndGet();
            }
          } catch (InterruptedException over) {
            return;
          }
        });
    var starters = new ArrayList<OnThread<Void>>();
    OnThread<Void> busy =
        OnThread.run(
            PLATFORM,
            () ->
                Scopes.named("busy")
                    .isolated()
                    .run(scope -> {
                      Step step = traffic.begin(scope);
                      for (int i = 0; i < 2 * HeldCarriers.all() + 2; i++) {
                        int thread = i;
                        scope.fork(() -> {
                          while (true) {
                            step.take(thread);
                            if (Thread.currentThread().isInterrupted()) {
                              return null;
                            }
                          }
                        });
                      }
                      sleeper.start();
                      for (int i = 0; i < 16; i++) {
                        starters.add(OnThread.run(PLATFORM, Law13NobodyStarvesTest::startThree));
                      }
                      // Without fairness it does not wake once; on a busy machine, not often.
                      Poll.until(() -> slept.get() >= 3);
                      starters.forEach(OnThread::end);
                      scope.cancel("enough");
                    }));
    busy.end();
    sleeper.interrupt();
    Poll.until(() -> !sleeper.isAlive());
    assertTrue(slept.get() >= 3, () -> "slept " + slept + " times");
  }
}
