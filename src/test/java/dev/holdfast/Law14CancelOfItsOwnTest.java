package dev.holdfast;

import static dev.holdfast.testing.Blocked.forever;
import static dev.holdfast.testing.LawFixtures.await;
import static dev.holdfast.testing.LawFixtures.play;
import static dev.holdfast.testing.LawFixtures.spin;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LawFixtures.Opponent;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Pace;
import dev.holdfast.testing.Poll;
import dev.holdfast.testing.Warnings;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Law 14: a call with a cancel of its own is cancelled by that, and not by interrupts.
 *
 * <p>Tests {@code BlockingCall}, {@code CancelAction} and {@code CancelActions} as well.
 */
@LeavesNothing
@Tag("one-carrier")
class Law14CancelOfItsOwnTest {

  @RegisterExtension final Warnings warnings = new Warnings();

  /** Something that only its own cancel unblocks; it notes whether an interrupt came as well. */
  private static final class Device {

    final CountDownLatch inUse = new CountDownLatch(1);
    final AtomicInteger cancels = new AtomicInteger();
    private final Semaphore cancelled = new Semaphore(0);
    private final int deafTo;
    volatile boolean interrupted;

    /** Makes one that ignores the first of its cancels. */
    Device(int deafTo) {
      this.deafTo = deafTo;
    }

    int use() throws IOException {
      inUse.countDown();
      cancelled.acquireUninterruptibly();
      interrupted = Thread.currentThread().isInterrupted();
      throw new IOException("the device was cancelled");
    }

    void cancel() {
      if (cancels.incrementAndGet() > deafTo) {
        cancelled.release();
      }
    }
  }

  /** How long an action has before the interrupts come in any case. */
  private static final long HELD_NANOS = 450_000_000;

  /** Does nothing for longer than an interrupt takes to come. */
  private static void linger() {
    long begun = System.nanoTime();
    while (System.nanoTime() - begun < 50_000_000) {
      Thread.onSpinWait();
    }
  }

  /** Waits for an interrupt, and notes it. */
  private static int sleep(CountDownLatch asleep, ConcurrentLinkedQueue<String> events)
      throws InterruptedException {
    asleep.countDown();
    try {
      return forever();
    } catch (InterruptedException e) {
      events.add("interrupt");
      throw e;
    }
  }

  @EachThreadKind
  void actions_have_ended_before_the_first_interrupt(ThreadFactory factory) throws Exception {
    Pace.repeat(() -> {
      var events = new ConcurrentLinkedQueue<String>();
      var asleep = new CountDownLatch(3);
      var opened = new AtomicReference<Scope>();
      var ended = new AtomicLong();
      OnThread<Integer> call =
          OnThread.start(
              factory,
              () ->
                  Scopes.named("call")
                      .threads(factory)
                      .call(scope -> {
                        scope.onCancel(() -> {
                          linger();
                          events.add("action");
                          ended.set(System.nanoTime());
                        });
                        scope.fork(() -> sleep(asleep, events));
                        scope.fork(() -> Scopes.call(inner -> sleep(asleep, events)));
                        opened.set(scope);
                        return sleep(asleep, events);
                      }));
      Poll.until(() -> asleep.getCount() == 0);
      long cancelled = System.nanoTime();
      opened.get().cancel("test");
      assertInstanceOf(ScopeCancelledException.class, call.thrown());
      boolean inTime = ended.get() - cancelled < HELD_NANOS;
      if (inTime) {
        assertEquals(List.of("action", "interrupt", "interrupt", "interrupt"), List.copyOf(events));
      }
      return inTime;
    });
  }

  @EachThreadKind
  void an_action_that_hangs_holds_interrupts_back_for_a_bounded_time(ThreadFactory factory) {
    var interrupted = new CountDownLatch(1);
    var events = new ConcurrentLinkedQueue<String>();
    OnThread<Integer> call =
        OnThread.start(
            factory,
            () ->
                Scopes.call(scope -> {
                  scope.onCancel(() -> await(interrupted));
                  scope.cancel("test");
                  try {
                    return sleep(new CountDownLatch(1), events);
                  } finally {
                    interrupted.countDown();
                  }
                }));
    assertInstanceOf(ScopeCancelledException.class, call.thrown());
    assertEquals(List.of("interrupt"), List.copyOf(events));
  }

  @EachThreadKind
  void a_join_ends_at_once_while_actions_run(ThreadFactory factory) {
    var joinEnded = new CountDownLatch(1);
    OnThread<Integer> call =
        OnThread.start(
            factory,
            () ->
                Scopes.call(scope -> {
                  scope.onCancel(() -> await(joinEnded));
                  scope.fork(() -> forever());
                  scope.cancel("test");
                  try {
                    scope.join();
                  } finally {
                    joinEnded.countDown();
                  }
                  return 0;
                }));
    assertInstanceOf(ScopeCancelledException.class, call.thrown());
  }

  @EachThreadKind
  void in_a_cancelled_scope_the_action_runs_and_on_cancel_throws(ThreadFactory factory) {
    for (boolean inTask : new boolean[] {false, true}) {
      var ran = new AtomicInteger();
      OnThread<Integer> call =
          OnThread.start(
              factory,
              () ->
                  Scopes.named("call")
                      .threads(factory)
                      .call(scope -> {
                        Task<Integer, RuntimeException> registering =
                            () -> {
                              scope.cancel("early");
                              var thrown =
                                  assertThrows(
                                      ScopeCancelledException.class,
                                      () ->
                                          scope.onCancel(() -> {
                                            assertFalse(Thread.currentThread().isInterrupted());
                                            ran.getAndIncrement();
                                          }));
                              assertEquals("early", thrown.reason());
                              assertEquals(1, ran.get(), "runs before it throws");
                              return 1;
                            };
                        return inTask ? scope.fork(registering).join() : registering.call();
                      }));
      if (inTask) {
        assertInstanceOf(ScopeCancelledException.class, call.thrown());
      } else {
        assertEquals(1, call.value());
      }
      assertEquals(1, ran.get());
    }
  }

  @EachThreadKind
  void an_action_registered_while_the_scope_is_cancelled_runs_once(ThreadFactory factory)
      throws Exception {
    try (var opponent = new Opponent()) {
      play(
          factory,
          2_000,
          random -> {
            var runs = new AtomicInteger();
            int pause = random.nextInt(200);
            int pauseToo = random.nextInt(200);
            Scopes.call(scope -> {
              opponent.plays(pause, () -> scope.cancel("race"));
              spin(pauseToo);
              try {
                scope.onCancel(runs::getAndIncrement);
              } catch (ScopeCancelledException e) {
                assertEquals(1, runs.get());
              }
              opponent.hasPlayed();
              return 0;
            });
            assertEquals(1, runs.get());
          });
    }
  }

  @EachThreadKind
  void a_blocking_call_is_cancelled_by_its_action_alone(ThreadFactory factory) {
    var device = new Device(3);
    OnThread<Integer> call =
        OnThread.start(
            factory,
            () ->
                Scopes.call(scope ->
                    scope.blocking(
                        device::cancel,
                        () -> {
                          scope.cancel("test");
                          return device.use();
                        })));
    var cancelled = assertInstanceOf(ScopeCancelledException.class, call.thrown());
    assertFalse(device.interrupted, "an interrupt got into the call");
    assertTrue(device.cancels.get() > 3, "the action is repeated");
    assertEquals("the device was cancelled", cancelled.getSuppressed()[0].getMessage());
    assertFalse(call.flag());
  }

  /** Ways to cancel something inside a scope. */
  private interface Way {
    void go(Scope scope, Device device) throws Exception;
  }

  private static final List<Way> WAYS =
      List.of(
          (scope, device) -> {
            Fork<Integer> fork = scope.fork(() -> scope.blocking(device::cancel, device::use));
            await(device.inUse);
            fork.cancel();
          },
          (scope, device) -> {
            Worker<?> worker = scope.worker(() -> scope.blocking(device::cancel, device::use));
            await(device.inUse);
            worker.cancel();
          },
          (scope, device) -> {
            scope.fork(() ->
                Scopes.call(inner -> {
                  Fork<Integer> fork =
                      inner.fork(() -> scope.blocking(device::cancel, device::use));
                  return fork.join();
                }));
            await(device.inUse);
            scope.cancel("test");
          },
          (scope, device) ->
              Pace.find(time -> {
                assertThrows(
                    ScopeTimeoutException.class,
                    () ->
                        Scopes.timeout(time)
                            .call(inner -> scope.blocking(device::cancel, device::use)));
                return device.inUse.getCount() == 0;
              }),
          (scope, device) ->
              assertThrows(
                  IllegalStateException.class,
                  () ->
                      Scopes.call(inner -> {
                        inner.fork(() -> inner.blocking(device::cancel, device::use));
                        await(device.inUse);
                        throw new IllegalStateException("the body fails");
                      })));

  @EachThreadKind
  void whatever_cancels_the_caller_cancels_its_blocking_call(ThreadFactory factory) {
    for (Way way : WAYS) {
      var device = new Device(0);
      OnThread.run(
              factory,
              () -> Scopes.named("call").threads(factory).run(scope -> way.go(scope, device)))
          .end();
      assertTrue(device.cancels.get() > 0);
      assertFalse(device.interrupted, "an interrupt got into the call");
    }
  }

  @EachThreadKind
  void a_blocking_call_of_a_cancelled_scope_is_not_begun(ThreadFactory factory) {
    var begun = new AtomicBoolean();
    OnThread<?> call =
        OnThread.run(
            factory,
            () ->
                Scopes.run(scope -> {
                  scope.cancel("early");
                  scope.blocking(
                      () -> begun.set(true),
                      () -> {
                        begun.set(true);
                        return 0;
                      });
                }));
    assertInstanceOf(ScopeCancelledException.class, call.thrown());
    assertFalse(begun.get());
  }

  @EachThreadKind
  void what_a_cancelled_call_returns_is_returned(ThreadFactory factory) {
    OnThread<Integer> call =
        OnThread.start(
            factory,
            () ->
                Scopes.call(scope ->
                    scope.blocking(
                        () -> {},
                        () -> {
                          scope.cancel("late");
                          return 7;
                        })));
    assertEquals(7, call.value());
    call.leavesNoFlag();
  }

  @EachThreadKind
  void an_error_of_a_cancelled_call_is_thrown(ThreadFactory factory) {
    var error = new AssertionError("test");
    OnThread<?> call =
        OnThread.run(
            factory,
            () ->
                Scopes.run(scope ->
                    scope.blocking(
                        () -> {},
                        () -> {
                          scope.cancel("late");
                          throw error;
                        })));
    assertSame(error, call.thrown());
  }

  @EachThreadKind
  void the_scope_throws_the_exception_of_the_action_once(ThreadFactory factory) {
    var device = new Device(3);
    OnThread<Integer> call =
        OnThread.start(
            factory,
            () ->
                Scopes.call(scope ->
                    scope.blocking(
                        () -> {
                          device.cancel();
                          throw new IOException("the action fails");
                        },
                        () -> {
                          scope.cancel("test");
                          return device.use();
                        })));
    var cancelled = assertInstanceOf(ScopeCancelledException.class, call.thrown());
    assertEquals(
        List.of("the device was cancelled", "the action fails"),
        Arrays.stream(cancelled.getSuppressed()).map(Throwable::getMessage).toList());
  }

  /** With a driver, a late cancel hits the next statement of the connection. */
  @EachThreadKind
  void the_action_never_runs_after_the_call(ThreadFactory factory) throws Exception {
    try (var opponent = new Opponent()) {
      var late = new AtomicInteger();
      play(
          factory,
          2_000,
          random -> {
            var returned = new AtomicBoolean();
            int pause = random.nextInt(300);
            int pauseToo = random.nextInt(300);
            Scopes.run(scope -> {
              opponent.plays(pause, () -> scope.cancel("race"));
              try {
                scope.blocking(
                    () -> {
                      spin(100);
                      if (returned.get()) {
                        late.getAndIncrement();
                      }
                    },
                    () -> {
                      spin(pauseToo);
                      return 0;
                    });
              } catch (InterruptedException cancelledFirst) {
                assertTrue(scope.isCancelled());
              }
              returned.set(true);
              opponent.hasPlayed();
            });
          });
      assertEquals(0, late.get());
    }
  }

  @EachThreadKind
  void an_interrupt_from_outside_is_not_lost_in_a_blocking_call(ThreadFactory factory) {
    var release = new CountDownLatch(1);
    var inCall = new CountDownLatch(1);
    OnThread<Integer> call =
        OnThread.start(
            factory,
            () ->
                Scopes.call(scope ->
                    scope.blocking(
                        () -> {},
                        () -> {
                          inCall.countDown();
                          Blocked.spinning(release);
                          return 7;
                        })));
    Poll.until(() -> inCall.getCount() == 0);
    call.interrupt();
    release.countDown();
    assertEquals(7, call.value());
    assertTrue(call.flag(), "the interrupt is lost");
    OnThread<Integer> before =
        OnThread.start(
            factory,
            () ->
                Scopes.call(scope -> {
                  Thread.currentThread().interrupt();
                  return scope.blocking(() -> {}, () -> 7);
                }));
    assertInstanceOf(InterruptedException.class, before.thrown());
  }

  @Test
  void a_blocking_call_belongs_to_its_scope() throws Exception {
    Scope ended = Scopes.call(scope -> scope);
    assertThrows(ScopeClosedException.class, () -> ended.blocking(() -> {}, () -> 0));
    Scopes.run(scope -> {
      OnThread<?> stranger = OnThread.run(() -> scope.blocking(() -> {}, () -> 0));
      assertInstanceOf(WrongThreadException.class, stranger.thrown());
      assertThrows(NullPointerException.class, () -> scope.blocking(null, () -> 0));
      assertThrows(NullPointerException.class, () -> scope.blocking(() -> {}, null));
    });
  }

  @EachThreadKind
  void an_action_that_hangs_is_named(ThreadFactory factory) {
    var begun = new CountDownLatch(1);
    var release = new CountDownLatch(1);
    OnThread<?> call =
        OnThread.run(
            factory,
            () ->
                Scopes.named("orders")
                    .run(scope ->
                        scope.blocking(
                            () -> {
                              begun.countDown();
                              await(release);
                            },
                            () -> {
                              scope.cancel("test");
                              Blocked.stubbornly(begun);
                              return 0;
                            })));
    String warning = warnings.only().getMessage();
    release.countDown();
    call.end();
    assertTrue(warning.contains("cancel action of a blocking call"), warning);
  }

  @EachThreadKind
  void an_action_runs_before_the_interrupt_of_a_deadline_further_out(ThreadFactory threads)
      throws Exception {
    Pace.find(time -> {
      var registered = new AtomicBoolean();
      var actionEnded = new AtomicLong();
      var actionWasFirst = new AtomicBoolean();
      long begun = System.nanoTime();
      OnThread<Void> call =
          OnThread.run(
              threads,
              () ->
                  Scopes.timeout(time)
                      .run(outer ->
                          Scopes.run(inner -> {
                            inner.onCancel(() -> {
                              linger();
                              actionEnded.set(System.nanoTime());
                            });
                            registered.set(true);
                            try {
                              Blocked.forever();
                            } finally {
                              actionWasFirst.set(actionEnded.get() != 0);
                            }
                          })));
      assertInstanceOf(ScopeTimeoutException.class, call.thrown());
      boolean inTime = registered.get() && actionEnded.get() - begun - time.toNanos() < HELD_NANOS;
      assertTrue(!inTime || actionWasFirst.get());
      return inTime;
    });
  }

  @EachThreadKind
  void actions_registered_late_do_not_put_off_the_interrupt(ThreadFactory threads)
      throws Exception {
    var interrupted = new CountDownLatch(1);
    var late = new AtomicInteger();
    Scopes.named("late")
        .threads(threads)
        .run(scope -> {
          scope.onCancel(interrupted::await); // keeps the interrupts held back
          var up = new CountDownLatch(2);
          scope.fork(() -> {
            up.countDown();
            try {
              Blocked.forever();
            } finally {
              interrupted.countDown();
            }
          });
          scope.fork(() -> {
            up.countDown();
            // Each action is registered less than half a second after the one before it.
            while (interrupted.getCount() > 0 && late.get() < 20) {
              try {
                scope.onCancel(() -> {});
              } catch (ScopeCancelledException e) {
                late.incrementAndGet();
              }
              linger();
              linger();
            }
          });
          up.await();
          scope.cancel("enough");
        });
    assertTrue(late.get() < 20, "the interrupt came only after the last registration");
  }

  @EachThreadKind
  void a_scope_inside_a_blocking_call_has_its_own_timeout(ThreadFactory threads) throws Exception {
    OnThread<Object> call =
        OnThread.start(
            threads,
            () ->
                Scopes.call(scope ->
                    scope.blocking(
                        () -> {},
                        () ->
                            Scopes.timeout(Duration.ofMillis(20))
                                .call(inner -> Blocked.<Object>forever()))));
    assertInstanceOf(ScopeTimeoutException.class, call.thrown());
  }
}
