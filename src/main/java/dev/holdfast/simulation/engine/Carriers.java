package dev.holdfast.simulation.engine;

import static dev.holdfast.internal.clock.SchedulerSettings.MAX_POOL_SIZE;
import static dev.holdfast.internal.clock.SchedulerSettings.PARALLELISM;

import dev.holdfast.internal.clock.Simulator;
import dev.holdfast.internal.util.StackTraces;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;

/**
 * The carrier of a simulation: checks that all virtual threads share it, and acquires locks without
 * holding it forever.
 */
public final class Carriers {

  private static final String HOW =
      " Start the JVM with -D"
          + PARALLELISM
          + "=1 -D"
          + MAX_POOL_SIZE
          + "=256 (Surefire: argLine, in an execution of"
          + " its own), or let JUnit run the test: its launcher sets them before the first test.";

  private static final long TRIAL_NANOS = 50_000_000;

  private static final int PATIENCE = 100;
  private static final long PAUSE_NANOS = 10_000_000;

  private static final int SPINS = 10_000;

  private static volatile boolean checked;

  /** Strands of earlier simulations that had not ended, and may hold the carrier. */
  private static final Queue<Strand> LEFT = new ConcurrentLinkedQueue<>();

  private Carriers() {}

  /** Throws if a simulation would not be deterministic. */
  public static void requireOne() {
    for (Strand left; (left = LEFT.peek()) != null; LEFT.poll()) {
      requireFree(left);
    }
    if (checked) {
      return;
    }
    if (!Simulator.POSSIBLE) {
      String now = System.getProperty(PARALLELISM);
      throw new IllegalStateException(
          (now == null
                  ? "A simulation needs one carrier for all virtual threads."
                  : now.equals("1")
                      ? "The carrier count was set to 1 after Holdfast was used; it is read once."
                      : "A simulation needs one carrier, but " + PARALLELISM + " is " + now + ".")
              + HOW);
    }
    if (isMany()) {
      throw new IllegalStateException(
          "The carrier count was set to 1 after the first virtual thread had started; it is read"
              + " once."
              + HOW);
    }
    checked = true;
  }

  /**
   * Acquires a lock without parking, because the referee would report the park.
   *
   * <p>A thread that has spun for long yields. The JDK may yield, too, while it reads the stack of
   * a virtual thread that has just been woken. If the referee is off the carrier for that reason
   * while it holds the lock, it continues only when the thread that spins leaves the carrier.
   */
  @SuppressWarnings("ThreadPriorityCheck")
  static void lock(Lock lock) {
    for (int spins = 1; !lock.tryLock(); spins++) {
      if (spins % SPINS == 0) {
        Thread.yield();
      } else {
        Thread.onSpinWait();
      }
    }
  }

  /** Called for a strand that has not ended when its simulation ends. */
  static void watch(Strand strand) {
    LEFT.add(strand);
  }

  private static void requireFree(Strand left) {
    for (int i = 0; left.isRunnable(); i++) {
      if (i == PATIENCE) {
        throw new IllegalStateException(
            left.label()
                + " of an earlier simulation, which failed, still runs and holds the carrier; fix"
                + " that first. It is"
                + StackTraces.of(left.thread));
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  /** {@return whether two virtual threads can run at the same moment} */
  private static boolean isMany() {
    int threads = 2 + Runtime.getRuntime().availableProcessors();
    var running = new AtomicInteger();
    var most = new AtomicInteger();
    var ended = new CountDownLatch(threads);
    long end = System.nanoTime() + TRIAL_NANOS;
    for (int i = 0; i < threads; i++) {
      Thread.ofVirtual()
          .start(() -> {
            int now = running.incrementAndGet();
            while (now < 2 && System.nanoTime() - end < 0) {
              now = running.get();
              Thread.onSpinWait();
            }
            most.accumulateAndGet(now, Math::max);
            running.decrementAndGet();
            ended.countDown();
          });
    }
    boolean interrupted = false;
    for (; ; ) {
      try {
        ended.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return most.get() > 1;
  }
}
