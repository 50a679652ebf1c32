package dev.holdfast.simulation;

/**
 * How a simulation picks the thread that runs next.
 *
 * @since 0.1
 */
public enum Strategy {

  /** The seed picks one of the others, and their parameters. This strategy finds the most bugs. */
  MIXED,

  /** At each scheduling point, each thread that is ready has the same chance. */
  RANDOM,

  /**
   * A thread keeps the turn with a probability that depends on the seed. In all other respects it
   * is like {@link #RANDOM}.
   */
  STICKY,

  /**
   * Each thread has a random priority, the ready thread with the highest one runs, and at a few
   * random steps the running thread gets the lowest one: Burckhardt, Kothari, Musuvathi and
   * Nagarakatte, "A randomized scheduler with probabilistic guarantees of finding bugs", 2010.
   */
  PRIORITIES
}
