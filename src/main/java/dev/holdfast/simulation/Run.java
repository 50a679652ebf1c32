package dev.holdfast.simulation;

import dev.holdfast.internal.clock.Simulator;
import dev.holdfast.simulation.engine.Account;
import dev.holdfast.simulation.engine.Carriers;
import dev.holdfast.simulation.engine.Chooser;
import dev.holdfast.simulation.engine.Controller;
import dev.holdfast.simulation.engine.Explanation;
import dev.holdfast.simulation.engine.Verdict;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One seed: the run, and after a failure the runs that explain it. */
final class Run {

  /** What is run, with the simulation that it runs in. */
  @FunctionalInterface
  interface Code {
    void run(Simulation simulation) throws Throwable;
  }

  /** There is one simulation at a time in a JVM. */
  private static final ReentrantLock ONE = new ReentrantLock();

  private final SimulationSpec spec;
  private final long seed;

  Run(SimulationSpec spec, long seed) {
    this.spec = spec;
    this.seed = seed;
  }

  /** Runs code that can be run again; throws if it fails. */
  void check(Code code) {
    check(new Simulation(seed), code, () -> code);
  }

  /**
   * Runs code.
   *
   * @param again creates the same code for further runs, or returns null if it cannot be run again;
   *     called only after a failure
   */
  void check(Simulation simulation, Code code, Supplier<@Nullable Code> again) {
    if (Simulator.current() != null) {
      throw new IllegalStateException(
          "A simulation cannot start inside another one; use the running one");
    }
    Carriers.requireOne();
    ONE.lock();
    try {
      var account = new Account(false);
      Verdict verdict = run(simulation, code, null, account);
      if (verdict != null) {
        throw error(verdict, account, spec.explaining ? again.get() : null);
      }
    } finally {
      ONE.unlock();
    }
  }

  private @Nullable Verdict run(
      Simulation simulation, Code code, @Nullable Chooser given, Account account) {
    Chooser chooser = given == null ? spec.chooser(seed) : given;
    var controller = new Controller(chooser, seed, spec.limits(), spec.plan(seed), account);
    simulation.begin(controller);
    return controller.run(() -> code.run(simulation));
  }

  private SimulationError error(Verdict verdict, Account account, @Nullable Code again) {
    var text = new StringBuilder("Seed ").append(seed).append(": ").append(verdict.text());
    text.append("\nReplay it alone with -Dholdfast.seed=").append(seed);
    if (again != null) {
      text.append(
          Explanation.of(
              verdict,
              account,
              (chooser, next) -> run(new Simulation(seed), again, chooser, next)));
    }
    return new SimulationError(seed, text.toString(), verdict.cause());
  }
}
