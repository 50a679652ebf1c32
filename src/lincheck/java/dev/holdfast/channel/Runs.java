package dev.holdfast.channel;

import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.StressOptions;

/**
 * How Lincheck runs operations: short scenarios, since most bugs show after a few steps, and many
 * of them instead of many interleavings of each.
 */
final class Runs {

  private static final int SCENARIOS = Integer.getInteger("lincheck.scenarios", 6);
  private static final int INTERLEAVINGS = Integer.getInteger("lincheck.interleavings", 60);

  private Runs() {}

  /** Lets Lincheck choose the moments at which threads take turns; it copes with spin locks. */
  static void modelCheck(Class<?> operations, Class<?> specification) {
    new ModelCheckingOptions()
        .sequentialSpecification(specification)
        .iterations(SCENARIOS)
        .invocationsPerIteration(INTERLEAVINGS)
        .actorsBefore(0)
        .actorsPerThread(4)
        .actorsAfter(0)
        .check(operations);
  }

  /** Lets the machine choose them; less, for the seeded stress tests do more of that. */
  static void stress(Class<?> operations, Class<?> specification) {
    new StressOptions()
        .sequentialSpecification(specification)
        .iterations(SCENARIOS / 2)
        .invocationsPerIteration(INTERLEAVINGS)
        .actorsBefore(0)
        .actorsPerThread(4)
        .actorsAfter(0)
        .check(operations);
  }
}
