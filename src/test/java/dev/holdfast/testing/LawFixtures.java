package dev.holdfast.testing;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.holdfast.internal.util.Throwables;
import java.time.Duration;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.opentest4j.AssertionFailedError;

/** Runs random rounds and calls on threads of their own, for the tests of the laws. */
public final class LawFixtures {

  public static final ThreadFactory VIRTUAL = Thread.ofVirtual().factory();
  public static final ThreadFactory PLATFORM = Thread.ofPlatform().daemon().factory();

  private static final double FACTOR =
      Double.parseDouble(System.getProperty("holdfast.rounds.factor", "1"));

  /** How long a call on a thread of its own may take before a test fails because it hangs. */
  static final Duration HANGS = Duration.ofSeconds((long) (60 * Math.max(1, FACTOR)));

  /** Well under {@link #HANGS}. */
  private static final long BUDGET_NANOS = (long) (10_000_000_000L * Math.max(1, FACTOR));

  private LawFixtures() {}

  /** {@return how often to do what would be done that often without the property} */
  public static int rounds(int normally) {
    return (int) Math.max(1, normally * FACTOR);
  }

  /** One try of something random. */
  public interface Round {
    void play(SplittableRandom random) throws Exception;
  }

  /**
   * Plays many rounds on one thread; a failure names the seed that repeats it.
   *
   * <p>Stops early when its time is up: on a loaded machine each round that two threads meet in
   * waits for the scheduler.
   */
  public static void play(ThreadFactory owner, int normally, Round round) throws Exception {
    String given = System.getProperty("holdfast.seed");
    long seed = given == null ? System.nanoTime() : Long.parseLong(given);
    on(
        owner,
        () -> {
          long begun = System.nanoTime();
          int rounds = rounds(normally);
          for (int i = 0; i < rounds && System.nanoTime() - begun < BUDGET_NANOS; i++) {
            try {
              round.play(new SplittableRandom(seed + i));
            } catch (Throwable t) {
              throw new AssertionError(
                  "Round " + i + " failed; -Dholdfast.seed=" + (seed + i) + " begins with it", t);
            }
          }
          return null;
        });
  }

  /** The result of a call, and whether the interrupt flag of its thread was set at its end. */
  public record Ended(Object value, Throwable thrown, boolean interrupted) {

    public boolean sawInterrupt() {
      return interrupted || thrown instanceof InterruptedException;
    }
  }

  /** {@return how the call ended; the flag is cleared} */
  public static Ended ending(Callable<?> call) {
    Object value = null;
    Throwable thrown = null;
    try {
      value = call.call();
    } catch (Throwable t) {
      thrown = t;
    }
    return new Ended(value, thrown, Thread.interrupted());
  }

  /** Makes a call on a new thread and waits for it. */
  public static Object on(ThreadFactory factory, Callable<?> call) throws Exception {
    Ended how = OnThread.start(factory, call::call).ended();
    if (how.thrown() != null) {
      throw sneak(how.thrown());
    }
    return how.value();
  }

  /** Makes a call on a new thread and tells how it ended. */
  public static Ended endingOn(ThreadFactory factory, Callable<?> call)
      throws InterruptedException {
    return OnThread.start(factory, call::call).ended();
  }

  /** Waits for the latch; fails when it does not open in 60 s. */
  public static void await(CountDownLatch latch) throws InterruptedException {
    if (!latch.await(60, TimeUnit.SECONDS)) {
      fail("the latch has not opened within 60 s");
    }
  }

  /** Waits and swallows interrupts. */
  public static void awaitUninterruptibly(CountDownLatch latch) {
    while (true) {
      try {
        await(latch);
        return;
      } catch (InterruptedException swallowed) {
        // goes on waiting
      }
    }
  }

  /** Blocks and swallows interrupts until so many have come. */
  public static void swallow(CountDownLatch interrupts) {
    while (interrupts.getCount() > 0) {
      try {
        Blocked.forever();
      } catch (InterruptedException swallowed) {
        interrupts.countDown();
      }
    }
  }

  /** Spins for a time that is too short for a timer. */
  public static void spin(int turns) {
    for (int i = 0; i < turns; i++) {
      Thread.onSpinWait();
    }
  }

  /** Another thread that makes a move against every round. */
  public static final class Opponent implements AutoCloseable {

    private static final long HANGS_NANOS = 60_000_000_000L;

    private final AtomicReference<Runnable> move = new AtomicReference<>();
    private volatile boolean closed;
    private volatile Throwable thrown;
    private final Thread thread;

    public Opponent() {
      thread = Thread.ofPlatform().daemon().start(this::run);
    }

    private void run() {
      int idle = 0;
      while (!closed) {
        Runnable next = move.get();
        if (next != null) {
          idle = 0;
          try {
            next.run();
          } catch (Throwable t) {
            thrown = t;
          }
          move.set(null);
        } else if (++idle > 2000) {
          LockSupport.parkNanos(20_000);
        } else {
          Thread.onSpinWait();
        }
      }
    }

    /** Makes the move after a number of turns of spinning. */
    public void plays(int turns, Runnable next) {
      plays(() -> {
        spin(turns);
        next.run();
      });
    }

    public void plays(Runnable next) {
      hasPlayed();
      move.set(next);
    }

    /** Returns when the move has been made; throws what the move threw. */
    public void hasPlayed() {
      long begun = System.nanoTime();
      while (move.get() != null) {
        if (System.nanoTime() - begun > HANGS_NANOS) {
          var hangs = new AssertionError("the move of the opponent hangs");
          hangs.setStackTrace(thread.getStackTrace());
          throw hangs;
        }
        Thread.yield();
      }
      check();
    }

    private void check() {
      Throwable failed = thrown;
      if (failed != null) {
        throw new AssertionError("the move of the opponent failed", failed);
      }
    }

    @Override
    public void close() {
      closed = true;
      Poll.until(() -> !thread.isAlive(), () -> "The opponent hangs");
      check();
    }
  }

  /** Throws anything without declaring it. */
  public static RuntimeException sneak(Throwable thrown) {
    throw Throwables.<RuntimeException>sneaky(thrown);
  }

  public static List<Throwable> suppressed(Throwable thrown) {
    return List.of(thrown.getSuppressed());
  }

  /** Fails when a test's own assertion, and not the library, is behind what a call threw. */
  public static void failIfAnAssertionFailedIn(Throwable thrown) {
    if (thrown != null && any(AssertionFailedError.class::isInstance, thrown)) {
      fail("An assertion failed in another thread", thrown);
    }
  }

  /** {@return whether one failure can be found in another} */
  public static boolean holds(Throwable whole, Throwable part) {
    return any(thrown -> thrown == part, whole);
  }

  private static boolean any(Predicate<Throwable> condition, Throwable thrown) {
    return any(condition, thrown, new IdentityHashMap<>());
  }

  private static boolean any(
      Predicate<Throwable> condition, Throwable thrown, Map<Throwable, Boolean> seen) {
    if (thrown == null || seen.put(thrown, true) != null) {
      return false;
    }
    return condition.test(thrown)
        || any(condition, causeOf(thrown), seen)
        || Arrays.stream(thrown.getSuppressed()).anyMatch(s -> any(condition, s, seen));
  }

  private static Throwable causeOf(Throwable thrown) {
    try {
      return thrown.getCause();
    } catch (Throwable broken) {
      return null;
    }
  }

  /** Fails if the causes and suppressed exceptions of a failure lead back to it. */
  public static void assertNoWayBack(Throwable thrown) {
    walk(thrown, new IdentityHashMap<>());
  }

  private static void walk(Throwable thrown, Map<Throwable, Boolean> onTheWay) {
    if (thrown == null) {
      return;
    }
    assertNull(onTheWay.put(thrown, true), "the causes form a cycle");
    walk(causeOf(thrown), onTheWay);
    for (Throwable suppressed : thrown.getSuppressed()) {
      walk(suppressed, onTheWay);
    }
    onTheWay.remove(thrown);
  }

  /** Fails if the threads have not ended. */
  public static void assertEnded(List<Thread> threads) {
    assertTrue(threads.stream().noneMatch(Thread::isAlive), () -> "alive: " + threads);
  }
}
