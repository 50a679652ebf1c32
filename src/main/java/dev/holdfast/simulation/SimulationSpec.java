package dev.holdfast.simulation;

import dev.holdfast.internal.util.Checks;
import dev.holdfast.simulation.engine.Chooser;
import dev.holdfast.simulation.engine.FaultPlan;
import dev.holdfast.simulation.engine.Limits;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/**
 * The settings of simulations. Immutable; each setter returns a copy.
 *
 * @since 0.1
 */
public final class SimulationSpec {

  /** The settings of {@link Simulation#run}. */
  public static final SimulationSpec DEFAULT =
      new SimulationSpec(Strategy.MIXED, List.of(), 1_000_000, Duration.ofDays(365), true);

  private final Strategy strategy;
  private final List<Fault> faults;
  private final long steps;
  private final Duration time;
  final boolean explaining;

  private SimulationSpec(
      Strategy strategy, List<Fault> faults, long steps, Duration time, boolean explaining) {
    this.strategy = strategy;
    this.faults = faults;
    this.steps = steps;
    this.time = time;
    this.explaining = explaining;
  }

  /**
   * {@return a copy with a strategy}
   *
   * @param strategy how the thread that runs next is picked; {@link Strategy#MIXED} by default
   */
  public SimulationSpec strategy(Strategy strategy) {
    return new SimulationSpec(Checks.given(strategy, "strategy"), faults, steps, time, explaining);
  }

  /**
   * {@return a copy with faults}
   *
   * @param faults the kinds of faults to insert; none by default
   */
  public SimulationSpec faults(Fault... faults) {
    return new SimulationSpec(strategy, List.of(faults), steps, time, explaining);
  }

  /**
   * {@return a copy with a limit of steps}
   *
   * @param most the maximum number of scheduling points in a run, more than zero; a million by
   *     default
   * @throws IllegalArgumentException if {@code most} is less than 1
   */
  public SimulationSpec steps(long most) {
    if (most < 1) {
      throw new IllegalArgumentException("most must be at least 1, was " + most);
    }
    return new SimulationSpec(strategy, faults, most, time, explaining);
  }

  /**
   * {@return a copy with a limit of virtual time}
   *
   * @param most the maximum virtual time of a run, more than zero; a year by default
   * @throws IllegalArgumentException if {@code most} is zero, negative or longer than 68 years
   */
  public SimulationSpec time(Duration most) {
    return new SimulationSpec(strategy, faults, steps, Checks.positive(most, "most"), explaining);
  }

  /** {@return a copy that runs a body once, even if it fails; a failure then shows no schedule} */
  public SimulationSpec once() {
    return new SimulationSpec(strategy, faults, steps, time, false);
  }

  /**
   * Runs a body with these settings. In all other respects this method is like {@link
   * Simulation#run}.
   *
   * @param seed determines the schedule
   * @param body the code to run
   */
  public void run(long seed, Simulation.Body body) {
    Checks.given(body, "body");
    new Run(this, seed).check(simulation -> simulation.inScope(body::run));
  }

  Chooser chooser(long seed) {
    var random = new Random(seed * 0x9E3779B97F4A7C15L);
    return switch (strategy == Strategy.MIXED ? mixed(seed) : strategy) {
      case MIXED, RANDOM -> Chooser.random(random);
      case STICKY -> Chooser.sticky(random);
      case PRIORITIES -> Chooser.priorities(random);
    };
  }

  /** {@return the strategy of a seed: most bugs are found by RANDOM, some only by the others} */
  private static Strategy mixed(long seed) {
    return switch (Math.floorMod(seed, 8)) {
      case 3, 7 -> Strategy.PRIORITIES;
      case 5 -> Strategy.STICKY;
      default -> Strategy.RANDOM;
    };
  }

  Limits limits() {
    return new Limits(steps, time);
  }

  FaultPlan plan(long seed) {
    return faults.isEmpty()
        ? FaultPlan.NONE
        : new FaultPlan(faults.stream().map(fault -> fault.kind).toList(), seed);
  }

  /** {@return a description of the settings} */
  @Override
  public String toString() {
    return "SimulationSpec[" + strategy + ", faults " + faults + ", at most " + steps + " steps]";
  }
}
