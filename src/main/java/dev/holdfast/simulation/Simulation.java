package dev.holdfast.simulation;

import dev.holdfast.Fork;
import dev.holdfast.Scope;
import dev.holdfast.Scopes;
import dev.holdfast.Task;
import dev.holdfast.internal.clock.Simulator;
import dev.holdfast.internal.util.Checks;
import dev.holdfast.internal.util.Throwables;
import dev.holdfast.simulation.engine.Controller;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * One run of a test, in virtual time and under a seeded schedule.
 *
 * <p>A seed determines everything: which thread runs when, what {@link #random} and a fair select
 * draw, and what the time is. So a failing seed fails again, on every JDK. In a simulation:
 *
 * <ul>
 *   <li>One thread runs at a time. At each operation of Holdfast, and at {@link #point}, the seed
 *       decides which thread that is. In between, no other thread runs.
 *   <li>Time passes only when no thread can run. Then the time jumps to the next timer, so a test
 *       of a timeout takes no time. {@link #settle} and {@link #advance} control it.
 *   <li>A deadlock, a livelock, and threads, timers and scopes that remain at the end fail the test
 *       at once, with the seed.
 * </ul>
 *
 * <p>A simulation consists of its body, every thread that Holdfast starts there, and their timers.
 * The code may use locks, futures and other JDK classes; the simulation also switches threads where
 * these block. A simulation fails if its code waits in real time, for example in {@link
 * Thread#sleep}, for a lock with a timeout or for a socket, and its message names that code. Use
 * {@link Scopes#sleep} and {@link #clock} instead.
 *
 * <p>All virtual threads of the JVM must share one carrier. {@link Simulated} makes JUnit ensure
 * that; otherwise start the JVM with {@code -Djdk.virtualThreadScheduler.parallelism=1}.
 *
 * {@snippet class="dev.holdfast.doc.SimulationPatterns" region="run"}
 *
 * @since 0.1
 */
public final class Simulation {

  /**
   * The code of a simulation.
   *
   * @since 0.1
   */
  @FunctionalInterface
  public interface Body {

    /**
     * Runs the code.
     *
     * @param simulation the simulation that it runs in
     * @throws Exception if the test fails
     */
    void run(Simulation simulation) throws Exception;
  }

  /** 1 January 2000, UTC. */
  private static final Instant BEGINNING = Instant.ofEpochSecond(946_684_800);

  private final long seed;
  private final Random random;
  private @Nullable Controller controller;
  private @Nullable Scope scope;

  Simulation(long seed) {
    this.seed = seed;
    this.random = new Random(seed ^ 0x5DEECE66DL);
  }

  /**
   * Runs a body in a simulation, and returns when the body and everything that it started have
   * ended.
   *
   * <p>The body runs on a virtual thread of its own. If it fails, this method runs it again, up to
   * a few hundred times and for about two seconds, to find out whether the failure is stable and
   * which thread switches lead to it. The calling thread must not be in a simulation; if another
   * thread runs one, this method waits for its end.
   *
   * @param seed determines the schedule
   * @param body the code to run
   * @throws SimulationError if the body throws or the calling thread is interrupted, and for a
   *     deadlock, a livelock, a leak, or a wait in real time
   * @throws IllegalStateException if virtual threads have more than one carrier, or the calling
   *     thread is in a simulation
   */
  public static void run(long seed, Body body) {
    SimulationSpec.DEFAULT.run(seed, body);
  }

  /**
   * A scheduling point in code that uses no operation of Holdfast: another thread may run before
   * this method returns. Does nothing outside a simulation. The calling thread must not hold a
   * monitor, or a lock that other threads need before it continues.
   */
  public static void point() {
    Simulator.point("a point", null);
  }

  void begin(Controller begun) {
    controller = begun;
  }

  /** Runs code in a scope of this simulation. */
  void inScope(Run.Code code) throws InterruptedException {
    Scopes.named("simulation")
        .isolated()
        .run(opened -> {
          scope = opened;
          try {
            code.run(this);
          } catch (Throwable t) {
            throw Throwables.<RuntimeException>sneaky(t);
          }
        });
  }

  private Controller controller() {
    return Objects.requireNonNull(controller);
  }

  /** {@return the seed} */
  public long seed() {
    return seed;
  }

  /**
   * Starts a task alongside the body. A failure of the task goes to the callers of {@link
   * Fork#join}; if there are none, it fails the simulation. Only the thread of the body may call
   * this.
   *
   * @param <R> the type of the result
   * @param task the code to run
   * @return the handle of the task
   * @throws WrongThreadException if another thread calls this
   */
  public <R extends @Nullable Object> Fork<R> start(Task<R, ?> task) {
    Checks.given(task, "task");
    return Objects.requireNonNull(scope, "there is no body")
        .fork(() -> {
          // An isolated scope passes the failure to this handler if no caller has joined the fork.
          Thread.currentThread()
              .setUncaughtExceptionHandler((thread, thrown) -> controller().fail(thrown));
          return task.call();
        });
  }

  /**
   * Waits until no other thread can run. No virtual time passes during the wait. An interrupt does
   * not end the wait; it stays pending.
   *
   * @throws IllegalStateException if the calling thread is not in this simulation
   */
  public void settle() {
    controller().settle(0);
  }

  /**
   * Lets virtual time pass. The timers that become due fire one after the other, each when no other
   * thread can run. This method returns when no other thread can run after that. An interrupt does
   * not end the wait; it stays pending.
   *
   * @param time how much time passes
   * @throws IllegalArgumentException if {@code time} is negative
   * @throws IllegalStateException if the calling thread is not in this simulation
   */
  public void advance(Duration time) {
    controller().settle(Checks.notNegative(time, "time").toNanos());
  }

  /** {@return how much virtual time has passed since the simulation began} */
  public Duration elapsed() {
    return Duration.ofNanos(controller().elapsed());
  }

  /** {@return a clock of the virtual time, which begins on 1 January 2000, UTC} */
  public Clock clock() {
    return new VirtualClock(ZoneOffset.UTC);
  }

  /** {@return random numbers that the seed determines; the same object at each call} */
  public Random random() {
    return random;
  }

  private final class VirtualClock extends Clock {

    private final ZoneId zone;

    VirtualClock(ZoneId zone) {
      this.zone = zone;
    }

    @Override
    public ZoneId getZone() {
      return zone;
    }

    @Override
    public Clock withZone(ZoneId other) {
      return new VirtualClock(Checks.given(other, "zone"));
    }

    @Override
    public Instant instant() {
      return BEGINNING.plusNanos(controller().elapsed());
    }
  }
}
