package dev.holdfast;

import static dev.holdfast.testing.Blocked.forever;
import static dev.holdfast.testing.LawFixtures.PLATFORM;
import static dev.holdfast.testing.LawFixtures.VIRTUAL;
import static dev.holdfast.testing.LawFixtures.await;
import static dev.holdfast.testing.LawFixtures.awaitUninterruptibly;
import static dev.holdfast.testing.LawFixtures.ending;
import static dev.holdfast.testing.LawFixtures.endingOn;
import static dev.holdfast.testing.LawFixtures.play;
import static dev.holdfast.testing.LawFixtures.spin;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.holdfast.testing.Blocked;
import dev.holdfast.testing.EachThreadKind;
import dev.holdfast.testing.LawFixtures.Ended;
import dev.holdfast.testing.LawFixtures.Opponent;
import dev.holdfast.testing.LeavesNothing;
import dev.holdfast.testing.OnThread;
import dev.holdfast.testing.Pace;
import dev.holdfast.testing.Poll;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Law 3: cancellation reaches forks, nested scopes, waits and the body.
 *
 * <p>Tests {@code Attachment}, {@code CancelScope}, {@code Parking} and {@code
 * ScopeCancelledException} as well.
 */
@LeavesNothing
@Tag("one-carrier")
class Law03CancellationReachesEverythingTest {

  /** A way to be blocked forever, but for an interrupt. */
  private interface Block {
    Object here() throws Exception;
  }

  private static final List<Block> BLOCKS =
      List.of(
          Blocked::forever,
          () -> {
            Thread.sleep(Duration.ofDays(1));
            return null;
          },
          () -> Scopes.call(s -> s.fork(() -> forever()).join()),
          () -> Scopes.call(s -> s.fork(() -> forever())),
          () ->
              Scopes.call(s -> {
                s.fork(() -> forever());
                s.join();
                return null;
              }),
          () ->
              Scopes.limit(1)
                  .call(s -> {
                    s.fork(() -> forever());
                    s.fork(() -> 1);
                    return forever();
                  }),
          () -> Scopes.fanOut(List.of(1, 2), i -> forever()),
          () -> Scopes.limit(1).fanOut(List.of(1, 2), i -> forever()),
          () -> Scopes.fanOut(() -> 1, Blocked::<Integer>forever, Integer::sum),
          () -> Scopes.settle(List.of(1, 2), i -> forever()),
          () -> Scopes.race(List.of(1, 2), i -> forever()),
          () -> Scopes.quorum(2, List.of(1, 2, 3), i -> i == 1 ? i : forever()),
          () -> Scopes.limit(2).quorum(2, List.of(1, 2, 3), i -> forever()),
          () ->
              Scopes.named("hedged").hedge(Duration.ofDays(1)).race(List.of(1, 2), i -> forever()),
          () -> Scopes.call(a -> Scopes.call(b -> Scopes.call(c -> forever()))),
          () -> Scopes.fanOut(List.of(1), i -> Scopes.race(List.of(2), j -> forever())));

  @EachThreadKind
  void cancellation_reaches_a_task_in_every_blocking_call(ThreadFactory factory) throws Exception {
    for (Block block : BLOCKS) {
      for (ThreadFactory children : List.of(VIRTUAL, PLATFORM)) {
        var scope = new AtomicReference<Scope>();
        var task = new AtomicReference<Thread>();
        var ending = new AtomicReference<Ended>();
        var up = new CountDownLatch(1);
        var runner =
            OnThread.start(
                factory,
                () ->
                    Scopes.named("root")
                        .threads(children)
                        .call(s -> {
                          scope.set(s);
                          s.fork(() -> {
                            task.set(Thread.currentThread());
                            up.countDown();
                            ending.set(ending(block::here));
                          });
                          return 1;
                        }));
        await(up);
        Poll.untilBlocked(task.get());
        scope.get().cancel("test");
        assertEquals(1, runner.ended().value());
        assertInstanceOf(InterruptedException.class, ending.get().thrown());
      }
    }
  }

  @EachThreadKind
  void cancellation_reaches_the_body_in_every_blocking_call(ThreadFactory factory)
      throws Exception {
    for (Block block : BLOCKS) {
      var scope = new AtomicReference<Scope>();
      var up = new CountDownLatch(1);
      var runner =
          OnThread.start(
              factory,
              () ->
                  Scopes.call(s -> {
                    scope.set(s);
                    up.countDown();
                    return block.here();
                  }));
      await(up);
      runner.blocked();
      scope.get().cancel("test");
      Ended ended = runner.ended();
      assertInstanceOf(ScopeCancelledException.class, ended.thrown());
      assertFalse(ended.interrupted());
    }
  }

  /** A way to cancel what runs in a scope. */
  private enum Way {
    CANCEL,
    CANCEL_BY_TASK,
    FAILURE,
    BODY,
    DEADLINE,
    INTERRUPT,
    OUTER_DEADLINE
  }

  @EachThreadKind
  void cancellation_for_any_reason_reaches_tasks_levels_below(ThreadFactory factory)
      throws Exception {
    for (Way way : Way.values()) {
      Pace.find(time -> isReached(way, factory, time));
    }
  }

  private static boolean isReached(Way way, ThreadFactory factory, Duration time) throws Exception {
    var leaves = new CountDownLatch(8);
    var reached = new AtomicInteger();
    var scope = new AtomicReference<Scope>();
    Ended ended = endingOn(factory, () -> cancelled(way, time, leaves, reached, scope));
    if (leaves.getCount() == 0) {
      assertEquals(8, reached.get(), way::toString);
    }
    switch (way) {
      case CANCEL, CANCEL_BY_TASK ->
          assertInstanceOf(ScopeCancelledException.class, ended.thrown());
      case FAILURE -> assertInstanceOf(ForkFailedException.class, ended.thrown());
      case BODY -> assertInstanceOf(IllegalStateException.class, ended.thrown());
      case DEADLINE, OUTER_DEADLINE ->
          assertInstanceOf(ScopeTimeoutException.class, ended.thrown());
      case INTERRUPT -> assertInstanceOf(InterruptedException.class, ended.thrown());
    }
    assertFalse(ended.interrupted(), way::toString);
    return leaves.getCount() == 0;
  }

  private static Object cancelled(
      Way way,
      Duration time,
      CountDownLatch leaves,
      AtomicInteger reached,
      AtomicReference<Scope> scope)
      throws Exception {
    ScopeBody<Object, Exception> body =
        s -> {
          scope.set(s);
          s.fork(() -> tree(3, leaves, reached));
          Thread owner = Thread.currentThread();
          if (way == Way.BODY || way == Way.CANCEL) {
            await(leaves);
            if (way == Way.BODY) {
              throw new IllegalStateException();
            }
            s.cancel("test");
          } else if (way != Way.DEADLINE && way != Way.OUTER_DEADLINE) {
            s.fork(() -> {
              await(leaves);
              switch (way) {
                case FAILURE -> throw new IllegalArgumentException();
                case CANCEL_BY_TASK -> s.cancel("test");
                default -> owner.interrupt();
              }
            });
          }
          return forever();
        };
    return switch (way) {
      case DEADLINE -> Scopes.timeout(time).call(body);
      case OUTER_DEADLINE -> Scopes.timeout(time).call(outer -> Scopes.call(body));
      default -> Scopes.call(body);
    };
  }

  private static Object tree(int depth, CountDownLatch leaves, AtomicInteger reached)
      throws InterruptedException {
    if (depth > 0) {
      return Scopes.fanOut(List.of(1, 2), i -> tree(depth - 1, leaves, reached));
    }
    leaves.countDown();
    try {
      return forever();
    } catch (InterruptedException e) {
      reached.incrementAndGet();
      throw e;
    }
  }

  @EachThreadKind
  void cancellation_reaches_deeper_than_the_stack_of_the_cancelling_thread(ThreadFactory factory)
      throws Exception {
    var scope = new AtomicReference<Scope>();
    var up = new CountDownLatch(1);
    var runner =
        OnThread.start(
            factory,
            () ->
                Scopes.call(s -> {
                  scope.set(s);
                  return chain(400, up);
                }));
    await(up);
    Thread canceller = new Thread(null, () -> scope.get().cancel("test"), "small", 64 * 1024);
    canceller.start();
    canceller.join();
    assertInstanceOf(ScopeCancelledException.class, runner.ended().thrown());
  }

  private static Object chain(int length, CountDownLatch up) throws InterruptedException {
    if (length == 0) {
      up.countDown();
      return forever();
    }
    return Scopes.fanOut(List.of(1), i -> chain(length - 1, up));
  }

  @EachThreadKind
  void fifty_scopes_on_one_thread_are_all_left(ThreadFactory factory) throws Exception {
    Pace.find(time -> {
      var innermost = new CountDownLatch(1);
      var left = new AtomicInteger();
      Ended ended =
          endingOn(factory, () -> Scopes.timeout(time).call(s -> nested(50, innermost, left)));
      assertInstanceOf(ScopeTimeoutException.class, ended.thrown());
      assertFalse(ended.interrupted());
      if (innermost.getCount() == 0) {
        assertEquals(50, left.get());
      }
      return innermost.getCount() == 0;
    });
  }

  private static Object nested(int depth, CountDownLatch innermost, AtomicInteger left)
      throws InterruptedException {
    if (depth == 0) {
      innermost.countDown();
      return forever();
    }
    try {
      return Scopes.call(s -> nested(depth - 1, innermost, left));
    } finally {
      left.incrementAndGet();
    }
  }

  @EachThreadKind
  void a_task_that_ignores_interrupts_is_unblocked_by_its_scope(ThreadFactory factory)
      throws Exception {
    Pace.find(time -> {
      var blocked = new AtomicInteger();
      var unblocked = new AtomicInteger();
      Ended ended =
          endingOn(
              factory,
              () ->
                  Scopes.timeout(time)
                      .fanOut(
                          List.of(1, 2, 3),
                          i -> {
                            var let = new CountDownLatch(1);
                            return Scopes.call(s -> {
                              s.onCancel(() -> {
                                unblocked.incrementAndGet();
                                let.countDown();
                              });
                              blocked.incrementAndGet();
                              awaitUninterruptibly(let);
                              return i;
                            });
                          }));
      assertInstanceOf(ScopeTimeoutException.class, ended.thrown());
      assertEquals(blocked.get(), unblocked.get());
      return blocked.get() == 3;
    });
  }

  @EachThreadKind
  void an_onCancel_action_that_hangs_does_not_delay_the_next(ThreadFactory factory)
      throws Exception {
    var let = new CountDownLatch(1);
    Ended ended =
        endingOn(
            factory,
            () ->
                Scopes.call(s -> {
                  s.onCancel(() -> awaitUninterruptibly(let));
                  s.onCancel(let::countDown);
                  s.cancel("test");
                  awaitUninterruptibly(let);
                  return 1;
                }));
    assertEquals(1, ended.value());
  }

  @Test
  void an_onCancel_action_registered_while_the_scope_is_cancelled_runs_exactly_once()
      throws Exception {
    try (var opponent = new Opponent()) {
      play(
          PLATFORM,
          5_000,
          random -> {
            int turns = random.nextInt(300);
            var runs = new AtomicInteger();
            Ended ended =
                ending(() ->
                    Scopes.call(s -> {
                      opponent.plays(turns, () -> s.cancel("test"));
                      spin(150);
                      s.onCancel(runs::incrementAndGet);
                      opponent.hasPlayed();
                      return 1;
                    }));
            // It throws in a cancelled scope.
            boolean thrown = ended.thrown() instanceof ScopeCancelledException;
            assertTrue(thrown || Integer.valueOf(1).equals(ended.value()), ended::toString);
            assertEquals(1, runs.get());
          });
    }
  }

  @EachThreadKind
  void a_cancel_that_races_forks_reaches_them_or_keeps_them_from_starting(ThreadFactory factory)
      throws Exception {
    var started = new AtomicInteger();
    try (var opponent = new Opponent()) {
      play(
          factory,
          50_000,
          random -> {
            int turns = random.nextInt(400);
            int before = random.nextInt(200);
            var forks = new ArrayList<Fork<Object>>();
            Ended ended =
                ending(() ->
                    Scopes.call(s -> {
                      opponent.plays(turns, () -> s.cancel("test"));
                      spin(before);
                      for (int i = 0; i < 2; i++) {
                        forks.add(
                            s.fork(() -> {
                              started.incrementAndGet();
                              return forever();
                            }));
                      }
                      return 1;
                    }));
            assertEquals(1, ended.value(), ended::toString);
            assertFalse(ended.interrupted());
            for (Fork<Object> fork : forks) {
              assertEquals(Fork.State.CANCELLED, fork.state());
            }
          });
    }
    assertNotEquals(0, started.get());
  }

  @EachThreadKind
  void a_cancel_that_races_the_opening_of_scopes_reaches_them(ThreadFactory factory)
      throws Exception {
    try (var opponent = new Opponent()) {
      play(
          factory,
          5_000,
          random -> {
            int turns = random.nextInt(1_500);
            int depth = 1 + random.nextInt(4);
            Ended ended =
                ending(() ->
                    Scopes.call(s -> {
                      opponent.plays(turns, () -> s.cancel("test"));
                      return branch(depth);
                    }));
            assertInstanceOf(ScopeCancelledException.class, ended.thrown());
            assertFalse(ended.interrupted());
          });
    }
  }

  private static Object branch(int depth) throws InterruptedException {
    if (depth == 0) {
      return forever();
    }
    return depth % 2 == 0
        ? Scopes.call(s -> branch(depth - 1))
        : Scopes.fanOut(List.of(1), i -> branch(depth - 1));
  }

  @EachThreadKind
  void random_trees_end_when_their_root_is_cancelled(ThreadFactory factory) throws Exception {
    play(
        factory,
        150,
        random -> {
          var alive = ConcurrentHashMap.<Thread>newKeySet();
          Ended ended =
              ending(() ->
                  Scopes.timeout(Duration.ofNanos(1 + random.nextInt(5_000_000)))
                      .call(s -> grow(random.split(), 4, alive)));
          assertInstanceOf(ScopeTimeoutException.class, ended.thrown());
          assertTrue(alive.isEmpty(), alive::toString);
          assertFalse(ended.interrupted());
        });
  }

  private static Object grow(SplittableRandom random, int depth, java.util.Set<Thread> alive)
      throws InterruptedException {
    boolean mine = alive.add(Thread.currentThread());
    try {
      if (depth == 0) {
        return forever();
      }
      List<SplittableRandom> seeds =
          Stream.generate(random::split).limit(1 + random.nextInt(3)).toList();
      return switch (random.nextInt(6)) {
        case 0 -> Scopes.fanOut(seeds, r -> grow(r, depth - 1, alive));
        case 1 -> Scopes.limit(1).fanOut(seeds, r -> grow(r, depth - 1, alive));
        case 2 -> Scopes.race(seeds, r -> grow(r, depth - 1, alive));
        case 3 -> Scopes.settle(seeds, r -> grow(r, depth - 1, alive));
        case 4 ->
            Scopes.limit(2)
                .call(s -> {
                  for (SplittableRandom r : seeds) {
                    s.fork(() -> grow(r, depth - 1, alive));
                  }
                  return grow(random, depth - 1, alive);
                });
        default -> Scopes.call(s -> grow(random, depth - 1, alive));
      };
    } finally {
      if (mine) {
        alive.remove(Thread.currentThread());
      }
    }
  }
}
