package dev.holdfast.internal.clock;

import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What a simulation provides in place of the machine: the time, parking, the timer thread and the
 * helper threads. A simulation also decides which thread runs.
 *
 * <p>A simulation needs a JVM with one carrier. In every other JVM {@link #POSSIBLE} is the
 * constant {@code false}, and the compiler removes all calls of this class.
 */
public abstract class Simulator {

  /** Whether this JVM can run a simulation: whether all virtual threads share one carrier. */
  public static final boolean POSSIBLE = SchedulerSettings.isSingleCarrierSet();

  /** The value for a wait without a time limit. */
  public static final long NO_LIMIT = Long.MAX_VALUE;

  private static volatile @Nullable Simulator installed;

  /** {@return the simulation that the current thread belongs to, or null} */
  public static @Nullable Simulator current() {
    if (!POSSIBLE) {
      return null;
    }
    Simulator simulator = installed;
    return simulator != null && simulator.contains(Thread.currentThread()) ? simulator : null;
  }

  /**
   * A scheduling point: in a simulation, another thread may run before the current one continues.
   * No lock may be held here.
   *
   * @param operation what the current thread is about to do, for the report of a failure
   * @param subject the object of the operation, described by {@link Object#toString}
   */
  public static void point(String operation, @Nullable Object subject) {
    Simulator simulator = current();
    if (simulator != null) {
      simulator.reach(operation, subject);
    }
  }

  /**
   * Called before the current thread starts a thread that it has created.
   *
   * @param label supplies the purpose of the thread, always in the same words; called only to
   *     report a failure
   */
  public static void starting(Thread thread, Supplier<String> label) {
    Simulator simulator = current();
    if (simulator != null) {
      simulator.adopt(thread, label);
    }
  }

  /** The first call of a thread, which waits here for its turn. */
  public static void begin() {
    Simulator simulator = current();
    if (simulator != null) {
      simulator.beginThread();
    }
  }

  /** The last call of a thread; from then on it may run at any time. */
  public static void end() {
    Simulator simulator = current();
    if (simulator != null) {
      simulator.endThread();
    }
  }

  /**
   * Lets a thread of a simulation return from a park. {@return false if it belongs to no
   * simulation}
   */
  public static boolean unpark(@Nullable Thread thread) {
    if (!POSSIBLE || thread == null) {
      return false;
    }
    Simulator simulator = installed;
    return simulator != null && simulator.wake(thread);
  }

  /** Installs a simulation; null removes it after its end. There is one at a time. */
  protected static void install(@Nullable Simulator simulator) {
    installed = simulator;
  }

  /** {@return whether a thread belongs to this simulation} */
  protected abstract boolean contains(Thread thread);

  protected abstract void reach(String operation, @Nullable Object subject);

  protected abstract void adopt(Thread thread, Supplier<String> label);

  protected abstract void beginThread();

  protected abstract void endThread();

  protected abstract boolean wake(Thread thread);

  protected abstract long nanoTime();

  /**
   * Parks the current thread, like {@code LockSupport}; {@link #NO_LIMIT} parks it indefinitely.
   */
  protected abstract void park(@Nullable Object blocker, long nanos);

  protected abstract RandomGenerator random();

  /** Sets an alarm, or moves one that is set; {@code ring} must neither block nor run user code. */
  public abstract void setAlarm(Object alarm, long at, Runnable ring);

  public abstract void clearAlarm(Object alarm);

  /** {@return how many alarms are set} */
  public abstract int alarms();

  /** Runs an action that may block, on a thread of its own. */
  public abstract void execute(Runnable action);
}
