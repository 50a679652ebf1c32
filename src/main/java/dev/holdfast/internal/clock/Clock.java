package dev.holdfast.internal.clock;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The time, parking and random numbers of the machine or, inside a simulation, of the simulation.
 */
public final class Clock {

  private Clock() {}

  /** {@return the time; see {@link System#nanoTime}} */
  public static long nanoTime() {
    Simulator simulator = Simulator.current();
    return simulator == null ? System.nanoTime() : simulator.nanoTime();
  }

  /** Parks the current thread; see {@link LockSupport#park(Object)}. */
  public static void park(@Nullable Object blocker) {
    Simulator simulator = Simulator.current();
    if (simulator != null) {
      simulator.park(blocker, Simulator.NO_LIMIT);
    } else if (LateStart.isPending()) {
      LateStart.park(blocker, 0);
    } else {
      LockSupport.park(blocker);
    }
  }

  /**
   * Parks the current thread for the given time; see {@link LockSupport#parkNanos(Object, long)}.
   */
  public static void parkNanos(@Nullable Object blocker, long nanos) {
    Simulator simulator = Simulator.current();
    if (nanos <= 0) {
      return;
    }
    if (simulator != null) {
      simulator.park(blocker, nanos);
    } else if (LateStart.isPending()) {
      LateStart.park(blocker, nanos);
    } else {
      LockSupport.parkNanos(blocker, nanos);
    }
  }

  /** {@return random numbers for the current thread} */
  public static RandomGenerator random() {
    Simulator simulator = Simulator.current();
    return simulator == null ? ThreadLocalRandom.current() : simulator.random();
  }
}
